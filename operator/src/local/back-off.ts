const FIRST_MS = 250
const LONGEST_MS = 30_000
/** A process that ran this long had started well: the next death is a new story. */
const SETTLED_MS = 10_000

/** How long a dead validator stays down, by how often it died one time after another. */
export interface BackOff {
  readonly deaths: number
  readonly delayMs: number
}

/** Before the first death. */
export const NO_DEATHS: BackOff = { deaths: 0, delayMs: 0 }

/** After a death of a process that had run for so long. */
export function afterDeath(before: BackOff, ranForMs: number): BackOff {
  const deaths = ranForMs >= SETTLED_MS ? 1 : before.deaths + 1
  return { deaths, delayMs: Math.min(LONGEST_MS, FIRST_MS * 2 ** (deaths - 1)) }
}
