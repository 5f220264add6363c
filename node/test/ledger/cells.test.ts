import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CELL_CREATION_FEE, CELLS_MAX } from '../../src/core/ledger/cell-limits.ts'
import { StateStoreError, type StateEntry } from '../../src/core/ledger/checkpoint.ts'
import { feeAddressOf } from '../../src/core/ledger/ledger-parameters.ts'
import { Ledger } from '../../src/core/ledger/ledger.ts'
import { asciiBytes, hexOf } from '../../src/core/primitives/bytes.ts'
import { cellKeyOf, type CellOperation } from '../../src/core/wire/cell-operation.ts'
import { readAt, readsIn } from '../../src/core/wire/cell-reads.ts'
import {
  batchOf,
  blockOf,
  executeTransfers,
  genesisLedger,
  parametersOf,
  readsOf,
  resultsOf,
  testAccount,
  type TestCellTransaction,
} from './support/world.ts'

const [alice, bob] = [testAccount(0, 2, 0), testAccount(0, 2, 1)]
const remote = testAccount(1, 2, 0)
const cell = cellKeyOf(alice.slot, asciiBytes('one cell'))
const other = cellKeyOf(bob.slot, asciiBytes('another cell'))
const [a, b, nothing] = [asciiBytes('a'), asciiBytes('b'), new Uint8Array(0)]

const put = (value: Uint8Array, key = cell): CellOperation => ({ kind: 'put', cell: key, value })
const get = (key = cell): CellOperation => ({ kind: 'get', cell: key })
const compareAndSet = (expected: Uint8Array, value: Uint8Array, key = cell): CellOperation => ({
  kind: 'compareAndSet',
  cell: key,
  expected,
  value,
})

/** Operations of alice, one nonce after the other, each with the price of a new cell as its fee. */
function by(operations: readonly CellOperation[], nonce = 0): TestCellTransaction[] {
  return operations.map((operation, i) => ({
    from: alice,
    nonce: nonce + i,
    fee: CELL_CREATION_FEE,
    operation,
  }))
}

function richLedger(): Ledger {
  return genesisLedger(0, 2, { balance: 1_000_000 })
}

test('a get reads what the last write before it wrote, in the order of the block', () => {
  const ledger = richLedger()
  const executed = executeTransfers(ledger, by([get(), put(a), get(), put(b), get(), get(other)]))
  assert.deepEqual(new Set(resultsOf(executed)), new Set(['OK']))
  assert.deepEqual(readsOf(executed), [
    [0, ''],
    [2, hexOf(a)],
    [4, hexOf(b)],
    [5, ''],
  ])
  assert.deepEqual(ledger.cellOf(cell), b)
})

test('every batch has its own reads', () => {
  const ledger = richLedger()
  const batches = [by([put(a), get()]), by([get(other)], 2), by([put(b)], 3), by([get()], 4)]
  const executed = ledger.executeBlock(
    blockOf(ledger, { batches: batches.map((batch, i) => batchOf(batch, i)) }),
  )
  assert.deepEqual(
    executed.event.batches.map(({ reads }) =>
      Array.from(readsIn(reads), ({ value }) => hexOf(value)),
    ),
    [[hexOf(a)], [''], [], [hexOf(b)]],
  )
})

test('a get in a later block reads the same, whoever asks', () => {
  const ledger = richLedger()
  executeTransfers(ledger, by([put(a)]))
  const executed = executeTransfers(ledger, [{ from: bob, operation: get() }])
  assert.deepEqual(readsOf(executed), [[0, hexOf(a)]])
})

test('compareAndSet writes only over exactly what it expects, and says so', () => {
  const ledger = richLedger()
  const executed = executeTransfers(
    ledger,
    by([
      compareAndSet(a, b),
      put(a),
      compareAndSet(b, a),
      compareAndSet(asciiBytes('ab'), b),
      compareAndSet(nothing, b),
      compareAndSet(a, b),
      get(),
    ]),
  )
  assert.deepEqual(resultsOf(executed), [
    'CAS_MISMATCH',
    'OK',
    'CAS_MISMATCH',
    'CAS_MISMATCH',
    'CAS_MISMATCH',
    'OK',
    'OK',
  ])
  assert.deepEqual(readsOf(executed), [[6, hexOf(b)]])
})

test('of two that create one cell, expecting nothing, the first in the order wins', () => {
  const ledger = richLedger()
  const executed = executeTransfers(ledger, [
    { from: bob, fee: CELL_CREATION_FEE, operation: compareAndSet(nothing, b) },
    { from: alice, fee: CELL_CREATION_FEE, operation: compareAndSet(nothing, a) },
  ])
  assert.deepEqual(resultsOf(executed), ['OK', 'CAS_MISMATCH'])
  assert.deepEqual(ledger.cellOf(cell), b)
})

