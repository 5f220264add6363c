import type { NetworkPlan } from '../plan/network-plan.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'

/** Who wrote an object: the value of `app.kubernetes.io/managed-by`. */
export const MANAGED_BY = 'shardnet-operator'

export const LABEL = {
  testnet: 'shardnet.dev/testnet',
  generation: 'shardnet.dev/generation',
  shard: 'shardnet.dev/shard',
  loadTest: 'shardnet.dev/loadtest',
  /** Says what an object of a network is for: genesis, keys, peers. */
  part: 'shardnet.dev/part',
} as const

/** Labels of everything that belongs to a testnet. */
export function testnetLabels(testnet: string): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': 'shardnet',
    'app.kubernetes.io/instance': testnet,
    'app.kubernetes.io/managed-by': MANAGED_BY,
    [LABEL.testnet]: testnet,
  }
}

/** Labels of everything that belongs to one generation of a testnet. */
export function networkLabels({
  testnet,
  generation,
}: Pick<NetworkPlan, 'testnet' | 'generation'>): Readonly<Record<string, string>> {
  return { ...testnetLabels(testnet), [LABEL.generation]: String(generation) }
}

/** What tells the pods of one set from all others. */
export function shardSelector(shard: ShardPlan): Readonly<Record<string, string>> {
  return {
    [LABEL.testnet]: shard.network.testnet,
    [LABEL.generation]: String(shard.network.generation),
    [LABEL.shard]: String(shard.shard),
    'app.kubernetes.io/component': 'validator',
  }
}

/** Labels of a set and of its pods. */
export function shardLabels(shard: ShardPlan): Readonly<Record<string, string>> {
  return { ...networkLabels(shard.network), ...shardSelector(shard) }
}
