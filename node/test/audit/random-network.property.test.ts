import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { must } from '../../src/core/errors.ts'
import { FixtureNetwork } from './support/fixture-network.ts'
import { codesOf, run } from './support/run.ts'

const ACCOUNTS = 5

const payee = fc.record({
  shard: fc.nat(2),
  index: fc.nat(ACCOUNTS - 1),
  amount: fc.integer({ min: 1, max: 400 }),
})
const cheap = payee.map((one) => ({ ...one, amount: 1 }))
const value = fc.constantFrom(...[1, 2, 128].map((length) => new Uint8Array(length).fill(length)))
/** Few cells and values, so that comparisons hold now and then; null: a transfer. */
const operation = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('put', 'compareAndSet', 'get'),
      cell: fc.nat(5),
      expected: fc.oneof(value, fc.constant(new Uint8Array(0))),
      value,
    }),
  },
)
const transaction = fc.record({
  operation,
  index: fc.nat(ACCOUNTS - 1),
  nonce: fc.oneof({ weight: 6, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(70) }),
  fee: fc.oneof(fc.nat(30), fc.integer({ min: 99, max: 101 })),
  validUntil: fc.oneof(
    { weight: 6, arbitrary: fc.constant(1000) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
  ),
  payees: fc.oneof(
    { weight: 4, arbitrary: fc.array(payee, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(cheap, { minLength: 9, maxLength: 16 }) },
  ),
  payload: fc.uint8Array({ maxLength: 9 }),
})
const turn = fc.record({
  shard: fc.nat(2),
  batches: fc.array(
    fc.record({
      author: fc.nat(3),
      transactions: fc.array(transaction, { minLength: 1, maxLength: 6 }),
    }),
    { maxLength: 2 },
  ),
  skips: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
  ),
  importMax: fc.oneof(fc.constant(4096), fc.integer({ min: 0, max: 2 })),
})
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never

/** Plays turns on three shards; each imports what the others can prove by then. The node's own ledger gives the roots. */
function play(turns: readonly Turn[]): FixtureNetwork {
  const network = new FixtureNetwork({
    shards: 3,
    accounts: ACCOUNTS,
    balance: 1000,
    outboxWindow: 16,
  })
  const inNext = network.shards.map(() => network.shards.map(() => 0))
  for (const { shard, batches, skips, importMax } of turns) {
    const fixture = network.shard(shard)
    const imports = network.shards.flatMap((source) => {
      if (source === fixture || source.tip.header === null) return []
      const row = must(inNext[shard], 'a row')
      const first = row[source.index] ?? 0
      const pair = source.ledger.pairAt(source.tip.header.executed.height, shard)
      if (pair === null || pair.outSequence < first) return []
      const bundle = source.bundle(shard, first, importMax)
      row[source.index] = first + bundle.count
      return [bundle]
    })
    const made = batches.map(({ author, transactions }) => {
      return fixture.batch(
        author,
        transactions.map(({ index, operation: drawn, payees, ...rest }) => {
          const plan = { payer: { shard, index }, ...rest }
          if (drawn === null) return network.transfer({ ...plan, payees })
          const beside = { shard, index: drawn.cell % ACCOUNTS }
          const cell = network.cellBeside(beside, `cell ${drawn.cell}`)
          return network.cellTransaction({ ...plan, operation: { ...drawn, cell } })
        }),
      )
    })
    fixture.extend({ batches: made, imports, skips })
  }
  for (const fixture of network.shards) fixture.extend()
  return network
}

test('whatever is played, the replay and the ledger agree on every root, and no money is made or lost', async () => {
  const results = new Set<string>()
  let messages = 0
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 6, maxLength: 14 }), async (turns) => {
      const report = await run(play(turns))
      assert.deepEqual(report.findings, [])
      assert.equal(report.supply.genesis, String(3 * ACCOUNTS * 1000))
      assert.equal(
        BigInt(report.supply.balances) + BigInt(report.supply.inFlight),
        BigInt(report.supply.genesis),
      )
      assert.equal(report.checked.rootsCompared, report.checked.blocks)
      for (const { results: counts } of report.perShard) {
        for (const [name, count] of Object.entries(counts)) if (count > 0) results.add(name)
      }
      messages += report.checked.messages
    }),
    { numRuns: 16, seed: 20260101, includeErrorInReport: true, endOnFailure: true },
  )
  assert.deepEqual([...results].toSorted(), [
    'AHEAD',
    'BUSY',
    'CAS_MISMATCH',
    'EXPIRED',
    'INSUFFICIENT',
    'OK',
    'STALE',
  ])
  assert.ok(messages > 20, `${messages} messages crossed`)
})

test('whichever header of a random network lies about whichever root, the audit says so', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn, { minLength: 3, maxLength: 6 }),
      fc.constantFrom('state', 'outbox', 'result'),
      fc.nat(2),
      async (turns, root, shard) => {
        const network = play(turns)
        network.shard(shard).extend({
          bend: {
            header: (header) => ({
              ...header,
              executed: {
                ...header.executed,
                roots: { ...header.executed.roots, [root]: header.bodyRoot },
              },
            }),
          },
        })
        assert.deepEqual(codesOf(await run(network)), [`${root}RootWrong`])
      },
    ),
    { numRuns: 6, seed: 20260102, includeErrorInReport: true, endOnFailure: true },
  )
})
