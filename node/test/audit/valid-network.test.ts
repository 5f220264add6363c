import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { auditTestnet, summaryOf, type TransactionVerifier } from '../../src/audit/door.ts'
import { ConfigError } from '../../src/config/problems.ts'
import { must } from '../../src/core/errors.ts'
import { FixtureNetwork } from './support/fixture-network.ts'
import { codesOf, run } from './support/run.ts'
import { tell } from './support/scenario.ts'

test('a valid network passes, and every check had something to check', async () => {
  const report = await run(tell())
  assert.deepEqual(report.findings, [])
  assert.equal(report.ok, true)
  assert.deepEqual(report.supply, {
    genesis: '16000000',
    balances: '15999966',
    inFlight: '34',
    holds: true,
  })
  const { tornBytes, evidence, logBytes, certificates, ...counts } = report.checked
  assert.deepEqual([tornBytes, evidence], [0, 0])
  assert.ok(logBytes > 50_000 && certificates > 60)
  assert.deepEqual(counts, {
    folders: 8,
    groups: 164,
    records: 288,
    votes: 100,
    proposals: 11,
    blocks: 11,
    batches: 6,
    batchRecords: 24,
    transactions: 13,
    transactionSignatures: 13,
    imports: 3,
    messages: 5,
    rootsCompared: 11,
  })
  const [zero, one] = report.perShard
  assert.deepEqual(
    [zero?.height, zero?.rootsConfirmedTo, one?.height, one?.rootsConfirmedTo],
    [6, 5, 5, 4],
  )
  assert.deepEqual(
    [zero?.sent, zero?.taken, one?.sent, one?.taken],
    [
      [0, 5],
      [0, 1],
      [2, 0],
      [4, 0],
    ],
  )
  const { OK, EXPIRED, STALE, AHEAD, INSUFFICIENT } = must(zero, 'shard 0').results
  assert.deepEqual(
    { OK, EXPIRED, STALE, AHEAD, INSUFFICIENT },
    { OK: 6, EXPIRED: 1, STALE: 1, AHEAD: 1, INSUFFICIENT: 1 },
  )
  assert.deepEqual(
    zero?.validators.map(({ height, votes, isObserver }) => [height, votes, isObserver]),
    Array.from({ length: 4 }, () => [6, 13, false]),
  )
})

test('the summary says the same in small', async () => {
  const summary = summaryOf(await run(tell()))
  assert.deepEqual(
    [
      summary.ok,
      summary.findings,
      summary.codes,
      summary.firstFinding,
      summary.blocks,
      summary.supplyHolds,
    ],
    [true, 0, [], null, 11, true],
  )
})

test('the order in which folders are listed changes nothing', async () => {
  const reversed = await run(tell(), {
    damage: (written) =>
      Promise.resolve({ ...written, validators: written.validators.toReversed() }),
  })
  assert.deepEqual(reversed, await run(tell()))
})

test('a write that was cut off at the end is no damage, and the validator is behind by what it lost', async () => {
  const report = await run(tell(), {
    isClosed: false,
    damage: async ({ validators, groups }) => {
      const folder = must(validators[2], 'a folder')
      const last = must(must(groups.get('0 2'), 'groups').at(-3), 'a group')
      await truncate(
        join(folder.dataDirectory, 'log', '00000001.log'),
        last.offset + last.length - 3,
      )
    },
  })
  assert.deepEqual(report.findings, [])
  assert.ok(report.checked.tornBytes > 100)
  assert.deepEqual(
    report.perShard[0]?.validators.map(({ height }) => height),
    [6, 6, 5, 6],
  )
})

test('zero bytes behind the last group are a write that was cut off', async () => {
  const report = await run(tell(), {
    isClosed: false,
    damage: async ({ validators }) => {
      const file = join(must(validators[5], 'a folder').dataDirectory, 'log', '00000001.log')
      await writeFile(file, Buffer.alloc(500), { flag: 'a' })
    },
  })
  assert.deepEqual([report.ok, report.checked.tornBytes], [true, 500])
})

