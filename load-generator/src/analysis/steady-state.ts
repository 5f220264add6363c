import type { SteadyState, Trend } from '../result/steady-state-shape.ts'
import { LatencyHistogram } from '../latency-histogram.ts'
import { batchingOf, estimateOf, type Batching } from './batch-means.ts'
import { groupMeans, meanOf } from './moments.ts'
import { SLICES_MIN, STEPS_PER_SLICE, type SliceColumns } from './slices.ts'
import { trendOf } from './trend-test.ts'
import { truncationOf } from './truncation.ts'

/** A trend counts below this chance of being none … */
const P_VALUE_MAX = 0.01
/**
 * … or when three pairs of values in four agree on it: a backlog that wanders off remembers so much that the test alone
 * would call anything chance.
 */
const TAU_MIN = 0.5
/** … and when the backlog grows by more than this part of what is offered. */
const BACKLOG_SHARE_MAX = 0.02
/** … or the rate changes by more than this part of itself over the window. */
const RATE_CHANGE_MAX = 0.05
/** An interval that is wider than this part of its figure to each side says: too short. */
const HALF_WIDTH_MAX = 0.1

/** Part of a run that may always be warm-up. */
const SURE_WARM_UP_SHARE = 0.2

const METHOD =
  'MSER-5 on rate and backlog ends the warm-up; Mann–Kendall with Hamed–Rao correction and Theil–Sen slopes test both for trends; intervals by batch means'

/** What the tests are asked about. */
export interface SteadyStateRequest {
  readonly columns: SliceColumns
  /** Somebody said how long the warm-up is; null for the test to find it. */
  readonly warmUpMs: number | null
  /** Why the generator was the limit; empty when it was not. */
  readonly generatorReasons: readonly string[]
}

/** The series after the warm-up, by slice. */
interface Settled {
  readonly firstSlice: number
  readonly seconds: number
  /** Per second. */
  readonly rates: readonly number[]
  readonly offered: readonly number[]
  readonly backlog: readonly number[]
}

/** Where the warm-up of a run ends, whether it is steady after that, and intervals of its figures. Pure. */
export function steadyStateOf(request: SteadyStateRequest): SteadyState {
  const { columns, warmUpMs } = request
  const rates = groupMeans(columns.committed, STEPS_PER_SLICE).map(
    (perStep) => (perStep * STEPS_PER_SLICE * 1_000) / columns.sliceMs,
  )
  const offered = groupMeans(columns.offered, STEPS_PER_SLICE).map(
    (perStep) => (perStep * STEPS_PER_SLICE * 1_000) / columns.sliceMs,
  )
  const backlog = groupMeans(columns.backlog, STEPS_PER_SLICE)
  const found = [truncationOf(rates), truncationOf(backlog)]
  const tested = Math.max(...found.map(({ batches }) => batches))
  const firstSlice =
    warmUpMs === null ? tested : Math.min(rates.length, Math.ceil(warmUpMs / columns.sliceMs))
  const after = (first: number): Settled => ({
    firstSlice: first,
    seconds: ((rates.length - first) * columns.sliceMs) / 1_000,
    rates: rates.slice(first),
    offered: offered.slice(first),
    backlog: backlog.slice(first),
  })
  // What has not settled by the middle may be on its way all along: then the middle is too late to look for a trend.
  const isAtLimit = warmUpMs === null && found.some((each) => each.isAtLimit)
  const looked = isAtLimit
    ? after(Math.floor(rates.length * SURE_WARM_UP_SHARE))
    : after(firstSlice)
  return settledState(request, { settled: after(firstSlice), looked, isAtLimit })
}

interface Stretches {
  /** Where figures come from. */
  readonly settled: Settled
  /** Where trends are looked for. */
  readonly looked: Settled
  readonly isAtLimit: boolean
}

function settledState(
  { columns, warmUpMs, generatorReasons }: SteadyStateRequest,
  { settled, looked, isAtLimit }: Stretches,
): SteadyState {
  const isShort = settled.rates.length < SLICES_MIN
  const rateTrend = isShort ? null : rateTrendOf(looked)
  const backlogTrend = isShort ? null : backlogTrendOf(looked)
  const batching = batchingOf(settled.rates)
  const batches = batching === null ? null : batchesOf(columns, settled, batching)
  const committedPerSecond = batches === null ? null : estimateOf(batches.committedPerSecond)
  const findings = findingsOf({
    settled: looked,
    rateTrend,
    backlogTrend,
    isAtLimit,
    generatorReasons,
  })
  const doubts = findings.length > 0 ? [] : doubtsOf(settled, committedPerSecond)
  const all = [...findings, ...doubts]
  const latency = mergedLatency(columns, settled.firstSlice).summary()
  return {
    kind: findings.length > 0 ? 'notSteady' : doubts.length > 0 ? 'unknown' : 'steady',
    causes: all.map(({ cause }) => cause),
    reasons: all.map(({ reason }) => reason),
    isDisturbed: false,
    method: METHOD,
    warmUpMs: warmUpMs ?? settled.firstSlice * columns.sliceMs,
    warmUpChosenBy: warmUpMs === null ? 'test' : 'request',
    stepMs: columns.sliceMs / STEPS_PER_SLICE,
    observations: settled.rates.length * STEPS_PER_SLICE,
    rateTrend,
    backlogTrend,
    batches,
    committedPerSecond,
    p50Ms: latency === null ? null : quantileEstimate(batches?.p50Ms ?? [], latency.p50Ms),
    p99Ms: latency === null ? null : quantileEstimate(batches?.p99Ms ?? [], latency.p99Ms),
  }
}

