/** Where a series settles. */
export interface Truncation {
  /** Batches to leave out at the start. */
  readonly batches: number
  /** The best point lies at the limit: the series has not settled by the middle of the run. */
  readonly isAtLimit: boolean
}

/**
 * MSER-5: the truncation point that minimises the standard error of the mean of what is left. `means` are means of five
 * observations each. Looks at the first half only, because the last few values alone always seem steady.
 *
 * K. P. White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69(6), 1997;
 * K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five steady-state truncation heuristics for simulation",
 * Winter Simulation Conference 2000.
 */
export function truncationOf(means: readonly number[]): Truncation {
  const count = means.length
  const limit = Math.floor(count / 2)
  let best = { batches: 0, error: Number.POSITIVE_INFINITY }
  // Sums from the end, so that each candidate costs one step.
  let sum = 0
  let squares = 0
  const offset = means.at(-1) ?? 0
  for (let first = count - 1; first >= 0; first--) {
    const value = (means[first] ?? 0) - offset
    sum += value
    squares += value * value
    const left = count - first
    const error = Math.max(0, squares - (sum * sum) / left) / (left * left)
    if (first <= limit && error <= best.error) best = { batches: first, error }
  }
  return { batches: best.batches, isAtLimit: limit > 0 && best.batches >= limit }
}
