import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ByteSlab } from '../src/byte-slab.ts'
import { FlightTable, NO_ROW } from '../src/flight-table.ts'

const BYTES_MIN = 72
const BYTES_MAX = 70_000

/** Tags that fall on few places of the index, so that runs of entries grow and holes open inside them. */
const tagArbitrary = fc.record({
  high: fc.integer({ min: 0, max: 3 }),
  low: fc.integer({ min: 0, max: 9 }),
})
const lengthArbitrary = fc.oneof(
  fc.integer({ min: BYTES_MIN, max: 400 }),
  fc.integer({ min: BYTES_MIN, max: BYTES_MAX }),
)

test('the table finds exactly what is in flight, like a plain map would, bytes of any length included', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ tag: tagArbitrary, adds: fc.boolean(), length: lengthArbitrary }), {
        minLength: 50,
        maxLength: 300,
      }),
      (steps) => {
        const table = new FlightTable({
          capacity: 32,
          transactionBytesMax: BYTES_MAX,
          bytesMax: 1_048_576,
        })
        const plain = new Map<string, { readonly row: number; readonly bytes: Uint8Array }>()
        for (const { tag, adds, length } of steps) {
          const key = `${tag.high}/${tag.low}`
          const known = plain.get(key)
          assert.equal(table.find(tag.high, tag.low), known?.row ?? NO_ROW)
          if (known === undefined && adds && table.hasRoomFor(length)) {
            const bytes = bytesOf(tag, length)
            plain.set(key, { row: table.add(departureOf(bytes), 4), bytes })
          } else if (known !== undefined && !adds) {
            assert.ok(Buffer.from(table.bytesOf(known.row)).equals(known.bytes))
            table.remove(known.row)
            plain.delete(key)
          }
          assert.equal(table.count, plain.size)
        }
        for (const { row, bytes } of plain.values())
          assert.ok(Buffer.from(table.bytesOf(row)).equals(bytes))
      },
    ),
    { numRuns: 30 },
  )
})

test('a slab never takes more memory than it may, and what is given back is used again', () => {
  const slab = new ByteSlab(1_000, 600_000)
  const bytes = new Uint8Array(1_000)
  const places = []
  while (slab.hasRoomFor(1_000)) places.push(slab.put(bytes, 0, 1_000))
  assert.ok(places.length >= 600 && places.length <= 900, `${places.length}`)
  assert.ok(slab.hasRoomFor(100), 'another size has its first chunk all the same')
  for (const { sizeClass, slot } of places.splice(0, 10)) slab.giveBack(sizeClass, slot)
  for (let i = 0; i < 10; i++) slab.put(bytes, 0, 1_000)
  assert.equal(slab.hasRoomFor(1_000), false)
})

/** Random bytes in front, so that a mix-up of two rows shows; the transaction lies inside of a larger buffer. */
function bytesOf(tag: { readonly high: number; readonly low: number }, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(tag.high * 16 + tag.low + 1)
  const view = new DataView(bytes.buffer)
  view.setUint32(length - 64, tag.high)
  view.setUint32(length - 60, tag.low)
  return bytes
}

function departureOf(transaction: Uint8Array) {
  const bytes = new Uint8Array(transaction.length + 7)
  bytes.set(transaction, 5)
  const { length } = transaction
  return {
    bytes,
    offset: 5,
    length,
    account: 1,
    payerShard: 0,
    nonce: 2,
    validUntil: 3,
    creditsLeft: 0,
  }
}
