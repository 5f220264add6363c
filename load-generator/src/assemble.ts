import type { z } from 'zod'
import { style2018Of } from './analysis/block-count.ts'
import { bottleneckOf } from './analysis/bottleneck.ts'
import { countingOf } from './analysis/counting.ts'
import { resourcesOf } from './analysis/resource-use.ts'
import type { SliceColumns } from './analysis/slices.ts'
import { mergedLatency, steadyStateOf } from './analysis/steady-state.ts'
import type { Arrivals, Phase } from './arrivals.ts'
import type { Criteria } from './criteria.ts'
import {
  holdOf,
  LATENESS_P99_MAX_MS,
  type ScheduleHold,
  UNSENT_SHARE_MAX,
} from './generator-limit.ts'
import type { LatencyHistogram } from './latency-histogram.ts'
import type { LoadRunEnd } from './load-run.ts'
import type { LoadNetwork } from './network.ts'
import type { Reading } from './resources/reading.ts'
import { RESULT_FORMAT, type LoadResult, type SafetyCheck } from './result.ts'
import type { ResultFact } from './result/shapes.ts'
import type { SteadyState } from './result/steady-state-shape.ts'
import { totalOf, type Tally } from './tally.ts'
import { judgedAgain } from './verdict.ts'
import { settingsOf, type Workload } from './workload.ts'

type ResultPhase = LoadResult['configuration']['arrivals']['schedule'][number]

/** What a run was asked to do. */
export interface RunRequest {
  readonly network: LoadNetwork
  readonly workload: Workload
  readonly arrivals: Arrivals
  readonly criteria: Criteria
  readonly mode: 'open' | 'saturation'
  /** Somebody said how long the warm-up is; null for the test to find it. */
  readonly warmUpMs: number | null
  readonly facts: readonly ResultFact[]
  readonly command: string | null
}

/** What was read beside the transactions. */
export interface RunReadings {
  readonly readings: readonly Reading[]
  /** Cores that the validators share or have together; null when it is not known. */
  readonly cores: number | null
  readonly substitutions: number
  /** Of several generators; that of the tally, if not said. */
  readonly hold?: ScheduleHold
}

/** Nobody is late for a run that goes as fast as the testnet takes. */
const NO_SCHEDULE: ScheduleHold = { reasons: [], latenessP99Ms: null, unsentShare: 0 }

const SAFETY_NOT_CHECKED: SafetyCheck = { kind: 'notChecked', findings: [], facts: [] }

/** The part of a run that figures are taken from, with the figures. */
interface Measured {
  readonly window: LoadResult['window']
  readonly committed: number
  readonly scheduled: number
  readonly latency: LatencyHistogram
  readonly firstSlice: number
}

/** Puts what was asked and what was counted into the shape of `result.json`, and judges it. Pure. */
export function assembleResult(
  request: RunRequest,
  tally: Tally,
  end: LoadRunEnd,
  { readings, cores, substitutions, hold = holdOf(tally) }: RunReadings,
): LoadResult {
  const { reasons, latenessP99Ms, unsentShare } = request.mode === 'open' ? hold : NO_SCHEDULE
  const generatorReasons = [...reasons]
  const columns = tally.slices.columns(tally.window.toMs)
  const { warmUpMs, network } = request
  const steadyState = steadyStateOf({ columns, warmUpMs, generatorReasons })
  const measured =
    warmUpMs === null ? testedWindow(columns, steadyState) : askedWindow(tally, columns)
  const { window } = measured
  const seconds = (window.toMs - window.fromMs) / 1_000
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0)
  const committedPerSecond = perSecond(measured.committed)
  const resources = resourcesOf(readings, window, cores)
  return judgedAgain({
    format: RESULT_FORMAT,
    name: network.name,
    startedAt: end.startedAt.toISOString(),
    elapsedMs: end.elapsedMs,
    interrupted: end.interrupted,
    verdict: { kind: 'undecided', reasons: [], criteria: [] },
    safety: SAFETY_NOT_CHECKED,
    window,
    offeredPerSecond: perSecond(measured.scheduled),
    committedPerSecond,
    counts: countsOf(tally),
    latency: {
      summary: measured.latency.summary(),
      bins: measured.latency.bins(),
      encoded: measured.latency.encoded(),
    },
    steadyState,
    counting: countingOf({
      committedPerSecond,
      windowMs: window.toMs - window.fromMs,
      validators: network.shards * network.validatorsPerShard,
      style2018: style2018Of(columns, measured.firstSlice, committedPerSecond),
      clientBytes: tally.clientBytes,
      committed: tally.committed,
      resources,
    }),
    resources,
    bottleneck: bottleneckOf({
      resources,
      latenessP99Ms,
      latenessLimitMs: LATENESS_P99_MAX_MS,
      unsentShare,
      unsentLimit: UNSENT_SHARE_MAX,
    }),
    search: null,
    cost: null,
    door: doorOf(tally, end),
    generator: {
      wasLimit: generatorReasons.length > 0,
      reasons: generatorReasons,
      lateness: tally.lateness.summary(),
      substitutions,
      clockJumps: end.clockJumps.map((jump) => ({ ...jump })),
    },
    shards: shardsOf(tally, end),
    series: mutableColumns(tally),
    marks: [],
    configuration: configurationOf(request),
  })
}

