import { performance } from 'node:perf_hooks'
import type { Replica } from '../../core/consensus/replica.ts'
import type { Hash } from '../../core/primitives/hash.ts'

/** How long ago a block's proposal came; null for one that came before this process started. */
export function secondsSinceArrival({ blocks }: Replica, hash: Hash): number | null {
  const receivedAtMs = blocks.get(hash)?.receivedAtMs ?? 0
  return receivedAtMs === 0 ? null : Math.max(0, performance.now() - receivedAtMs) / 1000
}
