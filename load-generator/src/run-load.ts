import { availableParallelism } from 'node:os'
import { readNonces } from './account-nonces.ts'
import { ArrivalClock } from './arrival-clock.ts'
import { scheduleMs, type Arrivals } from './arrivals.ts'
import { assembleResult } from './assemble.ts'
import type { Criteria } from './criteria.ts'
import { runCost, spentBy, type RunPrices } from './cost/run-cost.ts'
import { DEFAULT_PAUSES, type RetryPauses } from './dispatcher.ts'
import { FlightTable } from './flight-table.ts'
import { LoadRun, type LoadProgress } from './load-run.ts'
import { LoadError, type LoadNetwork, type Target } from './network.ts'
import { NonceBook } from './nonces.ts'
import { openPace, saturationPace, type Pace } from './pace.ts'
import { Planner } from './planner.ts'
import { MetricsWatch } from './resources/metrics-watch.ts'
import type { Reading } from './resources/reading.ts'
import type { LoadResult } from './result.ts'
import type { ResultFact } from './result/shapes.ts'
import { signingPlanOf, windowsOf } from './signing-plan.ts'
import { judgedAgain } from './verdict.ts'
import { SignedSupply, type SupplyLimits } from './signed-supply.ts'
import { transactionBytesMaxOf } from './transaction-bytes.ts'
import { SigningPool } from './signing-pool.ts'
import type { OpenStream } from './stream.ts'
import { Tally } from './tally.ts'
import { openWebSocketStream } from './websocket-stream.ts'
import type { Workload } from './workload.ts'

const IN_FLIGHT_MAX = 200_000
const IN_FLIGHT_BYTES_MAX = 256 * 1_024 * 1_024
const DRAIN_MS_MAX = 20_000
/** Readings of metrics: often enough for the ends of any window, seldom enough to cost nothing. */
const READINGS_PER_RUN = 12
const READ_EVERY_MS_MIN = 2_000

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
  const { arrivals, workload, network } = options
  const endMs = scheduleMs(arrivals)
  const warmUpMs = options.warmUpMs === undefined ? null : Math.min(endMs, options.warmUpMs)
  const wantsBefore = options.signs === 'before'
  const signing = signingPlanOf(arrivals, network, availableParallelism(), wantsBefore)
  return runWith(options, {
    mode: 'open',
    arrivals,
    warmUpMs,
    endMs,
    inFlightMax: inFlightLimit(network, options.inFlightMax ?? IN_FLIGHT_MAX),
    limits: {
      aheadCount: signing.aheadCount,
      aheadBytes: signing.aheadBytes,
      totalCount: signing.isBefore ? signing.aheadCount : Number.POSITIVE_INFINITY,
    },
    readyCount: signing.aheadCount,
    workers: signing.workers,
    pace: openPace(arrivals, workload.seed),
    nextMs: plannedTimes(arrivals, workload.seed),
  })
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
  const result = await runWith(options, {
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
    nextMs: () => 0,
    onSigned: () => options.onSigned?.(transactions),
  })
  return result
}

interface RunPlan {
  readonly mode: 'open' | 'saturation'
  readonly arrivals: Arrivals
  /** Null for the test to find it. */
  readonly warmUpMs: number | null
  readonly endMs: number
  readonly inFlightMax: number
  readonly limits: SupplyLimits
  /** Signed before the clock starts. */
  readonly readyCount: number
  readonly workers: number
  readonly pace: Pace
  /** Scheduled times as the planner goes ahead of the pace. */
  readonly nextMs: () => number
  readonly onSigned?: () => void
}

async function runWith(options: RunOptions, plan: RunPlan): Promise<LoadResult> {
  const { network, targets, workload, signal } = options
  const nonces = options.nonces ?? new NonceBook(network.shards * network.accountsPerShard)
  if (options.accounts === 'used' && options.nonces === undefined)
    await readNonces(network, targets, nonces, signal)
  const tally = new Tally(network.shards, { fromMs: plan.warmUpMs ?? 0, toMs: plan.endMs })
  const pool = SigningPool.start(network, workload, Math.max(1, plan.workers))
  const run = new LoadRun({
    network,
    targets,
    openStream: options.openStream ?? openWebSocketStream,
    flight: new FlightTable({
      capacity: plan.inFlightMax,
      transactionBytesMax: transactionBytesMaxOf(workload),
      bytesMax: IN_FLIGHT_BYTES_MAX,
    }),
    nonces,
    tally,
    pauses: options.pauses ?? DEFAULT_PAUSES,
    drainMsMax: options.drainMsMax ?? DRAIN_MS_MAX,
    onProgress: options.onProgress ?? (() => undefined),
    signal,
  })
  const metrics = new MetricsWatch(targets, () => run.elapsedMs)
  try {
    await run.connect()
    const planner = new Planner(workload, network, { nonces, nextMs: plan.nextMs })
    const supply = new SignedSupply(
      planner,
      (rows) => pool.sign(rows),
      plan.limits,
      () => run.heights(),
    )
    await supply.whenReady(plan.readyCount)
    plan.onSigned?.()
    metrics.start(Math.max(READ_EVERY_MS_MIN, plan.endMs / READINGS_PER_RUN))
    const end = await run.drive(withinBudget(plan.pace, options.prices), supply, () => {
      metrics.read()
    })
    supply.dispose()
    const { mode, arrivals, warmUpMs } = plan
    const { criteria, facts = [], command = null } = options
    const request = { network, workload, arrivals, criteria, mode, warmUpMs, facts, command }
    const readings = await metrics.stop()
    const result = assembleResult(request, tally, end, {
      readings,
      cores: options.cores ?? (metrics.isOneMachine ? availableParallelism() : null),
      substitutions: planner.substitutions,
    })
    return options.prices === undefined ? result : withCost(result, options.prices, plan, readings)
  } finally {
    metrics.close()
    run.close()
    await pool.close()
  }
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

/** The pace until the money is gone. */
function withinBudget(pace: Pace, prices: RunPrices | undefined): Pace {
  const budget = prices?.budget ?? null
  if (prices === undefined || budget === null) return pace
  return { ...pace, isOver: (nowMs) => pace.isOver(nowMs) || spentBy(prices, nowMs) >= budget }
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
