import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashOfBytes } from '../../src/core/primitives/hash.ts'
import { encodeCellTransaction, type CellOperation } from '../../src/core/wire/cell-operation.ts'
import { areReadsOf } from '../../src/core/wire/cell-reads.ts'
import {
  arenaOf,
  checkForm,
  networkTagOf,
  type FormRejection,
  type FormRules,
} from '../../src/core/wire/transaction.ts'

const networkId = hashOfBytes(new Uint8Array(32).fill(5))
/** Shard 1 of 4. */
const rules: FormRules = {
  networkTag: networkTagOf(networkId),
  slotFirst: 16_384,
  slotEnd: 32_768,
  payloadBytesMax: 10,
}

function cellIn(slot: number): Uint8Array {
  const key = new Uint8Array(32).fill(7)
  key[0] = slot >> 8
  key[1] = slot & 255
  return key
}
const cell = cellIn(20_000)
const value = new Uint8Array(128).fill(1)
const put: CellOperation = { kind: 'put', cell, value }
const get: CellOperation = { kind: 'get', cell }
const compareAndSet: CellOperation = { kind: 'compareAndSet', cell, expected: value, value }

function bytesOf(operation: CellOperation, payloadBytes = 0, payerSlot = 16_384): Uint8Array {
  return encodeCellTransaction({
    networkId,
    payerSlot,
    payerKey: new Uint8Array(32),
    nonce: 1,
    validUntil: 1,
    fee: 1,
    operation,
    payload: new Uint8Array(payloadBytes),
  })
}

function verdictOf(bytes: Uint8Array): number | FormRejection {
  return checkForm(arenaOf(bytes), 0, rules)
}

function changed(bytes: Uint8Array, offset: number, byte: number): Uint8Array {
  const copy = bytes.slice()
  copy[offset] = byte
  return copy
}

test('operations on cells of the payer’s shard are taken, up to the longest values and payload', () => {
  for (const operation of [put, get, compareAndSet]) {
    for (const slot of [16_384, 32_767]) {
      const bytes = bytesOf({ ...operation, cell: cellIn(slot) }, 10)
      assert.equal(verdictOf(bytes), bytes.length)
    }
  }
  const create = bytesOf({ ...compareAndSet, expected: new Uint8Array(0) })
  assert.equal(verdictOf(create), create.length)
})

const refused: readonly (readonly [string, FormRejection, Uint8Array])[] = [
  ['a cell right below the shard', 'WRONG_SHARD', bytesOf({ ...put, cell: cellIn(16_383) })],
  ['a cell right above the shard', 'WRONG_SHARD', bytesOf({ ...put, cell: cellIn(32_768) })],
  ['a read of a cell elsewhere', 'WRONG_SHARD', bytesOf({ ...get, cell: cellIn(0) })],
  ['a payer elsewhere', 'WRONG_SHARD', bytesOf(put, 0, 0)],
  ['a payload beyond the genesis', 'TOO_LARGE', bytesOf(put, 11)],
  ['a value of 129 bytes', 'TOO_LARGE', changed(bytesOf(put, 10), 62, 129)],
  ['an expected value of 129 bytes', 'TOO_LARGE', changed(bytesOf(compareAndSet, 10), 61, 129)],
  ['values that run into the signature', 'MALFORMED', changed(bytesOf(compareAndSet), 61, 129)],
  ['a put of nothing', 'MALFORMED', changed(bytesOf(put, 0), 62, 0)],
  ['a compareAndSet of nothing', 'MALFORMED', changed(bytesOf(compareAndSet), 62, 0)],
  ['a get that writes', 'MALFORMED', changed(bytesOf(get, 1), 62, 1)],
  ['a get that expects', 'MALFORMED', changed(bytesOf(get, 1), 61, 1)],
  ['a put that expects', 'MALFORMED', changed(bytesOf(put, 1), 61, 1)],
  ['a cell transaction with a payee', 'MALFORMED', withPayee()],
  ['a reserved byte', 'MALFORMED', changed(bytesOf(put), 63, 1)],
  ['a nonce near 2^53', 'MALFORMED', changed(bytesOf(put), 41, 0x1f).fill(0xff, 42, 48)],
  ['several payers', 'UNSUPPORTED_KIND', changed(bytesOf(put), 1, 5)],
  ['kind 0', 'UNSUPPORTED_KIND', changed(bytesOf(put), 1, 0)],
]

/** Its data is long enough to give the payee room, so that only the count is wrong. */
function withPayee(): Uint8Array {
  const bytes = bytesOf(put, 10)
  const longer = new Uint8Array(bytes.length + 40)
  longer.set(bytes)
  longer[60] = 1
  return longer
}

for (const [name, code, bytes] of refused) {
  test(`${name} is refused as ${code}`, () => assert.equal(verdictOf(bytes), code))
}

test('a transaction that is not even as long as a key is refused', () => {
  const short = new Uint8Array(64 + 31 + 64)
  short.set(bytesOf(get).subarray(0, 95))
  new DataView(short.buffer).setUint32(56, 31)
  assert.equal(verdictOf(short), 'MALFORMED')
})

test('a key of another length, an empty and a too long value are our own mistakes', () => {
  const wrong: readonly CellOperation[] = [
    { ...put, cell: new Uint8Array(31) },
    { ...put, value: new Uint8Array(0) },
    { ...put, value: new Uint8Array(129) },
    { ...compareAndSet, expected: new Uint8Array(129) },
  ]
  for (const operation of wrong) assert.throws(() => bytesOf(operation))
})

test('reads are those of gets that ended OK, in order, whole', () => {
  const results = Uint8Array.of(0, 6, 0)
  const read = (position: number, length: number, bytes = length) => [
    ...[0, 0, 0, position, length],
    ...new Uint8Array(bytes),
  ]
  const isRight = (...reads: number[][]) => areReadsOf(results, Uint8Array.from(reads.flat()))
  assert.ok(isRight())
  assert.ok(isRight(read(0, 0), read(2, 128)))
  assert.ok(!isRight(read(1, 0)), 'of a mismatch')
  assert.ok(!isRight(read(3, 0)), 'of nobody')
  assert.ok(!isRight(read(2, 1), read(0, 1)), 'descending')
  assert.ok(!isRight(read(2, 1), read(2, 1)), 'twice')
  assert.ok(!isRight(read(0, 129)), 'too long')
  assert.ok(!isRight(read(0, 9, 8)), 'cut in the value')
  assert.ok(!isRight(read(0, 0).slice(0, 4)), 'cut in the head')
})
