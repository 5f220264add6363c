import { availableParallelism } from 'node:os'
import { expectedCount, peakRate, type Arrivals } from './arrivals.ts'
import type { LoadNetwork } from './network.ts'

/** The account window, with room for retries. */
export const NONCES_PER_ACCOUNT = 60
/** Signatures per second that one worker is sure to make beside busy validators. */
const SIGNATURES_PER_WORKER = 8_000
const AHEAD_MS = 2_000
const AHEAD_COUNT_MIN = 512

/** How far ahead is signed, and by how many. */
export interface SigningPlan {
  /** Signed and unsent transactions to hold, and to have before the clock starts. */
  readonly aheadCount: number
  readonly workers: number
}

/**
 * Signs two seconds ahead where the workers keep up with the rate. Where they do not, as much is signed before the start
 * as they will fall behind, up to what the windows of the accounts hold.
 */
export function signingPlanOf(
  arrivals: Arrivals,
  network: Pick<LoadNetwork, 'shards' | 'accountsPerShard'>,
  isBefore = false,
  cores = availableParallelism(),
): SigningPlan {
  const rate = peakRate(arrivals)
  const workers = Math.max(1, Math.min(cores, Math.ceil(rate / SIGNATURES_PER_WORKER)))
  const total = Math.ceil(expectedCount(arrivals))
  const isKept = !isBefore && rate <= workers * SIGNATURES_PER_WORKER
  const wanted = isKept ? Math.max(AHEAD_COUNT_MIN, (rate * AHEAD_MS) / 1_000) : total
  const held = network.shards * network.accountsPerShard * NONCES_PER_ACCOUNT
  return { aheadCount: Math.max(1, Math.min(Math.ceil(wanted), held)), workers }
}
