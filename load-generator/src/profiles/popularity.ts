import type { Random } from '../random.ts'

/** Draws which account of a shard takes part. */
export type Popularity = (random: Random) => number

/** Every account equally often, or the i-th most popular in proportion to 1/i (Zipf's law with exponent 1). */
export function popularityOf(kind: 'uniform' | 'zipf', accounts: number): Popularity {
  if (kind === 'uniform') return (random) => random.below(accounts)
  const cumulative = new Float64Array(accounts)
  let total = 0
  for (let rank = 0; rank < accounts; rank++) {
    total += 1 / (rank + 1)
    cumulative[rank] = total
  }
  return (random) => firstAbove(cumulative, random.unit() * total)
}

/** Index of the first entry of an ascending list that is above the value. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
