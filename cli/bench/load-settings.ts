import type { Criteria, Workload } from '@shardnet/load-generator'

/** Simple transfers inside of the one shard, between accounts drawn evenly. */
export function benchWorkload(seed: number): Workload {
  return {
    profile: 'payments',
    crossShard: 0,
    accounts: 'uniform',
    payloadBytes: 0,
    fee: 1,
    // Signed long before they are sent: they must not expire meanwhile.
    validityHeights: 9_000,
    seed,
  }
}

/** The bench judges by itself; a verdict on the run is not asked for. */
export const benchCriteria: Criteria = {
  committedPerSecondMin: null,
  p99MaxMs: null,
  lostMax: 0,
  steady: false,
}
