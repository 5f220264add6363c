/** How many cases of a long list a run takes when nobody says: enough to see that the list is alive. */
export const CASES_DEFAULT = 8

/** Which cases of long lists a run takes. */
export interface CaseChoice {
  /** Orders every list. */
  readonly seed: number
  /** Of the longest list: operators killed, events lost. Infinite where all of all lists are taken. */
  readonly count: number
  /** Of all lists only the cases with this in their names; null where any is as good. */
  readonly only: string | null
}

/** As the command line hands it on to the suites. */
export function caseChoice(environment: NodeJS.ProcessEnv = process.env): CaseChoice {
  const seed = Number(environment['SHARDNET_SEED'] ?? Date.now() % 1_000_000)
  const only = environment['SHARDNET_CASE'] ?? null
  if (only !== null || environment['SHARDNET_EXHAUSTIVE'] !== undefined)
    return { seed, count: Number.POSITIVE_INFINITY, only }
  return { seed, count: Number(environment['SHARDNET_CASES'] ?? CASES_DEFAULT), only }
}

/** The cases that a choice takes from, in its order. */
export function inOrder<T extends { readonly name: string }>(
  all: readonly T[],
  { seed, only }: CaseChoice,
): readonly T[] {
  return shuffled(all, seed).filter(({ name }) => only === null || name.includes(only))
}

/** How many of a list a choice takes, where that one takes a part of what the longest one does. */
export function countOf(all: readonly unknown[], { count }: CaseChoice, part = 1): number {
  return Math.min(all.length, Math.max(1, Math.ceil(count * part)))
}

/** All of them, in an order that a seed chooses. */
function shuffled<T>(all: readonly T[], seed: number): readonly T[] {
  const pool = [...all]
  const picked: T[] = []
  let state = seed >>> 0
  while (pool.length > 0) {
    // A linear congruential generator (Numerical Recipes): spreads, no more.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    picked.push(...pool.splice(state % pool.length, 1))
  }
  return picked
}
