import { z } from 'zod'
import { checkedDurationMs, Duration } from './duration.ts'
import { Random } from './random.ts'

const PhaseSpec = z.strictObject({
  rate: z.int().min(1).max(1_000_000).describe('Transactions per second, over all shards.'),
  for: Duration.describe('How long this rate lasts.'),
})

/** When transactions are sent, as a `LoadTest` says it. */
export const ArrivalsSpec = z.strictObject({
  mode: z
    .literal('open')
    .default('open')
    .describe('Open: the schedule goes on whatever the testnet does.'),
  process: z.enum(['poisson', 'constant']).default('poisson').describe('Gaps between arrivals.'),
  schedule: z.array(PhaseSpec).min(1).max(1_000).describe('Phases, one after the other.'),
})
export type ArrivalsSpec = z.infer<typeof ArrivalsSpec>

/** One stretch of the schedule at one rate. */
export interface Phase {
  /** Transactions per second. */
  readonly rate: number
  readonly forMs: number
}

/** When transactions are sent, ready to draw from. */
export interface Arrivals {
  readonly process: 'poisson' | 'constant'
  readonly schedule: readonly Phase[]
}

/** The arrivals of a checked specification. */
export function arrivalsOf(spec: ArrivalsSpec): Arrivals {
  return {
    process: spec.process,
    schedule: spec.schedule.map((phase) => ({
      rate: phase.rate,
      forMs: checkedDurationMs(phase.for),
    })),
  }
}

/** Length of the whole schedule in milliseconds. */
export function scheduleMs(arrivals: Arrivals): number {
  return arrivals.schedule.reduce((total, phase) => total + phase.forMs, 0)
}

/** Highest rate of the schedule in transactions per second. */
export function peakRate(arrivals: Arrivals): number {
  return arrivals.schedule.reduce((peak, phase) => Math.max(peak, phase.rate), 0)
}

/** Where in its schedule a generator stands: changed by `nextArrivals` only. */
export interface ArrivalClock {
  readonly arrivals: Arrivals
  readonly random: Random
  phase: number
  phaseStartMs: number
  /** Time of the next arrival after the start of the run, or infinity when the schedule is over. */
  nextMs: number
}

/** The clock at the start of the schedule. The first arrival comes one gap after the start. */
export function startClock(arrivals: Arrivals, seed: number): ArrivalClock {
  const clock: ArrivalClock = {
    arrivals,
    random: new Random(seed, 'arrivals'),
    phase: 0,
    phaseStartMs: 0,
    nextMs: 0,
  }
  advance(clock)
  return clock
}

/**
 * Times of all arrivals at or before `untilMs` that were not given out yet, in order, at most `countMax` of them.
 * A function of schedule and seed alone: how often it is asked changes nothing.
 */
export function nextArrivals(clock: ArrivalClock, untilMs: number, countMax: number): number[] {
  const times: number[] = []
  // The schedule's end stands at infinity, which is never due.
  while (
    clock.nextMs < Number.POSITIVE_INFINITY &&
    clock.nextMs <= untilMs &&
    times.length < countMax
  ) {
    times.push(clock.nextMs)
    advance(clock)
  }
  return times
}

/**
 * Moves to the next arrival. A gap that crosses the end of a phase starts anew there at the new rate: exact for Poisson
 * arrivals, which have no memory.
 */
function advance(clock: ArrivalClock): void {
  let from = clock.nextMs
  for (;;) {
    const phase = clock.arrivals.schedule[clock.phase]
    if (phase === undefined) {
      clock.nextMs = Number.POSITIVE_INFINITY
      return
    }
    const ratePerMs = phase.rate / 1_000
    const gap =
      clock.arrivals.process === 'poisson' ? clock.random.exponential(ratePerMs) : 1 / ratePerMs
    const end = clock.phaseStartMs + phase.forMs
    // A constant rate ends on the boundary itself, which rounding may put a hair above.
    if (from + gap <= end + 1e-6) {
      clock.nextMs = from + gap
      return
    }
    clock.phase += 1
    clock.phaseStartMs = end
    from = end
  }
}