test('every result uses up the nonce and takes the fee, a mismatch too', () => {
  const ledger = richLedger()
  const executed = executeTransfers(ledger, [
    { from: alice, nonce: 0, fee: 7, operation: compareAndSet(a, b) },
    { from: alice, nonce: 1, fee: 5, operation: get() },
    { from: alice, nonce: 2, fee: CELL_CREATION_FEE - 1, operation: put(a) },
  ])
  assert.deepEqual(resultsOf(executed), ['CAS_MISMATCH', 'OK', 'INSUFFICIENT'])
  assert.deepEqual(ledger.accountOf(alice.address), {
    balance: 1_000_000n - 12n - BigInt(CELL_CREATION_FEE - 1),
    nonceBase: 3,
    nonceBitmap: 0n,
  })
  assert.equal(ledger.accountOf(feeAddressOf(0, 2))?.balance, 12n + BigInt(CELL_CREATION_FEE - 1))
  assert.equal(ledger.supplyParts().balances, 8_000_000n)
})

test('a transaction that ends STALE, AHEAD, EXPIRED or UNKNOWN neither reads nor writes', () => {
  const ledger = richLedger()
  executeTransfers(ledger, by([put(a)]))
  const { state } = ledger.roots
  const executed = executeTransfers(ledger, [
    { from: alice, nonce: 0, fee: 100, operation: put(b) },
    { from: alice, nonce: 0, operation: get() },
    { from: alice, nonce: 65, operation: put(b) },
    { from: alice, nonce: 1, validUntil: 1, operation: get() },
    { from: testAccount(0, 2, 99), operation: get() },
  ])
  assert.deepEqual(resultsOf(executed), ['STALE', 'STALE', 'AHEAD', 'EXPIRED', 'UNKNOWN'])
  assert.deepEqual(readsOf(executed), [])
  assert.equal(ledger.roots.state, state)
})

test('a new cell has its price; writing to one that exists has none', () => {
  const ledger = richLedger()
  const cheap = (nonce: number, operation: CellOperation) => ({ from: alice, nonce, operation })
  const executed = executeTransfers(ledger, [
    cheap(0, put(a)),
    cheap(1, compareAndSet(nothing, a)),
    { from: alice, nonce: 2, fee: CELL_CREATION_FEE, operation: compareAndSet(nothing, a) },
    cheap(3, put(b)),
    cheap(4, compareAndSet(b, a)),
  ])
  assert.deepEqual(resultsOf(executed), ['INSUFFICIENT', 'INSUFFICIENT', 'OK', 'OK', 'OK'])
})

test('who offers the price and does not have it creates nothing', () => {
  const ledger = genesisLedger(0, 2, { balance: CELL_CREATION_FEE - 1 })
  const executed = executeTransfers(ledger, by([put(a)]))
  assert.deepEqual(resultsOf(executed), ['INSUFFICIENT'])
  assert.deepEqual(ledger.cellOf(cell), nothing)
})

test('a shard that is full of cells makes no more, and goes on writing to those it has', () => {
  const ledger = genesisLedger(0, 2, { balance: 2 * CELLS_MAX * CELL_CREATION_FEE })
  const keys = Array.from({ length: CELLS_MAX }, (_, i) =>
    cellKeyOf(alice.slot, asciiBytes(`cell ${i}`)),
  )
  for (let from = 0; from < CELLS_MAX; from += 1024) {
    const fill = keys.slice(from, from + 1024).map((key) => put(a, key))
    const results = resultsOf(executeTransfers(ledger, by(fill, from)))
    assert.ok(results.every((result) => result === 'OK'))
  }
  const first = keys[0] ?? cell
  const executed = executeTransfers(ledger, [
    ...by([put(a), compareAndSet(nothing, a), put(b, first), get(first), get()], CELLS_MAX),
    { from: alice, nonce: CELLS_MAX + 5, fee: CELL_CREATION_FEE - 1, operation: put(a) },
  ])
  assert.deepEqual(resultsOf(executed), ['BUSY', 'BUSY', 'OK', 'OK', 'OK', 'INSUFFICIENT'])
  assert.deepEqual(readsOf(executed), [
    [3, hexOf(b)],
    [4, ''],
  ])
})

