import { hashOfBytes, type Hash, type PeerMessage } from '@shardnet/node/parts'
import type { Random } from '../world/random.ts'

/** What a flooder knows of the shard that it floods. */
export interface Flooded {
  readonly view: number
  readonly height: number
  readonly size: number
  readonly shards: number
}

/** Further than any window of the protocol reaches. */
const AHEAD_MAX = 200

/** One of the messages that cost their sender nothing and ask the receiver to keep, to search or to answer something. */
export function drawFlood(random: Random, flooded: Flooded): PeerMessage {
  const digest = hashOfBytes(random.bytes(32))
  const { view, height, size, shards } = flooded
  switch (random.below(7)) {
    case 0:
      return {
        kind: 'batchAck',
        author: random.below(size),
        sequence: 1 + random.below(AHEAD_MAX),
        digest,
      }
    case 1:
      return {
        kind: 'importAck',
        source: random.below(shards),
        first: random.below(AHEAD_MAX),
        digest,
      }
    case 2:
      return { kind: 'fetchBatch', digest }
    case 3:
      return { kind: 'fetchProposal', hash: digest }
    case 4:
      return { kind: 'fetchBlocks', fromHeight: random.below(height + AHEAD_MAX) }
    case 5: {
      const first = random.below(view + AHEAD_MAX)
      return { kind: 'fetchCertificates', first, last: first + random.below(AHEAD_MAX) }
    }
    default:
      return floodingVote(random, view, digest)
  }
}

function floodingVote(random: Random, view: number, value: Hash): PeerMessage {
  const kind = random.pick(['prepare', 'commit', 'skip'] as const)
  const signature = random.bytes(96)
  const vote = { kind, view: view + random.below(AHEAD_MAX), value, executedHeight: 0, signature }
  return { kind: 'vote', vote }
}
