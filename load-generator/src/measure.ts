import { availableParallelism } from 'node:os'
import { readNonces } from './account-nonces.ts'
import type { Arrivals } from './arrivals.ts'
import { spentBy, type RunPrices } from './cost/run-cost.ts'
import { DEFAULT_PAUSES } from './dispatcher.ts'
import { FlightTable } from './flight-table.ts'
import { LoadRun, type LoadRunEnd } from './load-run.ts'
import { NonceBook } from './nonces.ts'
import type { Pace } from './pace.ts'
import { Planner, type PlannerOptions } from './planner.ts'
import { MetricsWatch } from './resources/metrics-watch.ts'
import type { Reading } from './resources/reading.ts'
import type { RunOptions } from './run-load.ts'
import { SignedSupply, type SupplyLimits } from './signed-supply.ts'
import { SigningPool } from './signing-pool.ts'
import { Tally } from './tally.ts'
import { transactionBytesMaxOf } from './transaction-bytes.ts'
import { openWebSocketStream } from './websocket-stream.ts'

const IN_FLIGHT_BYTES_MAX = 256 * 1_024 * 1_024
const DRAIN_MS_MAX = 20_000
/** Readings of metrics: often enough for the ends of any window, seldom enough to cost nothing. */
const READINGS_PER_RUN = 12
const READ_EVERY_MS_MIN = 2_000

/** How a run is made. */
export interface RunPlan {
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
  /** What is planned: the drafts of a part, or scheduled times as the planner goes ahead of the pace. */
  readonly drafts: Pick<PlannerOptions, 'nextMs' | 'part'>
  readonly onSigned?: () => void
}

/** What a run counted and read, before anything is made of it. */
export interface Measurement {
  readonly tally: Tally
  readonly end: LoadRunEnd
  readonly readings: readonly Reading[]
  /** Cores of all validators together; null when they are not known. */
  readonly cores: number | null
  readonly substitutions: number
}

/** Connects, signs ahead, drives the load and reads metrics beside it. */
export async function measure(options: RunOptions, plan: RunPlan): Promise<Measurement> {
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
    const planner = new Planner(workload, network, { nonces, ...plan.drafts })
    const supply = new SignedSupply(
      planner,
      (rows) => pool.sign(rows),
      plan.limits,
      () => run.heights(),
    )
    await supply.whenReady(plan.readyCount)
    plan.onSigned?.()
    await options.beforeStart?.()
    metrics.start(Math.max(READ_EVERY_MS_MIN, plan.endMs / READINGS_PER_RUN))
    const end = await run.drive(withinBudget(plan.pace, options.prices), supply, () => {
      metrics.read()
    })
    supply.dispose()
    return {
      tally,
      end,
      readings: await metrics.stop(),
      cores: options.cores ?? (metrics.isOneMachine ? availableParallelism() : null),
      substitutions: planner.substitutions,
    }
  } finally {
    metrics.close()
    run.close()
    await pool.close()
  }
}

/** The pace until the money is gone. */
function withinBudget(pace: Pace, prices: RunPrices | undefined): Pace {
  const budget = prices?.budget ?? null
  if (prices === undefined || budget === null) return pace
  return { ...pace, isOver: (nowMs) => pace.isOver(nowMs) || spentBy(prices, nowMs) >= budget }
}
