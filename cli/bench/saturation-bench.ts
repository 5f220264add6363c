import {
  bucketsBetween,
  type LoadProgress,
  type LoadResult,
  quantileOf,
  runSaturation,
  type Scrape,
} from '@shardnet/load-generator'
import { availableParallelism } from 'node:os'
import { type BenchTestnet, VALIDATORS, withBenchTestnet } from './bench-testnet.ts'
import type { BenchContext } from './context.ts'
import type { Figures } from './figures.ts'
import { benchCriteria, benchWorkload } from './load-settings.ts'
import { machineMicroseconds } from './process-readings.ts'

/** Enough for the longest window at the rate of today. */
const TRANSACTIONS = 200_000
const IN_FLIGHT_MAX = 16_000
const WARM_UP_MS = 4_000
const FOR_MS_MAX = 16_000

interface Moment {
  readonly elapsedMs: number
  readonly committed: number
  readonly validatorsMicroseconds: number
  readonly loadMicroseconds: number
  readonly machineMicroseconds: number
}

/** As fast as four validators take signed transactions, and what that costs. Needs the kernel's rate for the bound. */
export async function measureSaturation(context: BenchContext): Promise<Figures> {
  const { signal, say } = context
  return withBenchTestnet(signal, async (testnet) => {
    const before = await testnet.scrapeAll(signal)
    const moments: Moment[] = []
    say(`saturation: signing ${TRANSACTIONS} transactions`)
    const result = await runSaturation({
      network: testnet.network,
      targets: testnet.targets,
      workload: benchWorkload(1),
      criteria: benchCriteria,
      signal,
      transactions: TRANSACTIONS,
      inFlightMax: IN_FLIGHT_MAX,
      warmUpMs: WARM_UP_MS,
      forMsMax: FOR_MS_MAX,
      onSigned: () => say('saturation: sending'),
      onProgress: (progress) => moments.push(momentOf(testnet, progress)),
    })
    signal.throwIfAborted()
    const after = await testnet.scrapeAll(signal)
    context.note('file system', testnet.fileSystem)
    context.note('saturation', `${IN_FLIGHT_MAX} in flight, ${TRANSACTIONS} signed before`)
    return saturationFigures(context, { result, moments, before, after })
  })
}

function momentOf(testnet: BenchTestnet, { elapsedMs, committed }: LoadProgress): Moment {
  const { user, system } = process.cpuUsage()
  return {
    elapsedMs,
    committed,
    validatorsMicroseconds: testnet.cpuMicroseconds(),
    loadMicroseconds: user + system,
    machineMicroseconds: machineMicroseconds(),
  }
}

interface Saturated {
  readonly result: LoadResult
  readonly moments: readonly Moment[]
  readonly before: readonly Scrape[]
  readonly after: readonly Scrape[]
}

function saturationFigures(context: BenchContext, saturated: Saturated): Figures {
  const { result, moments, before, after } = saturated
  const { fromMs, toMs } = result.window
  const inWindow = moments.filter(({ elapsedMs }) => elapsedMs >= fromMs && elapsedMs <= toMs)
  const [first] = inWindow
  const last = inWindow.at(-1)
  if (first === undefined || last === undefined || last.committed === first.committed)
    throw new Error('nothing was committed in the measured window')
  const committed = last.committed - first.committed
  const wallMicroseconds = (last.elapsedMs - first.elapsedMs) * 1_000
  const perSecond = (committed * 1e6) / wallMicroseconds
  const validators = (last.validatorsMicroseconds - first.validatorsMicroseconds) / committed
  const load = (last.loadMicroseconds - first.loadMicroseconds) / committed
  checkCounts(context, saturated)
  const { checksPerSecond } = context
  const machineTime = wallMicroseconds * availableParallelism()
  const bound = (availableParallelism() * checksPerSecond) / VALIDATORS
  const { summary } = result.latency
  return {
    boundPerSecond: bound,
    signedCommittedPerSecond: perSecond,
    ratioToBound: perSecond / bound,
    ratioToBoundByProcessorTime: (VALIDATORS * 1e6) / checksPerSecond / (validators + load),
    processorBoundPerSecond: (availableParallelism() * 1e6) / (validators + load),
    processorShare: ((validators + load) * committed) / machineTime,
    othersShare: Math.max(
      0,
      (last.machineMicroseconds - first.machineMicroseconds - (validators + load) * committed) /
        machineTime,
    ),
    cpuMicrosecondsPerTransaction: validators,
    loadCpuMicrosecondsPerTransaction: load,
    ...(summary === null ? {} : { saturationP50Ms: summary.p50Ms, saturationP99Ms: summary.p99Ms }),
    ...syncFigures(before, after, result.elapsedMs),
    signatureChecksPerCommitted: checksBetween(before, after) / result.counts.committed,
    blocksPerSecond:
      (totalOf(after, HEIGHT) - totalOf(before, HEIGHT)) / VALIDATORS / (result.elapsedMs / 1_000),
  }
}

const HEIGHT = 'shardnet_consensus_committed_height'
const FSYNC_SECONDS = 'shardnet_log_fsync_seconds'

function syncFigures(
  before: readonly Scrape[],
  after: readonly Scrape[],
  elapsedMs: number,
): Figures {
  const bucketsOf = (scrapes: readonly Scrape[]) =>
    scrapes.map((each) => each.buckets(FSYNC_SECONDS))
  const buckets = bucketsBetween(bucketsOf(before), bucketsOf(after))
  const count = buckets.get(Number.POSITIVE_INFINITY) ?? 0
  const p50 = quantileOf(buckets, 0.5)
  const p99 = quantileOf(buckets, 0.99)
  if (p50 === null || p99 === null) throw new Error('no validator synced its log')
  return {
    fsyncsPerSecond: count / VALIDATORS / (elapsedMs / 1_000),
    fsyncP50Ms: p50 * 1_000,
    fsyncP99Ms: p99 * 1_000,
  }
}

function checksBetween(before: readonly Scrape[], after: readonly Scrape[]): number {
  const name = 'shardnet_signatures_checked_total'
  return totalOf(after, name) - totalOf(before, name)
}

function totalOf(scrapes: readonly Scrape[], name: string): number {
  return scrapes.reduce((sum, each) => sum + each.total(name), 0)
}

/** What has to hold for the figures to mean what they say. */
function checkCounts(context: BenchContext, { result, before, after }: Saturated): void {
  const { counts } = result
  const checks = checksBetween(before, after)
  if (checks < counts.committed * VALIDATORS)
    context.object(
      `${checks} signatures were checked, fewer than ${counts.committed} committed x ${VALIDATORS}`,
    )
  if (counts.lost > 0) context.object(`${counts.lost} transactions were lost`)
  const committedEverywhere = totalOf(after, 'shardnet_ledger_results_total')
  if (committedEverywhere === 0) context.object('no validator executed anything')
}
