import type { Shard } from '../api/shard.ts'
import type { Testnet } from '../api/testnet.ts'
import { budgetOf, gatewaysOf } from './budget.ts'
import { shardObject } from './shard-object.ts'
import type { ShardPlan } from './shard-plan.ts'

/** Network id and neighbours of a set: what a member cluster cannot know by itself. */
export interface HubKnowledge {
  readonly testnet: Testnet
  readonly networkId: string
  /** All sets of the network. */
  readonly parts: readonly ShardPlan[]
}

/** The Shard object that the hub applies to a member cluster. */
export function hubShard(shard: ShardPlan, knowledge: HubKnowledge): Shard {
  const object = shardObject(shard)
  return {
    ...object,
    spec: {
      ...object.spec,
      networkId: knowledge.networkId,
      maxUnavailable: budgetOf(shard, knowledge.parts),
      gateways: gatewaysOf(shard, knowledge.parts, knowledge.testnet),
    },
  }
}