test('a folder without a birth record and without votes is an observer', async () => {
  const network = tell()
  const observer = must(network.shard(0).logs[3], 'a log')
  network.shard(0).logs[3] = observer
    .map((group) => group.filter(({ kind }) => kind !== 'birth' && kind !== 'vote'))
    .filter((group) => group.length > 0)
  const report = await run(network)
  assert.deepEqual(report.findings, [])
  assert.deepEqual(report.perShard[0]?.validators[3], {
    validator: 3,
    votes: 0,
    isObserver: true,
    height: 6,
  })
})

test('a network of one shard has no pairs and passes', async () => {
  const network = new FixtureNetwork({ shards: 1 })
  const shard = network.shard(0)
  const pay = network.transfer({
    payer: { shard: 0, index: 0 },
    nonce: 0,
    payees: [{ shard: 0, index: 1, amount: 5 }],
  })
  shard.extend({ batches: [shard.batch(0, [pay])] })
  shard.extend()
  const report = await run(network)
  assert.deepEqual(
    [report.findings, report.checked.transactions, report.perShard[0]?.rootsConfirmedTo],
    [[], 1, 1],
  )
})

test('the replay judges every limit as the ledger does: at it and one beyond it', async () => {
  const network = new FixtureNetwork()
  const shard = network.shard(0)
  const pay = (index: number, nonce: number, amounts: readonly number[], to = 0) => ({
    payer: { shard: 0, index },
    nonce,
    payees: amounts.map((amount) => ({ shard: to, index: 7, amount })),
  })
  const sixteen = Array.from({ length: 16 }, () => 1)
  const plans = [
    { ...pay(0, 0, [999_999]), expected: 'OK' },
    { ...pay(0, 1, [1]), fee: 5, expected: 'INSUFFICIENT' },
    { ...pay(1, 0, [1_000_000]), expected: 'INSUFFICIENT' },
    { ...pay(1, 1, sixteen, 1), expected: 'OK' },
    { ...pay(2, 0, [1], 1), expected: 'BUSY' },
    { ...pay(2, 64, [1]), expected: 'OK' },
    { ...pay(2, 65, [1]), expected: 'AHEAD' },
    { ...pay(3, 0, [1]), validUntil: 1, expected: 'OK' },
    { ...pay(3, 1, [1]), validUntil: 0, expected: 'EXPIRED' },
    { ...pay(2, 64, [1]), fee: 9, expected: 'STALE' },
  ]
  shard.extend({
    batches: [
      shard.batch(
        0,
        plans.map((plan) => network.transfer(plan)),
      ),
    ],
  })
  shard.extend()
  network.shard(1).extend()
  const report = await run(network)
  assert.deepEqual(report.findings, [])
  const expected: Record<string, number> = {}
  for (const plan of plans) expected[plan.expected] = (expected[plan.expected] ?? 0) + 1
  const results = Object.entries(must(report.perShard[0], 'shard 0').results)
  assert.deepEqual(Object.fromEntries(results.filter(([, count]) => count > 0)), expected)
})

test('the verifier that is passed in sees every transaction, and is named', async () => {
  let seen = 0
  const verifier: TransactionVerifier = {
    name: 'counting',
    checksAll: true,
    perBatchMax: Number.POSITIVE_INFINITY,
    concurrency: 1,
    verify: ({ rows }) => {
      seen += rows.length / 4
      return Promise.resolve(new Uint8Array(rows.length / 4).fill(1))
    },
  }
  const report = await run(tell(), { verifier })
  assert.deepEqual([seen, report.signatures, report.ok], [13, { by: 'counting', all: true }, true])
})

test('an account table that the genesis does not name is refused before anything is read', async () => {
  await assert.rejects(
    run(tell(), { damage: ({ accountsFile }) => writeFile(accountsFile, Buffer.alloc(64)) }),
    (error) => error instanceof ConfigError,
  )
  await assert.rejects(
    auditTestnet({ genesisFile: '/nowhere', accountsFile: '/nowhere', validators: [] }),
  )
})

test('no folders are no proof', async () => {
  const report = await run(tell(), {
    damage: (written) => Promise.resolve({ ...written, validators: [] }),
  })
  assert.deepEqual([report.ok, codesOf(report)], [false, ['nothingCommitted', 'shardUncovered']])
})
