import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FindingCode } from '../../src/audit/door.ts'
import { must } from '../../src/core/errors.ts'
import { joinBytes } from '../../src/core/primitives/bytes.ts'
import type { CellOperation } from '../../src/core/wire/cell-operation.ts'
import { FixtureNetwork } from './support/fixture-network.ts'
import { codesOf, run } from './support/run.ts'

const payer = { shard: 0, index: 0 }
const [one, two] = [Buffer.from('one'), Buffer.from('two')]

/** Ways to bend the story; positions are those of `operationsOf`. */
interface Story {
  /** What stands in the batch in place of transaction `at`, signed by its payer. */
  readonly send?: (transactions: readonly Uint8Array[], network: FixtureNetwork) => Uint8Array[]
  /** What the committee's executors run in place of the batch. */
  readonly execute?: (transactions: readonly Uint8Array[], network: FixtureNetwork) => Uint8Array[]
}

function operationsOf(network: FixtureNetwork): CellOperation[] {
  const cell = network.cellBeside(payer, 'first')
  const other = network.cellBeside({ shard: 0, index: 1 }, 'second')
  return [
    { kind: 'put', cell, value: one },
    { kind: 'get', cell },
    { kind: 'compareAndSet', cell, expected: two, value: one },
    { kind: 'compareAndSet', cell, expected: one, value: two },
    { kind: 'get', cell: other },
    { kind: 'put', cell: other, value: new Uint8Array(128).fill(7) },
    { kind: 'get', cell },
    // The fee of the last one is below the price of a cell.
    { kind: 'put', cell: network.cellBeside(payer, 'third'), value: one },
  ]
}

function transactionsOf(network: FixtureNetwork): Uint8Array[] {
  return operationsOf(network).map((operation, nonce, all) =>
    network.cellTransaction({ payer, nonce, operation, fee: nonce === all.length - 1 ? 99 : 100 }),
  )
}

/** One block with the operations, then a block that names its roots. */
function tell({ send, execute }: Story = {}): FixtureNetwork {
  const network = new FixtureNetwork({ shards: 2 })
  const shard = network.shard(0)
  const right = transactionsOf(network)
  const batch = shard.batch(1, send?.(right, network) ?? right)
  const bend =
    execute === undefined
      ? {}
      : { bend: { execute: () => joinBytes(execute(transactionsOf(network), network)) } }
  shard.extend({ batches: [batch], ...bend })
  shard.extend()
  network.shard(1).extend()
  return network
}

test('cells are executed again by the audit, to the same results, reads and roots', async () => {
  const report = await run(tell())
  assert.deepEqual(report.findings, [])
  const { OK, CAS_MISMATCH, INSUFFICIENT } = must(report.perShard[0], 'shard 0').results
  assert.deepEqual({ OK, CAS_MISMATCH, INSUFFICIENT }, { OK: 6, CAS_MISMATCH: 1, INSUFFICIENT: 1 })
  assert.equal(report.perShard[0]?.rootsConfirmedTo, 1)
})

function changed(transactions: readonly Uint8Array[], at: number, change: (one: Buffer) => void) {
  return transactions.map((transaction, position) => {
    const copy = Buffer.from(transaction)
    if (position === at) change(copy)
    return copy
  })
}

/** What a wrong executor did, and which root gives it away. */
const wrongExecutions: Readonly<Record<string, { codes: FindingCode[] } & Story>> = {
  'a put that wrote something else': {
    codes: ['stateRootWrong'],
    execute: (all) => changed(all, 5, (put) => put.fill(8, 96, 97)),
  },
  'a put into another cell': {
    codes: ['stateRootWrong'],
    execute: (all) => changed(all, 5, (put) => put.fill(8, 90, 91)),
  },
  'a get that read another cell': {
    codes: ['resultRootWrong'],
    execute: (all, network) =>
      changed(all, 6, (get) => get.set(network.cellBeside({ shard: 0, index: 1 }, 'second'), 64)),
  },
  'a get that read before the write': {
    codes: ['resultRootWrong'],
    execute: (all) => [1, 0, 2, 3, 4, 5, 6, 7].map((at) => must(all[at], 'one')),
  },
  'a compareAndSet that did not compare': {
    codes: ['resultRootWrong'],
    execute: (all) => changed(all, 2, (set) => set.set(one, 96)),
  },
  'a compareAndSet that wrote nothing': {
    codes: ['resultRootWrong', 'stateRootWrong'],
    execute: (all) => changed(all, 3, (set) => set.set(two, 96)),
  },
  'a cell below its price': {
    codes: ['resultRootWrong', 'stateRootWrong'],
    execute: (all) => changed(all, 7, (put) => put.writeUInt32BE(100, 52)),
  },
}

