import { availableParallelism } from 'node:os'
import { ArrivalClock } from './arrival-clock.ts'
import { scheduleMs, type Arrivals } from './arrivals.ts'
import { assembleResult, type RunRequest } from './assemble.ts'
import type { Criteria } from './criteria.ts'
import { runCost, type RunPrices } from './cost/run-cost.ts'
import type { RetryPauses } from './dispatcher.ts'
import type { LoadProgress } from './load-run.ts'
import { measure, type Measurement, type RunPlan } from './measure.ts'
import { LoadError, type LoadNetwork, type Target } from './network.ts'
import type { NonceBook } from './nonces.ts'
import { openPace, partPace, saturationPace } from './pace.ts'
import type { Reading } from './resources/reading.ts'
import type { LoadResult } from './result.ts'
import type { ResultFact } from './result/shapes.ts'
import { SchedulePart } from './share/schedule-part.ts'
import { type Share, WHOLE } from './share/share.ts'
import { signingPlanOf, windowsOf } from './signing-plan.ts'
import type { OpenStream } from './stream.ts'
import { judgedAgain } from './verdict.ts'
import type { Workload } from './workload.ts'

const IN_FLIGHT_MAX = 200_000

/** What every kind of run needs. */
export interface RunOptions {
  readonly network: LoadNetwork
  readonly targets: readonly Target[]
  readonly workload: Workload
  readonly criteria: Criteria
  readonly signal: AbortSignal
  readonly onProgress?: (progress: LoadProgress) => void
  /** `fresh`: no account has paid yet. `used`: where they stand is read from the validators first. */
  readonly accounts?: 'fresh' | 'used'
  /** Name and value of what else belongs into the report: machine, versions, protocol parameters. */
  readonly facts?: readonly ResultFact[]
  readonly command?: string
  /** Cores of all validators together; found out when everything runs on this machine. */
  readonly cores?: number
  /** Longest wait for fates after the last send. */
  readonly drainMsMax?: number
  readonly pauses?: RetryPauses
  /** What the machines cost; a budget ends the run when it is used up. */
  readonly prices?: RunPrices
  /** Where the accounts stand, kept by somebody who loads the same testnet several times. */
  readonly nonces?: NonceBook
  /** Awaited when everything is signed and connected: the clock starts when it resolves. */
  readonly beforeStart?: () => Promise<void>
  /** Most transactions in flight; bounded by accounts and memory in any case. */
  readonly inFlightMax?: number
  /** Another way to reach validators; tests use memory. */
  readonly openStream?: OpenStream
}

/** An open-loop run. */
export interface LoadOptions extends RunOptions {
  readonly arrivals: Arrivals
  /** Left out of figures at the start; a test finds the end of the warm-up if it is not said. */
  readonly warmUpMs?: number
  /** `before`: everything before the clock starts; `ahead` (if not said): as far ahead as the rate asks for. */
  readonly signs?: 'ahead' | 'before'
}

/** A run at the testnet's limit. */
export interface SaturationOptions extends RunOptions {
  /** Signed before the timed part begins. */
  readonly transactions: number
  readonly inFlightMax: number
  readonly warmUpMs: number
  /** The timed part ends when all have left, or after this. */
  readonly forMsMax: number
  readonly onSigned?: (count: number) => void
}

/**
 * Loads a testnet by a schedule, whatever the testnet does, and measures what a client sees. The result's safety check is
 * still open: the caller adds it with `withSafety` once the validators' files were read.
 * @throws LoadError when the testnet cannot be reached or is another one.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  return runWith(options, openPlan(options))
}

/**
 * Loads a testnet as fast as it takes: all transactions are signed first, then as many are kept in flight as asked for.
 * `committedPerSecond` of the result is the figure; the window runs from the warm-up until the last one has left.
 * @throws LoadError as `runLoad`, and when the accounts' windows cannot hold so many transactions.
 */
