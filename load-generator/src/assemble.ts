import type { z } from 'zod'
import type { Arrivals, Phase } from './arrivals.ts'
import type { Criteria } from './criteria.ts'
import { generatorReasons } from './generator-limit.ts'
import type { LoadRunEnd } from './load-run.ts'
import type { LoadNetwork } from './network.ts'
import { RESULT_FORMAT, type LoadResult, type SafetyCheck } from './result.ts'
import type { ResultFact } from './result/shapes.ts'
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
  readonly facts: readonly ResultFact[]
  readonly command: string | null
}

const SAFETY_NOT_CHECKED: SafetyCheck = { kind: 'notChecked', findings: [], facts: [] }

/** Puts what was asked and what was counted into the shape of `result.json`, and judges it. Pure. */
export function assembleResult(
  request: RunRequest,
  tally: Tally,
  end: LoadRunEnd,
  substitutions: number,
): LoadResult {
  const { window } = tally
  const windowSeconds = (window.toMs - window.fromMs) / 1_000
  const perSecond = (count: number): number => (windowSeconds > 0 ? count / windowSeconds : 0)
  const reasons = request.mode === 'open' ? generatorReasons(tally) : []
  const shards = tally.sentByShard.map((sent, shard) => ({
    shard,
    heightFirst: end.heightsFirst[shard] ?? 0,
    heightLast: end.heightsLast[shard] ?? 0,
    sent,
    committed: tally.committedByShard[shard] ?? 0,
  }))
  const committedPerSecond = perSecond(tally.committedInWindow)
  const latency = tally.latency.summary()
  return judgedAgain({
    format: RESULT_FORMAT,
    name: request.network.name,
    startedAt: end.startedAt.toISOString(),
    elapsedMs: end.elapsedMs,
    interrupted: end.interrupted,
    verdict: { kind: 'undecided', reasons: [], criteria: [] },
    safety: SAFETY_NOT_CHECKED,
    window,
    offeredPerSecond: perSecond(tally.scheduledInWindow),
    committedPerSecond,
    counts: countsOf(tally),
    latency: { summary: latency, bins: tally.latency.bins(), encoded: tally.latency.encoded() },
    steadyState: NOT_TESTED,
    counting: countingOf(request, committedPerSecond),
    resources: null,
    bottleneck: { kind: 'unknown', text: 'Nothing was measured.', loads: [] },
    search: null,
    cost: null,
    door: {
      acknowledged: tally.acknowledged,
      resent: tally.resent,
      busy: tally.busy,
      refusalsByCode: Object.fromEntries(tally.refusalsByCode),
      connectionsLost: end.connectionsLost,
      contradictions: end.contradictions,
    },
    generator: {
      wasLimit: reasons.length > 0,
      reasons,
      lateness: tally.lateness.summary(),
      substitutions,
      clockJumps: [],
    },
    shards,
    series: mutableColumns(tally),
    marks: [],
    configuration: configurationOf(request),
  })
}

const NOT_TESTED: LoadResult['steadyState'] = {
  kind: 'unknown',
  causes: ['tooShort'],
  reasons: ['not tested'],
  isDisturbed: false,
  method: 'none',
  warmUpMs: 0,
  warmUpChosenBy: 'request',
  stepMs: 0,
  observations: 0,
  rateTrend: null,
  backlogTrend: null,
  batches: null,
  committedPerSecond: null,
  p50Ms: null,
  p99Ms: null,
}

function countingOf(request: RunRequest, committedPerSecond: number): LoadResult['counting'] {
  const { shards, validatorsPerShard } = request.network
  return {
    committedPerSecond,
    style2018: null,
    perValidatorPerSecond: committedPerSecond / (shards * validatorsPerShard),
    cores: null,
    perCorePerSecond: null,
    perCoreSecondUsed: null,
    signatureChecks: null,
    perSignatureCheck: null,
    networkBytesPerTransaction: null,
    clientBytesPerTransaction: null,
    diskBytesPerTransaction: null,
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
