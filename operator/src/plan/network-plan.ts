import { isDeepStrictEqual } from 'node:util'
import type { Testnet } from '../api/testnet.ts'

/** What the genesis of one generation of a testnet is made from. A change of any of it is another network. */
export interface NetworkPlan {
  readonly testnet: string
  /** Counts the networks that this testnet has been, from 1. */
  readonly generation: number
  /** Public seed of accounts and workload. */
  readonly seed: string
  readonly shards: number
  readonly validatorsPerShard: number
  readonly protocol: Testnet['spec']['protocol']
  readonly accounts: {
    readonly perShard: number
    /** Balance of each account in decimal digits. */
    readonly balance: string
  }
}

/** The network that a Testnet asks for, as its n-th generation. */
export function networkPlanOf(testnet: Testnet, generation: number): NetworkPlan {
  const { genesis, protocol, shards, validatorsPerShard } = testnet.spec
  return {
    testnet: testnet.metadata.name,
    generation,
    seed: genesis.seed,
    shards,
    validatorsPerShard,
    protocol,
    accounts: { perShard: genesis.accountsPerShard, balance: genesis.balance },
  }
}

/** Whether two plans would make the same genesis but for its instance. */
export function isSameNetwork(one: NetworkPlan, other: NetworkPlan): boolean {
  return isDeepStrictEqual({ ...one, generation: 0 }, { ...other, generation: 0 })
}