export async function runSaturation(options: SaturationOptions): Promise<LoadResult> {
  const { network, transactions, forMsMax } = options
  const holds = windowsOf(network)
  if (transactions > holds) {
    throw new LoadError(
      'tooManyTransactions',
      `${transactions} transactions do not fit the accounts, which hold ${holds}`,
    )
  }
  return runWith(options, {
    mode: 'saturation',
    arrivals: { process: 'constant', schedule: [] },
    warmUpMs: options.warmUpMs,
    endMs: forMsMax,
    inFlightMax: inFlightLimit(network, options.inFlightMax),
    limits: {
      aheadCount: transactions,
      aheadBytes: Number.POSITIVE_INFINITY,
      totalCount: transactions,
    },
    readyCount: transactions,
    workers: availableParallelism(),
    pace: saturationPace(transactions, forMsMax),
    drafts: {},
    onSigned: () => options.onSigned?.(transactions),
  })
}

/** What one of several generators counts while it sends its part of the schedule; `resultOfParts` makes a result of all. */
export async function runPart(options: LoadOptions, share: Share): Promise<Measurement> {
  return measure(options, openPlan(options, share))
}

/** How an open-loop run is made; of the whole schedule, if nothing else is said. */
export function openPlan(options: LoadOptions, share: Share = WHOLE): RunPlan {
  const { arrivals, workload, network } = options
  const endMs = scheduleMs(arrivals)
  const signing = signingPlanOf(arrivals, network, availableParallelism(), {
    wantsBefore: options.signs === 'before',
    generators: share.of,
  })
  const isWhole = share.of === 1
  const part = () => new SchedulePart(workload, arrivals, network, share)
  return {
    mode: 'open',
    arrivals,
    warmUpMs: options.warmUpMs === undefined ? null : Math.min(endMs, options.warmUpMs),
    endMs,
    inFlightMax: inFlightLimit(network, options.inFlightMax ?? IN_FLIGHT_MAX),
    limits: {
      aheadCount: signing.aheadCount,
      aheadBytes: signing.aheadBytes,
      // A part ends by itself, and is as large as its accounts are popular.
      totalCount: signing.isBefore && isWhole ? signing.aheadCount : Number.POSITIVE_INFINITY,
    },
    readyCount: signing.aheadCount,
    workers: signing.workers,
    pace: isWhole ? openPace(arrivals, workload.seed) : partPace(arrivals, part()),
    drafts: isWhole ? { nextMs: plannedTimes(arrivals, workload.seed) } : { part: part() },
  }
}

async function runWith(options: RunOptions, plan: RunPlan): Promise<LoadResult> {
  const measured = await measure(options, plan)
  const result = assembleResult(requestOf(options, plan), measured.tally, measured.end, measured)
  const { prices } = options
  return prices === undefined ? result : withCost(result, prices, plan, measured.readings)
}

/** What a run was asked to do, as its result tells it. */
export function requestOf(options: RunOptions, plan: RunPlan): RunRequest {
  const { network, workload, criteria, facts = [], command = null } = options
  const { mode, arrivals, warmUpMs } = plan
  return { network, workload, arrivals, criteria, mode, warmUpMs, facts, command }
}

/** Bounded by the accounts' windows; memory bounds it too, transaction by transaction. */
function inFlightLimit(network: LoadNetwork, wanted: number): number {
  return Math.max(1, Math.min(wanted, windowsOf(network)))
}

/** The same times as the pace will give out: a second clock of one schedule and seed. */
function plannedTimes(arrivals: Arrivals, seed: number): () => number {
  const clock = new ArrivalClock(arrivals, seed)
  return () => (clock.nextMs === Number.POSITIVE_INFINITY ? scheduleMs(arrivals) : clock.take())
}

function withCost(
  result: LoadResult,
  prices: RunPrices,
  { arrivals, endMs }: RunPlan,
  readings: readonly Reading[],
): LoadResult {
  const { shards, validatorsPerShard } = result.configuration
  const { committed, committedCrossShard } = result.counts
  const cost = runCost(prices, {
    shards,
    validatorsPerShard,
    transactionBytes: result.counting.clientBytesPerTransaction ?? 0,
    crossShard: committed > 0 ? committedCrossShard / committed : 0,
    plannedMs: endMs,
    plannedTransactions: arrivals.schedule.reduce(
      (sum, { rate, toRate = rate, forMs }) => sum + ((rate + toRate) / 2) * (forMs / 1_000),
      0,
    ),
    elapsedMs: result.elapsedMs,
    committed,
    readings,
  })
  return judgedAgain({ ...result, cost })
}
