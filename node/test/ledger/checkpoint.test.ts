import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StateStoreError, type StateEntry } from '../../src/core/ledger/checkpoint.ts'
import { Ledger } from '../../src/core/ledger/ledger.ts'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import {
  blockOf,
  bundleOf,
  executeTransfers,
  genesisLedger,
  parametersOf,
  seeded,
  testAccount,
} from './support/world.ts'

const alice = testAccount(0, 2, 0)
const bob = testAccount(1, 2, 0)

/** A ledger with five unacknowledged messages of seven sent, and its stored entries. */
function stored(): { ledger: Ledger; entries: StateEntry[] } {
  const [ledger, other] = [genesisLedger(0, 2), genesisLedger(1, 2)]
  const to = [{ address: bob.address, amount: 1 }]
  executeTransfers(
    ledger,
    Array.from({ length: 7 }, (_, nonce) => ({ from: alice, nonce, to })),
  )
  other.executeBlock(blockOf(other, { imports: [bundleOf(ledger, 1, 0, 2)] }))
  ledger.executeBlock(blockOf(ledger, { imports: [bundleOf(other, 0, 0)] }))
  return { ledger, entries: [...ledger.takeDirty().puts] }
}

test('a restored ledger has the roots, the outbox and the proofs of the old one', () => {
  const { ledger, entries } = stored()
  const restored = Ledger.restore(parametersOf(0, 2), entries)
  assert.deepEqual(restored.roots, ledger.roots)
  assert.equal(restored.height, ledger.height)
  assert.equal(restored.acknowledgedOf(1), 2)
  assert.deepEqual(restored.bundleRange(2, 1, 3, 9), ledger.bundleRange(2, 1, 3, 9))
  assert.deepEqual(restored.supplyParts(), ledger.supplyParts())
  assert.deepEqual(
    restored.takeDirty().puts.map(({ key }) => key[0]),
    [0x68, 0x70],
    'nothing but head and pair is written again',
  )
})

test('a checkpoint writes what changed since the last one', () => {
  const { ledger } = stored()
  executeTransfers(ledger, [
    { from: alice, nonce: 7, to: [{ address: testAccount(0, 2, 1).address, amount: 1 }] },
  ])
  const { puts, deletes, height } = ledger.takeDirty()
  assert.equal(height, 3)
  assert.equal(puts.filter(({ key }) => key[0] === 0x61).length, 2)
  assert.deepEqual(deletes, [])
})

test('a message that was sent and acknowledged between two checkpoints is never stored', () => {
  const { entries } = stored()
  assert.deepEqual(
    entries.filter(({ key }) => key[0] === 0x6d).map(({ key }) => hexOf(key.subarray(3))),
    [2, 3, 4, 5, 6].map((sequence) => sequence.toString(16).padStart(16, '0')),
  )
})

const damages: readonly {
  name: string
  damage: (entries: StateEntry[]) => readonly StateEntry[]
}[] = [
  { name: 'no entries', damage: () => [] },
  { name: 'no head', damage: (entries) => entries.filter(({ key }) => key[0] !== 0x68) },
  {
    name: 'a lost account',
    damage: (entries) =>
      entries.filter(({ key }) => hexOf(key.subarray(1)) !== hexOf(alice.address)),
  },
  {
    name: 'a lost message',
    damage: (entries) => entries.filter(({ key }) => key[0] !== 0x6d || key[10] !== 4),
  },
  { name: 'a lost pair', damage: (entries) => entries.filter(({ key }) => key[0] !== 0x70) },
  {
    name: 'an unknown kind',
    damage: (entries) => [...entries, { key: Uint8Array.of(1), value: new Uint8Array(0) }],
  },
  {
    name: 'a cut value',
    damage: (entries) =>
      entries.map(({ key, value }) => ({
        key,
        value: key[0] === 0x61 ? value.subarray(1) : value,
      })),
  },
  { name: 'a flipped bit in a message', damage: (entries) => flip(entries, 0x6d, 95) },
  { name: 'a flipped bit in a balance', damage: (entries) => flip(entries, 0x61, 7) },
  { name: 'a flipped bit in what was acknowledged', damage: (entries) => flip(entries, 0x70, 7) },
  { name: 'a flipped bit in the frontier', damage: (entries) => flip(entries, 0x70, 45) },
  { name: 'another network', damage: (entries) => flip(entries, 0x68, 3) },
  { name: 'a newer format', damage: (entries) => flip(entries, 0x68, 0) },
]

function flip(entries: readonly StateEntry[], kind: number, offset: number): StateEntry[] {
  return entries.map(({ key, value }) => {
    if (key[0] !== kind) return { key, value }
    const changed = value.slice()
    changed[offset] = (changed[offset] ?? 0) ^ 1
    return { key, value: changed }
  })
}

for (const { name, damage } of damages) {
  test(`a store with ${name} is refused`, () => {
    const { entries } = stored()
    assert.throws(() => Ledger.restore(parametersOf(0, 2), damage(entries)), StateStoreError)
  })
}

test('a store of another shard is refused', () => {
  assert.throws(() => Ledger.restore(parametersOf(1, 2), stored().entries), StateStoreError)
  assert.notEqual(hexOf(seeded('a')), hexOf(seeded('b')))
})
