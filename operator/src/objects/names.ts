import type { NetworkPlan } from '../plan/network-plan.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'

/** Where validators listen in a pod. */
export const PORTS = { p2p: 9_000, http: 8_080, admin: 9_090 } as const

/** Suffixes of the objects of one network; the prefix is the testnet's name and generation. */
export function networkName({
  testnet,
  generation,
}: Pick<NetworkPlan, 'testnet' | 'generation'>): string {
  return `${testnet}-g${generation}`
}

/** The secret that all keys of a testnet come from. Only the operator of the hub reads it. */
export function rootSecretName(testnet: string): string {
  return `${testnet}-root`
}

/** One part of the genesis of a network. */
export function genesisName(
  network: Pick<NetworkPlan, 'testnet' | 'generation'>,
  part: number,
): string {
  return `${networkName(network)}-genesis-${part}`
}

/** Addresses of validators in other clusters. */
export function addressBookName(network: Pick<NetworkPlan, 'testnet' | 'generation'>): string {
  return `${networkName(network)}-peers`
}

/** The secret of one shard, which its pods mount. */
export function shardSecretName(shard: Pick<ShardPlan, 'name'>): string {
  return `${shard.name}-keys`
}

/** The Service that other clusters reach one validator by. */
export function gatewayName(shard: Pick<ShardPlan, 'name'>, validator: number): string {
  return `${shard.name}-${validator}-gateway`
}
