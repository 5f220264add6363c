import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { canMount, SmallDisks } from '../../chaos/small-disk.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import {
  boardQueries,
  isAnnotation,
  isOfOperator,
  OPERATOR_BOARD,
  ruleQueries,
} from '../../monitoring/board-queries.ts'
import { givenRules } from '../../monitoring/chart.ts'
import { MonitoredTestnet } from '../../monitoring/monitored-testnet.ts'
import { takePictures } from '../../monitoring/pictures/take-pictures.ts'
import { type AlertSought, filledIn } from '../../monitoring/prometheus-client.ts'

/** Each alert takes seconds at the short pace; the rest is for a machine that others use as well. */
const MAX_MS = 180_000
const NAME = 'monitored'
const STEADY_LOAD = ['--rate=20', '--duration=10m', '--cross-shard=50%']
/** All that these cores can sign, while they also have a testnet to run. */
const FLOOD_PER_SECOND = 8_000 * availableParallelism()
const COMMITTED_BY_CLIENTS = 'shardnet_load_committed_transactions_total'

const [annotations, panels] = [
  boardQueries.filter(isAnnotation),
  boardQueries.filter((query) => !isAnnotation(query) && !isOfOperator(query)),
]
const isOfTestnet = (uid: string): boolean => uid !== OPERATOR_BOARD
const ofShard = (name: string, shard: number): AlertSought => ({
  name,
  labels: { shard: String(shard) },
})
const ofValidator = (name: string, instance: string): AlertSought => ({
  name,
  labels: { instance },
})

// The alerts here are those that operators get, at the short pace of `monitoring/short-pace.ts`.
describe('a real Prometheus on a real testnet', () => {
  const disks = new SmallDisks()
  const startedSeconds = Date.now() / 1_000
  let testnet: MonitoredTestnet
  before(async () => {
    const given = await givenRules({ testnet: NAME, perHour: 12.5, budget: 1_000 })
    testnet = await MonitoredTestnet.start(NAME, ['--shards=2', '--validators=4'], given)
  })
  after(async () => {
    if (testnet !== undefined) await takePictures(testnet.prometheus, isOfTestnet, startedSeconds)
    await testnet?.stop()
    disks.close()
    await testnet?.remove()
  })
  // So that one that failed leaves nothing to the next.
  afterEach(() => testnet.quiet())
  const fires = (alert: AlertSought): Promise<void> =>
    testnet.prometheus.untilAlert(alert, true, MAX_MS)
  const resolves = (alert: AlertSought): Promise<void> =>
    testnet.prometheus.untilAlert(alert, false, MAX_MS)
  /** Into all boards, over what they show. */
  const isDrawn = async (annotation: string): Promise<void> => {
    const queries = annotations.filter(({ where }) => where.endsWith(annotation))
    assert.ok(queries.length > 1, annotation)
    for (const query of queries)
      await testnet.prometheus.untilSeries(filledIn(query).expression, MAX_MS)
  }

  test('has data for every query of every board and for every rule while load is on', async () => {
    const load = testnet.load(...STEADY_LOAD)
    // Shown from the height on at which states are compared first.
    for (const expression of ['testnet:shardnet_supply:amount', `${COMMITTED_BY_CLIENTS} > 0`])
      await load.during(testnet.prometheus.untilSeries(expression, MAX_MS))
    assert.deepEqual(await testnet.prometheus.emptyOf([...panels, ...ruleQueries]), [])
    assert.deepEqual(await testnet.prometheus.ruleErrors(), [])

    // Nobody gave a price to the testnet of `up --monitor`; all else is there at the default pace.
    await testnet.ofPeople.untilSeries('testnet:shardnet_supply:amount', MAX_MS)
    assert.deepEqual(await testnet.ofPeople.emptyOf(ruleQueries), ['testnet:shardnet_cost:total'])
    assert.deepEqual(await testnet.ofPeople.ruleErrors(), [])
  })

  test('ShardnetDiskFilling: a validator on a disk with little room, until the disk is enlarged', async (context) => {
    if (!canMount(tmpdir())) return context.skip('mounting needs root')
    const alert = ofValidator('ShardnetDiskFilling', '0/1')
    await resolves(alert)
    await testnet.fault('kill', '--shard=0', '--validator=1', '--for=2m')
    await waitUntil('the end of 0/1', MAX_MS, async () => {
      return (await testnet.validator(0, 1)).state === 'down'
    })
    const { dataDirectory } = await testnet.validator(0, 1)
    const log = join(dataDirectory, 'log')
    const usedBytes = await bytesIn(log)
    // 82 % are used from the start, and it grows.
    const diskBytes = Math.ceil((usedBytes * 1.22) / 4_096) * 4_096
    disks.mount(log, diskBytes)
    await testnet.fault('clear')
    await isDrawn('Restarts')
    await fires(alert)
    disks.resize(log, 100 * diskBytes)
    await resolves(alert)
  })

  test('ShardnetShardNotCommitting, ShardnetOutboxStuck, ShardnetValidatorLagging: two paused validators, and one cut off', async () => {
    const notCommitting = ofShard('ShardnetShardNotCommitting', 1)
    const stuck = ofShard('ShardnetOutboxStuck', 0)
    const [paused, cutOff] = ['1/0', '0/3'].map((place) =>
      ofValidator('ShardnetValidatorLagging', place),
    )
    assert.ok(paused !== undefined && cutOff !== undefined)
    const all = [notCommitting, stuck, paused, cutOff]
    for (const alert of all) await resolves(alert)
    const load = testnet.load(...STEADY_LOAD)
    // A generator that cannot read both shards does not start.
    await load.during(testnet.prometheus.untilSeries(`${COMMITTED_BY_CLIENTS} > 0`, MAX_MS))

    await testnet.fault('pause', '--shard=1', '--validator=0,1', '--for=10m')
    await testnet.fault('partition', '--shard=0', '--validator=3', '--for=10m')
    await Promise.all(all.map(fires))
    // Cut off and not down: it answers, and is behind.
    await testnet.prometheus.untilSeries('instance:shardnet_behind:seconds{instance="0/3"} > 30', 1)
    await isDrawn('No answer')
    await isDrawn('Links shaped')

    await testnet.fault('clear')
    await Promise.all(all.map(resolves))
  })

  test('ShardnetQueueFull, ShardnetGeneratorLimited: more load than testnet and generator can take', async () => {
    const limited: AlertSought = { name: 'ShardnetGeneratorLimited', labels: { instance: 'load' } }
    const full: AlertSought = { name: 'ShardnetQueueFull', labels: { testnet: NAME } }
    await Promise.all([limited, full].map(resolves))
    const flood = testnet.load(`--rate=${FLOOD_PER_SECOND}`, '--duration=1m')
    await flood.during(Promise.all([limited, full].map(fires)))
    await flood.interrupt()
    await Promise.all([limited, full].map(resolves))
  })
})

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
