import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { FlightTable, NO_ROW } from '../src/flight-table.ts'

const BYTES = 72

/** Tags that fall on few places of the index, so that runs of entries grow and holes open inside them. */
const tagArbitrary = fc.record({
  high: fc.integer({ min: 0, max: 3 }),
  low: fc.integer({ min: 0, max: 9 }),
})

test('the table finds exactly what is in flight, like a plain map would', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ tag: tagArbitrary, adds: fc.boolean() }), {
        minLength: 50,
        maxLength: 300,
      }),
      (steps) => {
        const table = new FlightTable(32, BYTES)
        const plain = new Map<string, number>()
        for (const { tag, adds } of steps) {
          const key = `${tag.high}/${tag.low}`
          const row = plain.get(key)
          assert.equal(table.find(tag.high, tag.low), row ?? NO_ROW)
          if (row === undefined && adds && !table.isFull) {
            plain.set(
              key,
              table.add({
                bytes: bytesOf(tag),
                account: 1,
                payerShard: 0,
                nonce: 2,
                validUntil: 3,
                creditsLeft: 0,
                scheduledMs: 4,
              }),
            )
          } else if (row !== undefined && !adds) {
            assert.deepEqual(table.bytesOf(row), bytesOf(tag))
            table.remove(row)
            plain.delete(key)
          }
          assert.equal(table.count, plain.size)
        }
      },
    ),
  )
})

function bytesOf(tag: { readonly high: number; readonly low: number }): Uint8Array {
  const bytes = new Uint8Array(BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(BYTES - 64, tag.high)
  view.setUint32(BYTES - 60, tag.low)
  return bytes
}
