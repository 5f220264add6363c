import { z } from 'zod'
import { checkedDurationMs, Duration, durationMsOf } from './duration.ts'
import { RateCurve, type RateSegment } from './rate-curve.ts'

const RATE_MAX = 1_000_000
const rate = () => z.int().min(1).max(RATE_MAX)

const BurstSpec = z.strictObject({
  rate: rate().describe('Transactions per second during a burst.'),
  every: Duration.describe('From the start of one burst to the start of the next.'),
  for: Duration.describe('How long each burst lasts.'),
})

const PhaseSpec = z
  .strictObject({
    rate: rate().describe('Transactions per second, over all shards.'),
    for: Duration.describe('How long this phase lasts.'),
    to: rate().optional().describe('A ramp: the rate goes evenly from `rate` to this one.'),
    steps: z
      .int()
      .min(2)
      .max(1_000)
      .optional()
      .describe('With `to`: as many equal steps in place of the slope.'),
    burst: BurstSpec.optional().describe(
      'Bursts above `rate`; the first begins one interval after the phase.',
    ),
  })
  .superRefine(checkPhase, { when: () => true })

interface TypedPhase {
  readonly to?: unknown
  readonly steps?: unknown
  readonly burst?: { readonly every?: unknown; readonly for?: unknown } | undefined
}

/** Looks at fields that may be wrong by themselves as well, so that all problems are told together. */
function checkPhase(phase: TypedPhase | null, context: z.RefinementCtx): void {
  if (phase === null) return
  const problem = (path: string[], message: string): void =>
    context.addIssue({ code: 'custom', path, message })
  if (phase.steps !== undefined && phase.to === undefined)
    problem(['steps'], 'expected no steps without `to`, the rate that they lead to')
  if (phase.burst !== undefined && phase.to !== undefined)
    problem(['burst'], 'expected no burst together with `to`')
  const { every, for: length } = phase.burst ?? {}
  if (typeof every !== 'string' || typeof length !== 'string') return
  const [everyMs, lengthMs] = [durationMsOf(every), durationMsOf(length)]
  if (everyMs !== null && lengthMs !== null && lengthMs >= everyMs)
    problem(['burst', 'for'], `expected a duration below ${every}, in which the next burst begins`)
}

interface TypedArrivals {
  readonly process?: unknown
  readonly schedule?: unknown
}

/** When transactions are sent, as a `LoadTest` says it. */
export const ArrivalsSpec = z
  .strictObject({
    mode: z
      .literal('open')
      .default('open')
      .describe('Open: the schedule goes on whatever the testnet does.'),
    process: z
      .enum(['poisson', 'constant', 'trace'])
      .default('poisson')
      .describe(
        'Gaps between arrivals: by chance, all the same, or as the file of the profile `trace` says.',
      ),
    schedule: z
      .array(PhaseSpec)
      .max(1_000)
      .default([])
      .describe('Phases, one after the other; none with the process `trace`, at least one else.'),
  })
  .superRefine(
    (arrivals: TypedArrivals | null, context) => {
      const { process, schedule } = arrivals ?? {}
      if (!Array.isArray(schedule)) return
      const isTrace = process === 'trace'
      if (isTrace === (schedule.length === 0)) return
      const message = isTrace
        ? 'expected no schedule: the times come from the trace'
        : 'expected at least one phase'
      context.addIssue({ code: 'custom', path: ['schedule'], message })
    },
    { when: () => true },
  )
export type ArrivalsSpec = z.infer<typeof ArrivalsSpec>

/** Bursts of a phase. */
export interface Burst {
  /** Transactions per second. */
  readonly rate: number
  readonly everyMs: number
  readonly forMs: number
}

/** One stretch of the schedule: at one rate, or on its way to another. */
export interface Phase {
  /** Transactions per second. */
  readonly rate: number
  readonly forMs: number
  /** Rate at its end, when that is another one. */
  readonly toRate?: number
  /** Equal steps to `toRate` in place of a slope. */
  readonly steps?: number
  readonly burst?: Burst
}

/** When transactions are sent, ready to draw from. */
export interface Arrivals {
  readonly process: 'poisson' | 'constant' | 'trace'
  /** Empty for a trace. */
  readonly schedule: readonly Phase[]
  /** Times of a trace, ascending, in milliseconds after the start. */
  readonly timesMs?: Float64Array
}

/** The arrivals of a checked specification. */
export function arrivalsOf(spec: ArrivalsSpec): Arrivals {
  return { process: spec.process, schedule: spec.schedule.map(phaseOf) }
}

function phaseOf({ rate: from, for: length, to, steps, burst }: ArrivalsSpec['schedule'][number]) {
  return {
    rate: from,
    forMs: checkedDurationMs(length),
    ...(to === undefined ? {} : { toRate: to }),
    ...(steps === undefined ? {} : { steps }),
    ...(burst === undefined
      ? {}
      : {
          burst: {
            rate: burst.rate,
            everyMs: checkedDurationMs(burst.every),
            forMs: checkedDurationMs(burst.for),
          },
        }),
  }
}

/** The rate over time that a schedule stands for. */
export function curveOf(schedule: readonly Phase[]): RateCurve {
  return new RateCurve(schedule.flatMap(segmentsOf))
}

/** Length of the whole schedule in milliseconds. */
export function scheduleMs({ schedule, timesMs }: Arrivals): number {
  if (timesMs !== undefined) return timesMs.at(-1) ?? 0
  return schedule.reduce((total, phase) => total + phase.forMs, 0)
}

/** Highest rate of the schedule in transactions per second; of a trace, in its busiest second. */
export function peakRate(arrivals: Arrivals): number {
  if (arrivals.timesMs !== undefined) return busiestSecond(arrivals.timesMs)
  return curveOf(arrivals.schedule).peak
}

/** Transactions that the schedule asks for, on average. */
export function expectedCount(arrivals: Arrivals): number {
  return arrivals.timesMs?.length ?? curveOf(arrivals.schedule).totalCount
}

function segmentsOf({ rate: from, forMs, toRate, steps, burst }: Phase): RateSegment[] {
  if (burst !== undefined) return burstSegments(from, forMs, burst)
  if (toRate === undefined) return [{ forMs, from, to: from }]
  if (steps === undefined) return [{ forMs, from, to: toRate }]
  return Array.from({ length: steps }, (_, i) => {
    const level = from + ((toRate - from) * i) / (steps - 1)
    return { forMs: forMs / steps, from: level, to: level }
  })
}

function burstSegments(base: number, forMs: number, burst: Burst): RateSegment[] {
  const segments: RateSegment[] = []
  const add = (level: number, untilMs: number, fromMs: number): void => {
    const end = Math.min(untilMs, forMs)
    if (end > fromMs) segments.push({ forMs: end - fromMs, from: level, to: level })
  }
  let quietFromMs = 0
  for (let startMs = burst.everyMs; startMs < forMs; startMs += burst.everyMs) {
    add(base, startMs, quietFromMs)
    add(burst.rate, startMs + burst.forMs, startMs)
    quietFromMs = startMs + burst.forMs
  }
  add(base, forMs, quietFromMs)
  return segments
}

function busiestSecond(timesMs: Float64Array): number {
  let peak = 0
  let first = 0
  for (let last = 0; last < timesMs.length; last++) {
    while ((timesMs[last] ?? 0) - (timesMs[first] ?? 0) >= 1_000) first += 1
    peak = Math.max(peak, last - first + 1)
  }
  return peak
}