/** The window that begins where the test saw the warm-up end. */
function testedWindow(columns: SliceColumns, steadyState: SteadyState): Measured {
  const firstSlice = Math.round(steadyState.warmUpMs / columns.sliceMs)
  const steps = columns.latency.length === 0 ? 0 : columns.offered.length / columns.latency.length
  const after = (counts: readonly number[]): number =>
    counts.slice(firstSlice * steps).reduce((sum, count) => sum + count, 0)
  return {
    window: {
      fromMs: firstSlice * columns.sliceMs,
      toMs: columns.latency.length * columns.sliceMs,
    },
    committed: after(columns.committed),
    scheduled: after(columns.offered),
    latency: mergedLatency(columns, firstSlice),
    firstSlice,
  }
}

/** The window that was asked for, to the millisecond. */
function askedWindow(tally: Tally, columns: SliceColumns): Measured {
  const { window } = tally
  return {
    window,
    committed: tally.committedInWindow,
    scheduled: tally.scheduledInWindow,
    latency: tally.latency,
    firstSlice: Math.min(columns.latency.length, Math.ceil(window.fromMs / columns.sliceMs)),
  }
}

function countsOf(tally: Tally): LoadResult['counts'] {
  return {
    scheduled: tally.scheduled,
    sent: tally.sent,
    committed: tally.committed,
    committedCrossShard: tally.committedCrossShard,
    failed: totalOf(tally.failedByCode),
    refused: totalOf(tally.refusedByCode),
    expired: tally.expired,
    lost: tally.lost,
    failedByCode: Object.fromEntries(tally.failedByCode),
    refusedByCode: Object.fromEntries(tally.refusedByCode),
  }
}

function doorOf(tally: Tally, end: LoadRunEnd): LoadResult['door'] {
  return {
    acknowledged: tally.acknowledged,
    resent: tally.resent,
    busy: tally.busy,
    refusalsByCode: Object.fromEntries(tally.refusalsByCode),
    connectionsLost: end.connectionsLost,
    contradictions: end.contradictions,
  }
}

function shardsOf(tally: Tally, end: LoadRunEnd): LoadResult['shards'] {
  return tally.sentByShard.map((sent, shard) => ({
    shard,
    heightFirst: end.heightsFirst[shard] ?? 0,
    heightLast: end.heightsLast[shard] ?? 0,
    sent,
    committed: tally.committedByShard[shard] ?? 0,
  }))
}

function mutableColumns(tally: Tally): LoadResult['series'] {
  const columns = tally.series.columns()
  return {
    intervalMs: columns.intervalMs,
    timeMs: [...columns.timeMs],
    offered: [...columns.offered],
    sent: [...columns.sent],
    committed: [...columns.committed],
    failed: [...columns.failed],
    inFlight: [...columns.inFlight],
    backlog: [...columns.backlog],
    p50Ms: [...columns.p50Ms],
    p99Ms: [...columns.p99Ms],
    heights: columns.heights.map((heights) => [...heights]),
  }
}

function configurationOf(request: RunRequest): LoadResult['configuration'] {
  const { network, workload, arrivals, criteria } = request
  return {
    networkId: network.networkId,
    shards: network.shards,
    validatorsPerShard: network.validatorsPerShard,
    accountsPerShard: network.accountsPerShard,
    workload: workloadFacts(workload),
    arrivals: {
      process: request.mode === 'open' ? arrivals.process : 'saturation',
      schedule: arrivals.schedule.map(copyOf),
    },
    criteria: { ...criteria },
    facts: request.facts.map((fact) => ({ ...fact })),
    command: request.command,
  }
}

function copyOf({ burst, ...phase }: Phase): ResultPhase {
  return burst === undefined ? phase : { ...phase, burst: { ...burst } }
}

function workloadFacts(workload: Workload): LoadResult['configuration']['workload'] {
  const { profile, fee, validityHeights, seed } = workload
  // Settings are numbers, texts and groups of them, as a document has them.
  const settings = structuredClone(settingsOf(workload)) as Record<string, z.core.util.JSONType>
  return { profile, fee, validityHeights, seed, settings }
}