for (const [title, { codes, ...story }] of Object.entries(wrongExecutions)) {
  test(`${title} is found as ${codes.join(' and ')}`, async () => {
    const report = await run(tell(story))
    assert.deepEqual(codesOf(report), codes)
    assert.ok(report.findings.every(({ shard, height }) => shard === 0 && height === 2))
  })
}

/** One byte of a transaction that the static rules forbid, signed all the same. */
const malformed: Readonly<Record<string, { at: number; change: (one: Buffer) => void }>> = {
  'a cell of another shard': { at: 0, change: (put) => put.writeUInt8(0x80, 64) },
  'a payer of another shard': { at: 0, change: (put) => put.writeUInt8(0x80, 2) },
  'an empty value': { at: 0, change: (put) => put.writeUInt8(0, 62) },
  'values longer than their data': { at: 2, change: (set) => set.writeUInt8(4, 61) },
  'a reserved byte': { at: 0, change: (put) => put.writeUInt8(1, 63) },
  'a kind that is not there yet': { at: 0, change: (put) => put.writeUInt8(5, 1) },
}

for (const [title, { at, change }] of Object.entries(malformed)) {
  test(`${title} in an ordered batch is found as transactionMalformed`, async () => {
    const network = tell({
      send: (all, it) =>
        changed(all, at, change).map((one, position) =>
          position === at ? Buffer.from(it.signedAgain(payer, one)) : one,
        ),
      // The executors of the story cannot run such bytes; what they came to does not matter.
      execute: (all) => [...all],
    })
    const codes = codesOf(await run(network))
    assert.ok(codes.includes('transactionMalformed'), codes.join())
  })
}

/** Lengths that a payload of one byte gives room to, so that only the rule itself refuses them. */
const roomy: Readonly<Record<string, { of: number; at: number; length: number }>> = {
  'a put that expects something': { of: 0, at: 61, length: 1 },
  'a get that writes': { of: 1, at: 62, length: 1 },
  'a get that expects something': { of: 1, at: 61, length: 1 },
  'a value of 129 bytes': { of: 5, at: 62, length: 129 },
}

for (const [title, { of, at, length }] of Object.entries(roomy)) {
  test(`${title} in an ordered batch is found as transactionMalformed`, async () => {
    const send: Story['send'] = (all, network) => {
      const operation = must(operationsOf(network)[of], 'an operation')
      const plan = { payer, nonce: 0, operation, payload: new Uint8Array(1) }
      const bytes = network.cellTransaction(plan)
      bytes[at] = length
      return [network.signedAgain(payer, bytes), ...all.slice(1)]
    }
    const codes = codesOf(await run(tell({ send, execute: (all) => [...all] })))
    assert.ok(codes.includes('transactionMalformed'), codes.join())
  })
}

test('a payload longer than the genesis allows, behind a value, is found as transactionMalformed', async () => {
  const send: Story['send'] = (all, network) => {
    const { payloadBytesMax } = network.founded.genesis.protocol
    const operation = must(operationsOf(network)[0], 'a put')
    const payload = new Uint8Array(payloadBytesMax + 1)
    return [network.cellTransaction({ payer, nonce: 0, operation, payload }), ...all.slice(1)]
  }
  const codes = codesOf(await run(tell({ send })))
  assert.ok(codes.includes('transactionMalformed'), codes.join())
})