interface Finding {
  readonly cause: SteadyState['causes'][number]
  readonly reason: string
}

interface Tested {
  readonly settled: Settled
  readonly rateTrend: Trend | null
  readonly backlogTrend: Trend | null
  readonly isAtLimit: boolean
  readonly generatorReasons: readonly string[]
}

/** Why the run was not steady. */
function findingsOf(tested: Tested): readonly Finding[] {
  const { settled, rateTrend, backlogTrend, isAtLimit, generatorReasons } = tested
  const findings: Finding[] = []
  if (backlogTrend?.isSignificant === true) {
    const grows = backlogTrend.perSecond > 0
    const share = (100 * Math.abs(backlogTrend.perSecond)) / meanOf(settled.offered)
    findings.push({
      cause: grows ? 'backlogGrows' : 'backlogShrinks',
      reason: `the backlog ${grows ? 'grows' : 'shrinks'} by ${figure(Math.abs(backlogTrend.perSecond))} transactions/s, ${share.toFixed(0)} % of what is offered`,
    })
  }
  if (rateTrend?.isSignificant === true) {
    const change = (100 * rateTrend.perSecond * settled.seconds) / meanOf(settled.rates)
    findings.push({
      cause: 'rateDrifts',
      reason: `the committed rate ${change > 0 ? 'rises' : 'falls'} by ${Math.abs(change).toFixed(0)} % within ${settled.seconds.toFixed(0)} s`,
    })
  }
  if (findings.length > 0 && isAtLimit) {
    findings.push({
      cause: 'warmUpNeverEnds',
      reason: 'half of the run is not enough to settle',
    })
  }
  if (findings.length > 0 && generatorReasons.length > 0)
    findings.push({ cause: 'generatorLimit', reason: 'the generator could not hold the schedule' })
  return findings
}

/** Why nothing can be said. */
function doubtsOf(settled: Settled, rate: SteadyState['committedPerSecond']): readonly Finding[] {
  if (settled.rates.length < SLICES_MIN || rate === null) {
    const reason = `too short: ${settled.rates.length} observations after the warm-up, ${SLICES_MIN} are needed`
    return [{ cause: 'tooShort', reason }]
  }
  const half = (rate.high - rate.low) / 2
  if (rate.value > 0 && half <= HALF_WIDTH_MAX * rate.value) return []
  const share = rate.value > 0 ? ((100 * half) / rate.value).toFixed(0) : '100'
  const reason = `too short: the rate is known to ± ${share} % only, ± ${100 * HALF_WIDTH_MAX} % are needed`
  return [{ cause: 'tooShort', reason }]
}

function backlogTrendOf({ backlog, offered, seconds }: Settled): Trend | null {
  return trendIn(backlog, seconds, (perSecond) => {
    return Math.abs(perSecond) > BACKLOG_SHARE_MAX * meanOf(offered)
  })
}

function rateTrendOf({ rates, seconds }: Settled): Trend | null {
  return trendIn(rates, seconds, (perSecond) => {
    return Math.abs(perSecond) * seconds > RATE_CHANGE_MAX * meanOf(rates)
  })
}

function trendIn(
  values: readonly number[],
  seconds: number,
  matters: (perSecond: number) => boolean,
): Trend | null {
  const found = trendOf(values)
  if (found === null) return null
  const perSecond = values.length / seconds
  return {
    perSecond: found.slope * perSecond,
    low: found.low * perSecond,
    high: found.high * perSecond,
    pValue: found.pValue,
    isSignificant:
      (found.pValue < P_VALUE_MAX || Math.abs(found.tau) >= TAU_MIN) &&
      matters(found.slope * perSecond),
  }
}

function batchesOf(
  columns: SliceColumns,
  settled: Settled,
  batching: Batching,
): NonNullable<SteadyState['batches']> {
  const { size, count } = batching
  const latencies = Array.from({ length: count }, (_, i) => {
    const first = settled.firstSlice + i * size
    return mergedLatency(columns, first, first + size)
  })
  return {
    count,
    lengthMs: size * columns.sliceMs,
    lag1Autocorrelation: batching.lag1Autocorrelation,
    areIndependent: batching.areIndependent,
    fromMs: latencies.map((_, i) => (settled.firstSlice + i * size) * columns.sliceMs),
    committedPerSecond: groupMeans(settled.rates, size),
    p50Ms: latencies.map((latency) => latency.percentileMs(50)),
    p99Ms: latencies.map((latency) => latency.percentileMs(99)),
  }
}

/** Latencies of what was scheduled in a range of slices. */
export function mergedLatency(
  { latency }: SliceColumns,
  firstSlice: number,
  endSlice = latency.length,
): LatencyHistogram {
  const merged = new LatencyHistogram()
  for (const each of latency.slice(firstSlice, endSlice)) merged.add(each)
  return merged
}

/**
 * A quantile over the window, as sure as its batches agree. The centre is the quantile of all, because the mean of the
 * batches' quantiles leans towards the middle (A. F. Seila, "A batching approach to quantile estimation", 1982).
 */
function quantileEstimate(batches: readonly (number | null)[], value: number) {
  const known = batches.filter((each) => each !== null)
  const estimate = estimateOf(known, value)
  return estimate === null ? null : { ...estimate, low: Math.max(0, estimate.low) }
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(2)
}
