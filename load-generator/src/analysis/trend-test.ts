import { normalQuantile, twoSidedNormalTail } from './distributions.ts'
import { medianOf } from './moments.ts'

/** A monotonic trend of a series, per observation. */
export interface TrendFound {
  /** Theil–Sen slope: the median of all pairs' slopes. */
  readonly slope: number
  readonly low: number
  readonly high: number
  /** Kendall's τ: 1 for a series that only rises, -1 for one that only falls, 0 for one without a trend. */
  readonly tau: number
  /** Chance of a trend at least as clear in a series without one. */
  readonly pValue: number
}

/** Autocorrelations of the ranks count when they are this many standard errors from zero. */
const CORRELATION_SIGMAS = 1.96

/** Differences below this part of the largest value are those of its arithmetic. */
const ROUNDING = 1e-12

/**
 * Mann–Kendall test for a monotonic trend, its variance corrected for serial correlation, with the Theil–Sen slope. Rank
 * statistics, so that bursts and outliers do not decide. Needs about ten observations.
 *
 * H. B. Mann, Econometrica 13, 1945; M. G. Kendall, "Rank Correlation Methods", 1975; K. H. Hamed, A. R. Rao, "A modified
 * Mann-Kendall trend test for autocorrelated data", Journal of Hydrology 204, 1998; P. K. Sen, "Estimates of the
 * regression coefficient based on Kendall's tau", JASA 63, 1968.
 */
export function trendOf(values: readonly number[], confidence = 0.95): TrendFound | null {
  const count = values.length
  if (count < 4) return null
  const slopes: number[] = []
  let score = 0
  for (const [i, earlier] of values.entries()) {
    for (let j = i + 1; j < count; j++) {
      const difference = (values[j] ?? 0) - earlier
      score += Math.sign(difference)
      slopes.push(difference / (j - i))
    }
  }
  slopes.sort((a, b) => a - b)
  const slope = medianOf(slopes)
  const detrended = values.map((value, i) => value - slope * i)
  const variance = tiedVariance(values) * correlationFactor(detrended)
  const sigma = Math.sqrt(variance)
  const z = sigma > 0 ? (score - Math.sign(score)) / sigma : 0
  // Sen's interval: the slopes as many ranks from the middle as the score's deviation allows.
  const reach = normalQuantile(0.5 + confidence / 2) * sigma
  const at = (rank: number): number =>
    slopes[Math.max(0, Math.min(slopes.length - 1, Math.round(rank)))] ?? 0
  return {
    slope,
    low: at((slopes.length - reach) / 2 - 1),
    high: at((slopes.length + reach) / 2),
    tau: (2 * score) / (count * (count - 1)),
    pValue: Math.min(1, twoSidedNormalTail(z)),
  }
}

/** Variance of Kendall's score when nothing depends on anything, with equal values accounted for. */
function tiedVariance(values: readonly number[]): number {
  const count = values.length
  const groups = new Map<number, number>()
  for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1)
  const term = (n: number): number => n * (n - 1) * (2 * n + 5)
  let ties = 0
  for (const size of groups.values()) ties += term(size)
  return (term(count) - ties) / 18
}

/**
 * How much the variance grows because neighbours resemble each other: Hamed and Rao's n/n*, or what a first-order
 * autoregression of that memory needs, whichever is more. Never below 1.
 */
function correlationFactor(values: readonly number[]): number {
  const count = values.length
  const ranks = ranksOf(values)
  const measured = rankCorrelation(ranks, 1)
  // A short series shows less memory than it has (M. G. Kendall, "Note on bias in the estimation of autocorrelation", 1954).
  const memory = Math.min(0.98, measured + (1 + 4 * measured) / count)
  const bound = CORRELATION_SIGMAS / Math.sqrt(count)
  let sum = 0
  for (let lag = 1; lag < count - 2; lag++) {
    const correlation = rankCorrelation(ranks, lag)
    // Only what stands out: the sum over all lags would be noise. Correlation that has died out stays dead.
    if (Math.abs(correlation) <= bound) break
    sum += (count - lag) * (count - lag - 1) * (count - lag - 2) * correlation
  }
  const autoregression = measured > bound ? (1 + memory) / (1 - memory) : 1
  return Math.max(1, autoregression, 1 + (2 / (count * (count - 1) * (count - 2))) * sum)
}

function rankCorrelation(ranks: readonly number[], lag: number): number {
  const mean = (ranks.length + 1) / 2
  let own = 0
  let shifted = 0
  for (const [i, rank] of ranks.entries()) {
    own += (rank - mean) ** 2
    const later = ranks[i + lag]
    if (later !== undefined) shifted += (rank - mean) * (later - mean)
  }
  return own > 0 ? shifted / own : 0
}

/**
 * Ranks from 1; equal values share their middle rank. Values count as equal within rounding: on the trend line itself,
 * k times the slope is not the same double from both ends, and ranks made of such differences would be noise.
 */
function ranksOf(values: readonly number[]): number[] {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const order = values
    .map((value, index) => ({ value, index }))
    .toSorted((a, b) => a.value - b.value)
  const ranks: number[] = Array.from({ length: values.length }, () => 0)
  for (let start = 0; start < order.length;) {
    let end = start + 1
    const limit = (order[start]?.value ?? 0) + largest * ROUNDING
    while (end < order.length && (order[end]?.value ?? limit) <= limit) end += 1
    for (const { index } of order.slice(start, end)) ranks[index] = (start + end + 1) / 2
    start = end
  }
  return ranks
}
