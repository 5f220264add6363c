import { type ApiCall, isWrite, labelOf } from '../cluster/api-proxy/api-call.ts'

/** A moment at which an operator can die: just before or just after one of its writes. */
export interface KillPoint {
  readonly label: string
  readonly when: 'before' | 'after'
}

/**
 * Every write that a run made, once, each with the moment before it and the moment after it. Renewals of the lease are
 * left out: they come by the clock.
 */
export function killPoints(calls: readonly ApiCall[]): readonly KillPoint[] {
  const labels = new Set(calls.filter(isWrite).filter(isPlanned).map(labelOf))
  return [...labels].flatMap((label) => [
    { label, when: 'before' },
    { label, when: 'after' },
  ])
}

function isPlanned({ resource, verb }: ApiCall): boolean {
  return resource !== 'leases' || verb === 'create'
}

/** As many of them as asked for, chosen by a seed. */
export function chosen<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  const pool = [...all]
  const picked: T[] = []
  let state = seed >>> 0
  while (picked.length < count && pool.length > 0) {
    // A linear congruential generator (Numerical Recipes): spreads, no more.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    picked.push(...pool.splice(state % pool.length, 1))
  }
  return picked
}
