import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  allBoards,
  dashboardOf,
  queriesOf,
  recordingGroups,
  type LintedBoard,
} from '@shardnet/dashboards'
import { MonitoredTestnet } from '../../monitoring/monitored-testnet.ts'
import { filledIn } from '../../monitoring/prometheus-client.ts'

const FIRES_WITHIN_MS = 10 * 60_000
const STARTS_WITHIN_MS = 5 * 60_000

/** What a healthy testnet on one machine has nothing to show for, with the reason. */
const withoutData: readonly (readonly [where: RegExp, reason: string])[] = [
  [/^testnet:shardnet_cost:total/, 'nobody gave a price'],
  [/(?:Supply|shardnet_supply|shardnet_disagreement)/, 'shown from height 256 on'],
]

const isElsewhere = (where: string): boolean =>
  where.includes('annotation') || where.startsWith('shardnet-operator')

describe('a real Prometheus on a real testnet', () => {
  test('has data for every query of every board and for every rule, and hears of real faults', async () => {
    await using testnet = await MonitoredTestnet.start('monitored', [
      '--shards=2',
      '--validators=4',
    ])
    const { prometheus } = testnet
    const loading = testnet.load(['--rate=20', '--duration=4m', '--cross-shard=50%'])
    await testnet.untilSeries('testnet:shardnet_load_committed:rate > 0', STARTS_WITHIN_MS)

    const boards: readonly LintedBoard[] = allBoards.map((board) =>
      JSON.parse(JSON.stringify(dashboardOf(board))),
    )
    const rules = recordingGroups().flatMap((group) =>
      group.rules.map(({ record }) => ({ where: record, expression: record })),
    )
    // Annotations are empty unless something happens, and no operator runs here.
    const shown = boards.flatMap(queriesOf).filter(({ where }) => !isElsewhere(where))
    const queries = [...shown, ...rules].map(filledIn)
    const empty: string[] = []
    for (const { where, expression } of queries)
      if ((await prometheus.seriesOf(expression)) === 0) empty.push(where)
    const unexplained = empty.filter((where) => !withoutData.some(([known]) => known.test(where)))
    assert.deepEqual(unexplained, [])
    assert.deepEqual(await prometheus.ruleErrors(), [])
    assert.ok(empty.length * 10 <= queries.length, `${empty.length} of ${queries.length} are empty`)
    await loading

    const [first, second] = (await testnet.validators()).filter(({ shard }) => shard === 1)
    assert.ok(typeof first?.pid === 'number' && typeof second?.pid === 'number')
    process.kill(first.pid, 'SIGSTOP')
    await testnet.untilAlert('ShardnetValidatorLagging', 1, true, FIRES_WITHIN_MS)
    process.kill(second.pid, 'SIGSTOP')
    await testnet.untilAlert('ShardnetShardNotCommitting', 1, true, FIRES_WITHIN_MS)
    process.kill(first.pid, 'SIGCONT')
    process.kill(second.pid, 'SIGCONT')
    await testnet.untilAlert('ShardnetShardNotCommitting', 1, false, FIRES_WITHIN_MS)
    await testnet.untilAlert('ShardnetValidatorLagging', 1, false, FIRES_WITHIN_MS)
  })
})
