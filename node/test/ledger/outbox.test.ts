import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Defect } from '../../src/core/errors.ts'
import type { Ledger } from '../../src/core/ledger/ledger.ts'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import {
  batchOf,
  blockOf,
  bundleOf,
  executeTransfers,
  genesisLedger,
  headerOf,
  resultsOf,
  tagOf,
  testAccount,
} from './support/world.ts'

const alice = testAccount(0, 2, 0)
const bob = testAccount(1, 2, 0)

/** Sends `count` transfers of 1 to Bob in one block. */
function send(ledger: Ledger, count: number, firstNonce = 0): string[] {
  const to = [{ address: bob.address, amount: 1 }]
  return resultsOf(
    executeTransfers(
      ledger,
      Array.from({ length: count }, (_, i) => ({ from: alice, nonce: firstNonce + i, to })),
    ),
  )
}

function pair(options = {}): { source: Ledger; destination: Ledger } {
  return { source: genesisLedger(0, 2, options), destination: genesisLedger(1, 2, options) }
}

test('a remote transfer is debited, carried by the outbox and credited by the import, with its tag', () => {
  const { source, destination } = pair()
  const transfer = { from: alice, fee: 2, to: [{ address: bob.address, amount: 30 }] }
  source.executeBlock(blockOf(source, { batches: [batchOf([transfer])] }))
  assert.equal(source.accountOf(alice.address)?.balance, 968n)
  assert.equal(source.pairAt(1, 1)?.outSequence, 1)
  assert.equal(source.pairAt(1, 1)?.totalOut, 30)
  const executed = destination.executeBlock(
    blockOf(destination, { imports: [bundleOf(source, 1, 0)] }),
  )
  assert.equal(destination.accountOf(bob.address)?.balance, 1030n)
  assert.deepEqual(executed.event.credits, [
    { source: 0, first: 0, count: 1, tags: tagOf(transfer) },
  ])
  assert.deepEqual(destination.pairAt(1, 0), {
    ...destination.pairAt(0, 0),
    inNext: 1,
    totalIn: 30,
  })
})

test('a bundle executed twice stops the validator: the ledger asserts that imports start at inNext', () => {
  const { source, destination } = pair()
  send(source, 3)
  const bundle = bundleOf(source, 1, 0)
  destination.executeBlock(blockOf(destination, { imports: [bundle] }))
  assert.throws(() => destination.executeBlock(blockOf(destination, { imports: [bundle] })), Defect)
  const { destination: other } = pair()
  assert.throws(
    () => other.executeBlock(blockOf(other, { imports: [bundleOf(source, 1, 1)] })),
    Defect,
  )
})

test('two bundles of one source in one block follow each other', () => {
  const { source, destination } = pair()
  send(source, 5)
  const imports = [bundleOf(source, 1, 0, 2), bundleOf(source, 1, 2)]
  const executed = destination.executeBlock(blockOf(destination, { imports }))
  assert.deepEqual(
    executed.event.credits.map(({ first, count }) => [first, count]),
    [
      [0, 2],
      [2, 3],
    ],
  )
  assert.equal(destination.accountOf(bob.address)?.balance, 1005n)
})

test('an import acknowledges, which opens the window within the same block', () => {
  const { source, destination } = pair({ window: 4 })
  assert.deepEqual(send(source, 5), ['OK', 'OK', 'OK', 'OK', 'BUSY'])
  destination.executeBlock(blockOf(destination, { imports: [bundleOf(source, 1, 0, 3)] }))
  const acknowledgement = bundleOf(destination, 0, 0)
  assert.equal(acknowledgement.count, 0)
  const to = [{ address: bob.address, amount: 1 }]
  const batches = [
    batchOf(Array.from({ length: 4 }, (_, i) => ({ from: alice, nonce: 5 + i, to }))),
  ]
  const executed = source.executeBlock(blockOf(source, { imports: [acknowledgement], batches }))
  assert.deepEqual(resultsOf(executed), ['OK', 'OK', 'OK', 'BUSY'])
  assert.equal(source.acknowledgedOf(1), 3)
  assert.deepEqual(executed.event.credits, [
    { source: 1, first: 0, count: 0, tags: new Uint8Array(0) },
  ])
})

