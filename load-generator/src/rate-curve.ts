/** A stretch of time in which the rate goes linearly from one value to another. */
export interface RateSegment {
  readonly forMs: number
  /** Arrivals per second at its start. */
  readonly from: number
  /** Arrivals per second at its end. */
  readonly to: number
}

/** What rounding may put an arrival beyond the end of the schedule and still have it count, in arrivals. */
const ROUNDING = 1e-6

/**
 * A rate over time, piece by piece linear, and what follows from it: how many arrivals are due by a time, and by when
 * the n-th is due. Both are closed formulas of the whole curve, so that no error adds up over a long run.
 */
export class RateCurve {
  readonly totalMs: number
  /** Arrivals of the whole curve; a fraction at the end never comes. */
  readonly totalCount: number
  readonly #segments: readonly RateSegment[]
  readonly #startMs: Float64Array
  readonly #startCount: Float64Array

  constructor(segments: readonly RateSegment[]) {
    this.#segments = segments
    this.#startMs = new Float64Array(segments.length + 1)
    this.#startCount = new Float64Array(segments.length + 1)
    segments.forEach((segment, i) => {
      this.#startMs[i + 1] = (this.#startMs[i] ?? 0) + segment.forMs
      this.#startCount[i + 1] = (this.#startCount[i] ?? 0) + countOf(segment)
    })
    this.totalMs = this.#startMs[segments.length] ?? 0
    this.totalCount = this.#startCount[segments.length] ?? 0
  }

  get peak(): number {
    return this.#segments.reduce((peak, { from, to }) => Math.max(peak, from, to), 0)
  }

  /** Arrivals due by a time; a real number. */
  countAt(timeMs: number): number {
    if (timeMs >= this.totalMs) return this.totalCount
    const i = lastAtOrBelow(this.#startMs, timeMs)
    const segment = this.#segments[i]
    if (segment === undefined || timeMs <= 0) return 0
    const spentMs = timeMs - (this.#startMs[i] ?? 0)
    return (this.#startCount[i] ?? 0) + countWithin(segment, spentMs)
  }

  /** When as many arrivals are due, in milliseconds; infinity for more than there are. The inverse of `countAt`. */
  timeOf(count: number): number {
    if (count > this.totalCount + ROUNDING) return Number.POSITIVE_INFINITY
    if (count >= this.totalCount) return this.totalMs
    const i = lastAtOrBelow(this.#startCount, count)
    const segment = this.#segments[i]
    if (segment === undefined) return this.totalMs
    return (this.#startMs[i] ?? 0) + timeWithin(segment, count - (this.#startCount[i] ?? 0))
  }
}

function countOf({ forMs, from, to }: RateSegment): number {
  return (forMs * (from + to)) / 2_000
}

function countWithin({ forMs, from, to }: RateSegment, spentMs: number): number {
  return (spentMs * (2 * from + ((to - from) * spentMs) / forMs)) / 2_000
}

/** The root of a quadratic, in the form that stays exact when the slope is next to nothing. */
function timeWithin({ forMs, from, to }: RateSegment, count: number): number {
  const slope = (to - from) / forMs
  const root = Math.sqrt(Math.max(0, from * from + 2_000 * count * slope))
  const timeMs = from + root === 0 ? 0 : (2_000 * count) / (from + root)
  return Math.min(forMs, timeMs)
}

/** Index of the last entry, but the closing one, that is at or below the value. Equal neighbours: the last of them. */
function lastAtOrBelow(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((ascending[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}
