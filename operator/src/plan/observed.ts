import type { NetworkPlan } from './network-plan.ts'
import type { ShardPlan } from './shard-plan.ts'

/** A set of validators as a backend found it. */
export interface ObservedShard {
  /** What the set was last told to be. */
  readonly plan: ShardPlan
  /** Validators that are up and have caught up. */
  readonly readyValidators: number
}

/** One generation of the network as a backend found it: its genesis exists. */
export interface ObservedGeneration {
  readonly network: NetworkPlan
  readonly shards: readonly ObservedShard[]
}

/** What a backend found of one testnet. */
export interface ObservedTestnet {
  /** Oldest first. */
  readonly generations: readonly ObservedGeneration[]
  /** Since the testnet was asked for. */
  readonly ageMs: number
  /** Highest generation that was ever made, gone ones included: none is made twice. Left out, the newest one there is. */
  readonly lastGeneration?: number
  /** The testnet was deleted: everything of it goes, paused or not. */
  readonly isDeleted?: boolean
  /** Since the last committed transaction (or the start); 0 where nobody measures it. */
  readonly idleMs: number
}

/** A testnet that was asked for this moment. */
export const NOTHING_OBSERVED: ObservedTestnet = { generations: [], ageMs: 0, idleMs: 0 }