test('an older acknowledgement never takes a newer one back', () => {
  const { source, destination } = pair()
  send(source, 4)
  destination.executeBlock(blockOf(destination, { imports: [bundleOf(source, 1, 0, 1)] }))
  const older = bundleOf(destination, 0, 0)
  destination.executeBlock(blockOf(destination, { imports: [bundleOf(source, 1, 1, 3)] }))
  const newer = bundleOf(destination, 0, 0)
  source.executeBlock(blockOf(source, { imports: [newer] }))
  assert.equal(source.acknowledgedOf(1), 4)
  source.executeBlock(blockOf(source, { imports: [older] }))
  assert.equal(source.acknowledgedOf(1), 4)
})

test('a captured shard that acknowledges what was never sent frees no more than was sent', () => {
  const { source, destination } = pair({ window: 4 })
  send(source, 2)
  const honest = bundleOf(destination, 0, 0)
  source.executeBlock(
    blockOf(source, { imports: [{ ...honest, pair: { ...honest.pair, inNext: 1_000_000 } }] }),
  )
  assert.equal(source.acknowledgedOf(1), 2)
  assert.equal(source.outboxRoomOf(1), 4)
})

test('messages stay provable under the root of an older height while newer ones arrive and older ones are dropped', () => {
  const { source, destination } = pair()
  send(source, 5)
  const exposed = source.height
  const { roots } = source
  send(source, 6, 5)
  const range = source.bundleRange(exposed, 1, 2, 100)
  assert.equal(range?.count, 3)
  assert.equal(range.pair.outSequence, 5)
  destination.executeBlock(
    blockOf(destination, {
      imports: [{ ...bundleOf(source, 1, 0, 2), header: headerOf(source, exposed, roots) }],
    }),
  )
  source.executeBlock(blockOf(source, { imports: [bundleOf(destination, 0, 0)] }))
  assert.deepEqual(source.bundleRange(exposed, 1, 2, 100), range)
  assert.equal(source.bundleRange(exposed, 1, 1, 100), null, 'acknowledged')
  assert.equal(source.bundleRange(exposed, 1, 6, 100), null, 'not sent at that height')
  assert.equal(
    source.bundleRange(exposed, 1, 5, 100)?.count,
    0,
    'nothing to carry, but to acknowledge',
  )
  assert.equal(source.bundleRange(source.height + 1, 1, 2, 100), null, 'not executed')
  assert.equal(source.bundleRange(exposed, 0, 0, 100), null, 'ourselves')
})

test('pairs stay known for 128 heights', () => {
  const { source } = pair()
  send(source, 1)
  for (let i = 0; i < 127; i++) source.executeBlock(blockOf(source, {}))
  assert.equal(source.pairAt(1, 1)?.outSequence, 1)
  assert.equal(source.pairAt(source.height, 1)?.outSequence, 1)
  source.executeBlock(blockOf(source, {}))
  assert.equal(source.pairAt(1, 1), null)
  assert.equal(source.pairAt(2, 1)?.outSequence, 1)
})

test('each payee of a transfer is a message of its own, numbered in the order of payees', () => {
  const { source } = pair()
  const local = testAccount(0, 2, 1)
  const to = [
    { address: bob.address, amount: 5 },
    { address: local.address, amount: 6 },
    { address: testAccount(1, 2, 1).address, amount: 7 },
  ]
  executeTransfers(source, [{ from: alice, nonce: 3, to }])
  const { messages, count } = bundleOf(source, 1, 0)
  assert.equal(count, 2)
  assert.deepEqual([messages[1], messages[97]], [0, 2])
  assert.equal(hexOf(messages.subarray(24, 56)), hexOf(alice.address))
  assert.equal(hexOf(messages.subarray(56, 96)), `${hexOf(bob.address)}0000000000000005`)
  assert.equal(hexOf(messages.subarray(16, 24)), '0000000000000003')
})
