import {
  createGenesis,
  type FoundedTestnet,
  type GenesisOptions,
} from '../../src/config/genesis.ts'
import { Secret } from '../../src/config/secret.ts'
import { ZERO_HASH } from '../../src/core/primitives/hash.ts'

/** A small testnet that is the same every time. */
export function foundTestnet(changes: Partial<GenesisOptions> = {}): FoundedTestnet {
  return createGenesis({
    instance: '00112233445566778899aabbccddeeff',
    seed: 'demo',
    shards: 2,
    validatorsPerShard: 4,
    accounts: { perShard: 10, balance: '1000000', tableHash: ZERO_HASH },
    rootSecret: new Secret(new Uint8Array(32).fill(7)),
    ...changes,
  })
}
