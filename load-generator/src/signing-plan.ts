import type { Arrivals } from './arrivals.ts'
import { expectedCount, peakRate } from './arrivals.ts'

/** The account window, with room for retries. */
const NONCES_PER_ACCOUNT = 60
/** Signatures per second that one worker is sure to make beside busy validators. */
export const SIGNATURES_PER_WORKER = 8_000
const AHEAD_MS = 2_000
const AHEAD_COUNT_MIN = 512
const AHEAD_BYTES_MAX = 64 * 1_024 * 1_024
/** Signed before the start, for rates that no worker keeps up with. */
export const SIGNED_BYTES_MAX = 1_024 * 1_024 * 1_024

/** How far ahead is signed, and by how many. */
export interface SigningPlan {
  /** Everything is signed before the clock starts. */
  readonly isBefore: boolean
  /** Signed and unsent transactions to hold, and to have before the clock starts. */
  readonly aheadCount: number
  readonly aheadBytes: number
  readonly workers: number
}

/** Accounts that can have transactions in flight. */
export interface PayingAccounts {
  readonly shards: number
  readonly accountsPerShard: number
}

/** What else is known of a run. */
export interface SigningWishes {
  readonly wantsBefore?: boolean
  /** How many share the rate. Their parts need not be equal: what is signed before the start is bounded by the whole. */
  readonly generators?: number
}

/**
 * Signs two seconds ahead where the workers keep up with the rate, and everything before the start where they do not, or
 * when that is wanted.
 */
export function signingPlanOf(
  arrivals: Arrivals,
  accounts: PayingAccounts,
  cores: number,
  { wantsBefore = false, generators = 1 }: SigningWishes = {},
): SigningPlan {
  const rate = peakRate(arrivals) / generators
  const workers = Math.max(1, Math.min(cores, Math.ceil(rate / SIGNATURES_PER_WORKER)))
  const isBefore = wantsBefore || rate > workers * SIGNATURES_PER_WORKER
  // A Poisson schedule has more arrivals than its average now and then: six standard deviations more are never seen.
  const average = expectedCount(arrivals)
  const most = average + (arrivals.process === 'poisson' ? 6 * Math.sqrt(average) : 0)
  const wanted = isBefore ? most : Math.max(AHEAD_COUNT_MIN, (rate * AHEAD_MS) / 1_000)
  return {
    isBefore,
    aheadCount: Math.max(1, Math.min(Math.ceil(wanted), windowsOf(accounts))),
    aheadBytes: isBefore ? SIGNED_BYTES_MAX : AHEAD_BYTES_MAX,
    workers,
  }
}

/** Transactions that the windows of all accounts hold together. */
export function windowsOf({ shards, accountsPerShard }: PayingAccounts): number {
  return shards * accountsPerShard * NONCES_PER_ACCOUNT
}
