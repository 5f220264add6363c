import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Defect } from '../../src/core/errors.ts'
import { feeAddressOf } from '../../src/core/ledger/ledger-parameters.ts'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import { ZERO_HASH } from '../../src/core/primitives/hash.ts'
import { resultCode } from '../../src/core/wire/result-code.ts'
import {
  batchOf,
  blockOf,
  bundleOf,
  executeTransfers,
  genesisLedger,
  resultsOf,
  tagOf,
  testAccount,
} from './support/world.ts'

const [alice, bob, carol] = [0, 1, 2].map((index) => testAccount(0, 2, index))
const remote = testAccount(1, 2, 0)
const stranger = testAccount(0, 2, 99)
if (alice === undefined || bob === undefined || carol === undefined)
  throw new Error('accounts exist')

function balanceOf(
  ledger: ReturnType<typeof genesisLedger>,
  address: Uint8Array,
): bigint | undefined {
  return ledger.accountOf(address)?.balance
}

test('a transfer debits its payer, credits its payees and uses up the nonce', () => {
  const ledger = genesisLedger(0, 2)
  const executed = executeTransfers(ledger, [
    {
      from: alice,
      to: [
        { address: bob.address, amount: 300 },
        { address: carol.address, amount: 50 },
      ],
    },
  ])
  assert.deepEqual(resultsOf(executed), ['OK'])
  assert.deepEqual(ledger.accountOf(alice.address), {
    balance: 650n,
    nonceBase: 1,
    nonceBitmap: 0n,
  })
  assert.equal(balanceOf(ledger, bob.address), 1300n)
  assert.equal(balanceOf(ledger, carol.address), 1050n)
  assert.equal(executed.resultCounts[resultCode.ok], 1)
  assert.equal(ledger.height, 1)
})

test('a payee without an account gets one', () => {
  const ledger = genesisLedger(0, 2)
  assert.equal(ledger.accountOf(stranger.address), null)
  executeTransfers(ledger, [{ from: alice, to: [{ address: stranger.address, amount: 7 }] }])
  assert.deepEqual(ledger.accountOf(stranger.address), {
    balance: 7n,
    nonceBase: 0,
    nonceBitmap: 0n,
  })
})

test('who pays oneself keeps the balance and loses the nonce', () => {
  const ledger = genesisLedger(0, 2)
  executeTransfers(ledger, [{ from: alice, to: [{ address: alice.address, amount: 1000 }] }])
  assert.deepEqual(ledger.accountOf(alice.address), {
    balance: 1000n,
    nonceBase: 1,
    nonceBitmap: 0n,
  })
})

test('transactions execute in the order of batches and within them', () => {
  const ledger = genesisLedger(0, 2, { balance: 100 })
  const pass = { amount: 150 }
  const batches = [
    batchOf([{ from: alice, to: [{ address: bob.address, amount: 100 }] }], 0, 1),
    batchOf(
      [
        { from: bob, to: [{ address: carol.address, ...pass }] },
        { from: bob, nonce: 1, to: [{ address: carol.address, ...pass }] },
      ],
      1,
      1,
    ),
  ]
  const executed = ledger.executeBlock(blockOf(ledger, { batches }))
  assert.deepEqual(resultsOf(executed), ['OK', 'OK', 'INSUFFICIENT'])
  assert.equal(balanceOf(ledger, carol.address), 250n)
})

const traceless = [
  {
    name: 'EXPIRED',
    make: (height: number) => ({ from: alice, validUntil: height - 1, nonce: 5 }),
  },
  { name: 'STALE', make: () => ({ from: alice, nonce: 0 }) },
  { name: 'AHEAD', make: () => ({ from: alice, nonce: 65 }) },
  { name: 'UNKNOWN', make: () => ({ from: stranger, nonce: 0 }) },
] as const

for (const { name, make } of traceless) {
  test(`a transaction that ends ${name} leaves no trace in the state, not even the fee`, () => {
    const ledger = genesisLedger(0, 2)
    executeTransfers(ledger, [{ from: alice, to: [{ address: bob.address, amount: 1 }] }])
    const { state, outbox } = ledger.roots
    const executed = executeTransfers(ledger, [
      { ...make(ledger.height + 1), fee: 9, to: [{ address: remote.address, amount: 1 }] },
    ])
    assert.deepEqual(resultsOf(executed), [name])
    assert.equal(ledger.roots.state, state)
    assert.equal(ledger.roots.outbox, outbox)
    assert.notEqual(ledger.roots.result, ZERO_HASH)
  })
}

test('validUntil is the last height at which a transaction executes', () => {
  const ledger = genesisLedger(0, 2)
  const to = [{ address: bob.address, amount: 1 }]
  assert.deepEqual(resultsOf(executeTransfers(ledger, [{ from: alice, validUntil: 1, to }])), [
    'OK',
  ])
  assert.deepEqual(
    resultsOf(executeTransfers(ledger, [{ from: alice, nonce: 1, validUntil: 1, to }])),
    ['EXPIRED'],
  )
})

test('an expired transaction of an unknown payer is EXPIRED: the first rule that applies decides', () => {
  const ledger = genesisLedger(0, 2)
  const executed = executeTransfers(ledger, [
    { from: stranger, validUntil: 0, to: [{ address: bob.address, amount: 1 }] },
  ])
  assert.deepEqual(resultsOf(executed), ['EXPIRED'])
})