test('a value may have 128 bytes, and a shorter one leaves nothing of it behind', () => {
  const ledger = richLedger()
  const long = new Uint8Array(128).fill(9)
  executeTransfers(ledger, by([put(long)]))
  assert.deepEqual(ledger.cellOf(cell), long)
  const executed = executeTransfers(ledger, by([put(a), get(), compareAndSet(a, long), get()], 1))
  assert.deepEqual(readsOf(executed), [
    [1, hexOf(a)],
    [3, hexOf(long)],
  ])
})

test('cells and accounts do not get in each other’s way, even under one key', () => {
  const ledger = richLedger()
  const before = ledger.accountOf(bob.address)
  executeTransfers(ledger, by([put(a, bob.address)]))
  assert.deepEqual(ledger.accountOf(bob.address), before)
  assert.deepEqual(ledger.cellOf(bob.address), a)
  assert.equal(ledger.accountOf(cell), null)
})

test('a cell of another shard is nobody’s here', () => {
  assert.equal(richLedger().cellOf(remote.address), null)
})

test('equal cells give equal roots, whatever the order in which they came into being', () => {
  const roots = [
    [put(a), put(b, other)],
    [put(b, other), put(a)],
    [put(b), put(b, other), put(a)],
  ].map((operations) => {
    const ledger = richLedger()
    executeTransfers(ledger, by(operations))
    // What is spent must be equal, too: the rest of the nonces is used on reads.
    executeTransfers(
      ledger,
      by(
        Array.from({ length: 4 - operations.length }, () => get()),
        operations.length,
      ),
    )
    return ledger.roots.state
  })
  assert.equal(new Set(roots).size, 1)
})

test('the read of one transaction is found by its position', () => {
  const ledger = richLedger()
  const executed = executeTransfers(ledger, by([put(a), get(), get(other)]))
  const [batch] = executed.event.batches
  assert.ok(batch !== undefined)
  assert.deepEqual(
    [0, 1, 2, 3].map((position) => readAt(batch.reads, position)),
    [null, a, nothing, null],
  )
})

/** A ledger with two cells, one of them overwritten, and everything that it stored, in two checkpoints. */
function stored(): { ledger: Ledger; entries: StateEntry[] } {
  const ledger = richLedger()
  executeTransfers(ledger, by([put(a), put(b, other)]))
  const entries = new Map<string, StateEntry>()
  const save = (): void => {
    for (const entry of ledger.takeDirty().puts) entries.set(hexOf(entry.key), entry)
  }
  save()
  executeTransfers(ledger, by([put(b)], 2))
  save()
  return { ledger, entries: [...entries.values()] }
}

test('a restored ledger has the cells, and goes on as the old one would', () => {
  const { ledger, entries } = stored()
  const restored = Ledger.restore(parametersOf(0, 2), entries.toReversed())
  assert.deepEqual(restored.roots, ledger.roots)
  assert.deepEqual(restored.cellOf(cell), b)
  assert.equal(restored.takeDirty().puts.filter(({ key }) => key[0] === 0x63).length, 0)
  const next = by([compareAndSet(b, a), put(b, other), get(), get(other)], 3)
  assert.deepEqual(executeTransfers(restored, next), executeTransfers(ledger, next))
})

test('a checkpoint writes only cells that changed', () => {
  const { ledger } = stored()
  executeTransfers(ledger, by([get(), put(a, other), compareAndSet(a, b)], 3))
  const cells = ledger.takeDirty().puts.filter(({ key }) => key[0] === 0x63)
  assert.deepEqual(
    cells.map(({ key, value }) => [hexOf(key.subarray(1)), hexOf(value)]),
    [[hexOf(other), hexOf(a)]],
  )
})

const damages: readonly { name: string; damage: (entry: StateEntry) => StateEntry | null }[] = [
  { name: 'a lost cell', damage: () => null },
  { name: 'a flipped bit in a value', damage: ({ key }) => ({ key, value: asciiBytes('c') }) },
  { name: 'an empty cell', damage: ({ key }) => ({ key, value: nothing }) },
  { name: 'a cell that is too long', damage: ({ key }) => ({ key, value: new Uint8Array(129) }) },
  { name: 'a cut key', damage: ({ key, value }) => ({ key: key.subarray(0, 20), value }) },
  {
    name: 'a cell under another key',
    damage: ({ key, value }) => ({
      key: key.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
      value,
    }),
  },
]

for (const { name, damage } of damages) {
  test(`a store with ${name} is refused`, () => {
    const { entries } = stored()
    const damaged = entries.flatMap((entry) =>
      entry.key[0] === 0x63 ? (damage(entry) ?? []) : entry,
    )
    assert.throws(() => Ledger.restore(parametersOf(0, 2), damaged), StateStoreError)
  })
}
