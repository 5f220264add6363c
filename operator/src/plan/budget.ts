import type { Testnet } from '../api/testnet.ts'
import { faultyMax } from './placement.ts'
import type { ShardPlan } from './shard-plan.ts'

/**
 * How many validators of each part of a shard may be taken down on purpose. All parts of a shard together come to f,
 * because clusters cannot ask each other: with more parts than f, some parts get none.
 */
export function budgetOf(part: ShardPlan, parts: readonly ShardPlan[]): number {
  const ofShard = parts.filter(({ shard }) => shard === part.shard)
  const f = faultyMax(part.network.validatorsPerShard)
  const index = ofShard.findIndex(({ cluster }) => cluster === part.cluster)
  const share = Math.floor(f / ofShard.length)
  return Math.min(part.ordinals.count, share + (index < f % ofShard.length ? 1 : 0))
}

/**
 * How many validators of a part other clusters reach. One honest gateway is enough for a shard that lies in one cluster,
 * so f + 1 of it are gateways; a shard that is spread needs all of its validators to meet.
 */
export function gatewaysOf(part: ShardPlan, parts: readonly ShardPlan[], testnet: Testnet): number {
  const clusters = new Set(parts.map(({ cluster }) => cluster))
  if (clusters.size <= 1) return 0
  if (testnet.spec.placement.spread === 'Validators') return part.ordinals.count
  return Math.min(part.ordinals.count, faultyMax(part.network.validatorsPerShard) + 1)
}
