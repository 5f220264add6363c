import type { Testnet } from '../api/testnet.ts'
import type { NetworkPlan } from './network-plan.ts'
import { type Part, placementOf } from './placement.ts'

/**
 * The part of one shard in one cluster: what a backend runs as one set of validators. In Kubernetes it becomes a Shard
 * object and its StatefulSet; on a laptop, processes.
 */
export interface ShardPlan extends Part {
  /** Name of the set. With an ordinal behind it, the name of a validator (and of its pod). */
  readonly name: string
  readonly network: NetworkPlan
  /** Null on a laptop means the clone itself. */
  readonly image: string | null
  readonly resources: Testnet['spec']['resources']
  readonly storage: Testnet['spec']['storage']
}

/** One validator of a set. */
export interface ValidatorPlan {
  /** Name of its identity, such as `demo-g1-shard-0-2`. */
  readonly name: string
  readonly shard: number
  /** Its index in the committee, which is its ordinal. */
  readonly validator: number
}

/** Name of the set of a shard, the same in every cluster that holds a part of it. */
function shardNameOf(network: NetworkPlan, shard: number): string {
  return `${network.testnet}-g${network.generation}-shard-${shard}`
}

/** All sets of a network. */
export function shardPlansOf(testnet: Testnet, network: NetworkPlan): readonly ShardPlan[] {
  const { image = null, resources, storage } = testnet.spec
  return placementOf(testnet).map((part) => {
    return { ...part, name: shardNameOf(network, part.shard), network, image, resources, storage }
  })
}

/** The validators of a set, in the order of their ordinals. */
export function validatorsOf(plan: ShardPlan): readonly ValidatorPlan[] {
  return Array.from({ length: plan.ordinals.count }, (_, index) => {
    const validator = plan.ordinals.start + index
    return { name: `${plan.name}-${validator}`, shard: plan.shard, validator }
  })
}

/** Where a set runs. A set that would have to move is another set: its validators' disks do not move. */
export function placeOf(plan: Part): string {
  return `${plan.shard}/${plan.cluster ?? ''}/${plan.ordinals.start}+${plan.ordinals.count}`
}
