import type { Estimate } from '../result/shapes.ts'
import { normalQuantile, studentQuantile } from './distributions.ts'
import { autocorrelationOf, groupMeans, meanOf, varianceOf } from './moments.ts'

/** Most and fewest batches: B. Schmeiser, "Batch size effects in the analysis of simulation output", Op. Res. 30, 1982. */
const BATCHES_MAX = 30
const BATCHES_MIN = 10
const CONFIDENCE = 0.95

/** How a window was cut into batches. */
export interface Batching {
  /** Observations of each batch. */
  readonly size: number
  readonly count: number
  readonly lag1Autocorrelation: number | null
  readonly areIndependent: boolean
}

/**
 * Cuts observations into batches whose means do not depend on each other: starts with 30, and takes longer ones while von
 * Neumann's ratio tells the means from independent ones, down to 10. Null when there are fewer observations than that.
 *
 * G. S. Fishman, "Grouping observations in digital simulation", Management Science 24(5), 1978.
 */
export function batchingOf(values: readonly number[]): Batching | null {
  if (values.length < BATCHES_MIN) return null
  const sizeMax = Math.floor(values.length / BATCHES_MIN)
  for (let size = Math.max(1, Math.floor(values.length / BATCHES_MAX)); ; size += 1) {
    const means = groupMeans(values, Math.min(size, sizeMax))
    const areIndependent = looksIndependent(means)
    if (areIndependent || size >= sizeMax) {
      const lag1Autocorrelation = autocorrelationOf(means, 1)
      return {
        size: Math.min(size, sizeMax),
        count: means.length,
        lag1Autocorrelation,
        areIndependent,
      }
    }
  }
}

/** One-sided test of von Neumann's ratio at 5 %: whether neighbours resemble each other. */
function looksIndependent(means: readonly number[]): boolean {
  const correlation = autocorrelationOf(means, 1)
  if (correlation === null) return true
  const count = means.length
  const first = means[0] ?? 0
  const last = means.at(-1) ?? 0
  const mean = meanOf(means)
  const ends = ((first - mean) ** 2 + (last - mean) ** 2) / (2 * varianceOf(means) * (count - 1))
  // 1 - ratio / 2, which is about normal with variance (n - 2) / (n² - 1) without correlation.
  const statistic = correlation + ends
  return statistic <= normalQuantile(0.95) * Math.sqrt((count - 2) / (count * count - 1))
}

/**
 * Interval of a figure from its batches. Where the means still resemble their neighbours it is widened as for a
 * first-order autoregression, (1 + r) / (1 - r): an interval that is too short would be a wrong number.
 */
export function estimateOf(means: readonly number[], value = meanOf(means)): Estimate | null {
  if (means.length < 2) return null
  const correlation = Math.max(0, Math.min(0.9, autocorrelationOf(means, 1) ?? 0))
  const bound = normalQuantile(0.95) / Math.sqrt(means.length)
  const widening = correlation > bound ? (1 + correlation) / (1 - correlation) : 1
  const error = Math.sqrt((varianceOf(means) * widening) / means.length)
  const half = studentQuantile(CONFIDENCE, means.length - 1) * error
  return { value, low: value - half, high: value + half, confidence: CONFIDENCE }
}
