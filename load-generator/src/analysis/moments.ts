/** Arithmetic mean; NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Sample variance (divided by n - 1). */
export function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values)
  let sum = 0
  for (const value of values) sum += (value - mean) ** 2
  return sum / (values.length - 1)
}

/** The middle value, or the mean of the two middle ones. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Autocorrelation at a lag; null where the values do not vary. */
export function autocorrelationOf(values: readonly number[], lag: number): number | null {
  const mean = meanOf(values)
  let own = 0
  let shifted = 0
  for (const [i, value] of values.entries()) {
    own += (value - mean) ** 2
    const later = values[i + lag]
    if (later !== undefined) shifted += (value - mean) * (later - mean)
  }
  return own > 0 ? shifted / own : null
}

/** Means of consecutive groups of `size`; a rest at the end is left out. */
export function groupMeans(values: readonly number[], size: number): number[] {
  const groups = Math.floor(values.length / size)
  return Array.from({ length: groups }, (_, i) => meanOf(values.slice(i * size, (i + 1) * size)))
}
