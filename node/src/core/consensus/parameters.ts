import type { CryptoPort } from '../crypto-port.ts'
import { genesisBlockHashOf, type Roots } from '../wire/block.ts'
import { contextHashOf } from '../wire/certificate.ts'
import { committeeHashOf, faultyMaxOf, quorumOf, type Committee } from '../wire/committee.ts'
import type { Hash } from '../primitives/hash.ts'
import { must } from '../errors.ts'

/** Pace and deadlines; the genesis fixes them for a network. */
export interface Timing {
  /** Least time that a view gets before a SKIP vote; above idleBlockIntervalMs + 6 x networkDelayMs. */
  readonly viewTimeoutMs: number
  /** A proposer without work makes an empty block after this long. */
  readonly idleBlockIntervalMs: number
  /** Least pause between two proposals with work: each block costs every validator two pairings. */
  readonly blockIntervalMs: number
  /** Assumed bound of one network delay. */
  readonly networkDelayMs: number
}

/** What a replica is told once. */
export interface ReplicaOptions {
  readonly networkId: Hash
  readonly epoch: number
  readonly shard: number
  /** All shards' committees, by shard. */
  readonly committees: readonly Committee[]
  /** Our seat in the committee of `shard`. */
  readonly self: number
  readonly genesisRoots: Roots
  readonly batchBytesMax: number
  readonly timing: Timing
  readonly crypto: CryptoPort
}

/** The options with what follows from them. */
export interface ReplicaParameters extends ReplicaOptions {
  readonly committee: Committee
  readonly size: number
  readonly faultyMax: number
  readonly quorum: number
  readonly context: Hash
  readonly genesisHash: Hash
}

const parametersOf = new WeakMap<ReplicaOptions, ReplicaParameters>()

/** Derives the constants that every rule needs. */
export function deriveParameters(options: ReplicaOptions): ReplicaParameters {
  const known = parametersOf.get(options)
  if (known !== undefined) return known
  const parameters = deriveAnew(options)
  parametersOf.set(options, parameters)
  return parameters
}

function deriveAnew(options: ReplicaOptions): ReplicaParameters {
  const committee = must(options.committees[options.shard], 'our shard has a committee')
  const size = committee.members.length
  const context = contextHashOf(
    options.networkId,
    options.shard,
    options.epoch,
    committeeHashOf(committee),
  )
  return {
    ...options,
    committee,
    size,
    faultyMax: faultyMaxOf(size),
    quorum: quorumOf(size),
    context,
    genesisHash: genesisBlockHashOf(context, options.genesisRoots),
  }
}

/** Up to this committee size votes go to everybody; above it to this and the next proposer. */
export const ALL_TO_ALL_SIZE_MAX = 16
/** Unordered batches that an author may have under way. */
export const UNORDERED_BATCHES_MAX = 8
/** A voter refuses a block whose time is further ahead of its own clock. */
export const CLOCK_AHEAD_MAX_MS = 60_000
/** Heights below the committed tip whose hashes and roots stay in memory. */
export const RECENT_HEIGHTS = 4096
/** Delivered blocks that stay in the block tree, for peers a little behind. */
export const RECENT_BLOCKS = 64
/** A gap above this is closed by ranges of blocks instead of parent by parent. */
export const RANGE_SYNC_GAP = 4
/** Bytes of batches and imports that an honest proposer names in one block. */
export const BLOCK_BYTES_AIM = 4 * 1_048_576
