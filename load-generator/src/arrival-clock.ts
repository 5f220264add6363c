import { type Arrivals, curveOf } from './arrivals.ts'
import { Random } from './random.ts'
import type { RateCurve } from './rate-curve.ts'

/**
 * Gives out the times of all arrivals, in order, each once: a function of schedule and seed alone, however often it is
 * asked. The n-th arrival stands where the schedule's curve reaches n (constant), or the n-th point of a Poisson process
 * of rate one: a time change by the cumulated rate makes that exact for any rate over time (Brown et al., "The time-rescaling
 * theorem", Neural Computation 14, 2002).
 */
export class ArrivalClock {
  readonly #next: () => number
  #nextMs: number

  constructor(arrivals: Arrivals, seed: number) {
    this.#next = timesOf(arrivals, seed)
    this.#nextMs = this.#next()
  }

  /** Time of the next arrival in milliseconds after the start, or infinity when the schedule is over. */
  get nextMs(): number {
    return this.#nextMs
  }

  /** Gives the next arrival out. */
  take(): number {
    const now = this.#nextMs
    this.#nextMs = this.#next()
    return now
  }
}

function timesOf(arrivals: Arrivals, seed: number): () => number {
  const { timesMs } = arrivals
  let given = 0
  if (timesMs !== undefined) return () => timesMs[given++] ?? Number.POSITIVE_INFINITY
  const curve = curveOf(arrivals.schedule)
  if (arrivals.process === 'poisson') return poissonTimes(curve, new Random(seed, 'arrivals'))
  return () => curve.timeOf(++given)
}

function poissonTimes(curve: RateCurve, random: Random): () => number {
  let count = 0
  return () => {
    count += random.exponential(1)
    // No rounding here: what lies beyond the end by a hair is beyond it.
    return count > curve.totalCount ? Number.POSITIVE_INFINITY : curve.timeOf(count)
  }
}