test('a transfer beyond the balance is INSUFFICIENT, pays its fee and uses up its nonce', () => {
  const ledger = genesisLedger(0, 2)
  const executed = executeTransfers(ledger, [
    { from: alice, fee: 10, to: [{ address: bob.address, amount: 991 }] },
  ])
  assert.deepEqual(resultsOf(executed), ['INSUFFICIENT'])
  assert.deepEqual(ledger.accountOf(alice.address), {
    balance: 990n,
    nonceBase: 1,
    nonceBitmap: 0n,
  })
  assert.equal(balanceOf(ledger, bob.address), 1000n)
  assert.equal(balanceOf(ledger, feeAddressOf(0, 2)), 10n)
})

test('a fee above the balance takes the balance, and the fee account is part of the supply', () => {
  const ledger = genesisLedger(0, 2, { count: 3, balance: 100 })
  executeTransfers(ledger, [{ from: alice, fee: 500, to: [{ address: bob.address, amount: 1 }] }])
  assert.equal(balanceOf(ledger, alice.address), 0n)
  assert.equal(balanceOf(ledger, feeAddressOf(0, 2)), 100n)
  assert.equal(ledger.supplyParts().balances, 300n)
})

test('without a fee there is no fee account', () => {
  const ledger = genesisLedger(0, 2)
  executeTransfers(ledger, [{ from: alice, to: [{ address: bob.address, amount: 1 }] }])
  assert.equal(ledger.accountOf(feeAddressOf(0, 2)), null)
})

test('a full outbox makes a transfer BUSY: nonce and fee are gone, the amount is not, and nothing is sent', () => {
  const ledger = genesisLedger(0, 2, { window: 3 })
  const to = [{ address: remote.address, amount: 1 }]
  const executed = executeTransfers(ledger, [
    { from: alice, nonce: 0, to: [...to, ...to] },
    { from: alice, nonce: 1, fee: 5, to: [...to, ...to] },
    { from: alice, nonce: 2, to },
    { from: alice, nonce: 3, to },
    { from: alice, nonce: 4, to: [{ address: bob.address, amount: 1 }] },
  ])
  assert.deepEqual(resultsOf(executed), ['OK', 'BUSY', 'OK', 'BUSY', 'OK'])
  assert.deepEqual(ledger.accountOf(alice.address), {
    balance: 991n,
    nonceBase: 5,
    nonceBitmap: 0n,
  })
  assert.equal(ledger.pairAt(1, 1)?.outSequence, 3)
  assert.equal(ledger.outboxRoomOf(1), 0)
})

test('a pair whose total would pass 2^53 - 1 carries nothing more', () => {
  const supply = Number.MAX_SAFE_INTEGER
  const ledger = genesisLedger(0, 2, { count: 1, balance: supply })
  executeTransfers(ledger, [{ from: alice, to: [{ address: remote.address, amount: supply - 5 }] }])
  const to = [{ address: remote.address, amount: 3 }]
  const executed = executeTransfers(ledger, [
    { from: alice, nonce: 1, to: [...to] },
    { from: alice, nonce: 2, to: [{ address: remote.address, amount: 2 }] },
  ])
  assert.deepEqual(resultsOf(executed), ['OK', 'OK'])
  const other = genesisLedger(1, 2, { count: 1, balance: 0 })
  other.executeBlock(blockOf(other, { imports: [bundleOf(ledger, 1, 0)] }))
  executeTransfers(other, [{ from: remote, to: [{ address: alice.address, amount: supply }] }])
  ledger.executeBlock(blockOf(ledger, { imports: [bundleOf(other, 0, 0)] }))
  const back = executeTransfers(ledger, [
    { from: alice, nonce: 3, to: [{ address: remote.address, amount: 1 }] },
  ])
  assert.deepEqual(resultsOf(back), ['BUSY'])
})

test('a commit event names every transaction by its tag, with its code', () => {
  const ledger = genesisLedger(0, 2)
  const first = { from: alice, to: [{ address: bob.address, amount: 1 }] }
  const second = { from: alice, nonce: 0, salt: 1, to: [{ address: bob.address, amount: 1 }] }
  const { event, resultLeaves } = ledger.executeBlock(
    blockOf(ledger, { batches: [batchOf([first, second], 3, 8)] }),
  )
  const [batch] = event.batches
  assert.equal(batch?.author, 3)
  assert.equal(batch.sequence, 8)
  assert.equal(batch.count, 2)
  assert.deepEqual(hexOf(batch.tags), hexOf(tagOf(first)) + hexOf(tagOf(second)))
  assert.deepEqual([...batch.results], [resultCode.ok, resultCode.stale])
  assert.equal(resultLeaves.length, 1)
  assert.equal(event.timeMs, 1000)
})

test('a block without batches has no result root and leaves no work', () => {
  const ledger = genesisLedger(0, 2)
  const before = ledger.roots
  const executed = ledger.executeBlock(blockOf(ledger, {}))
  assert.deepEqual(executed.roots, { ...before, result: ZERO_HASH })
})

test('blocks execute in height order only', () => {
  const ledger = genesisLedger(0, 2)
  assert.throws(() => ledger.executeBlock({ ...blockOf(ledger, {}), height: 2 }), Defect)
  ledger.executeBlock(blockOf(ledger, {}))
  assert.throws(() => ledger.executeBlock({ ...blockOf(ledger, {}), height: 1 }), Defect)
})

test('the order of genesis rows does not matter to the roots', () => {
  const one = genesisLedger(0, 2, { count: 40, spread: 2 })
  const other = genesisLedger(0, 2, { count: 40, spread: 2, reversed: true })
  assert.equal(one.roots.state, other.roots.state)
})
