import type { LoadNetwork, Target } from '@shardnet/load-generator'
import { hashOfBytes } from '@shardnet/node/core'
import { LocalError, type TestnetStatus } from '@shardnet/operator/local'
import { readFile } from 'node:fs/promises'

/** Public facts of a testnet that is up. */
export interface UpNetwork {
  readonly name: string
  readonly networkId: string
  readonly genesisFile: string
  readonly accountsFile: string
  readonly network: NonNullable<TestnetStatus['network']>
}

/** @throws {LocalError} while the testnet has no genesis yet. */
export function upNetworkOf(status: TestnetStatus): UpNetwork {
  const { name, networkId, genesisFile, accountsFile, network } = status
  if (networkId === null || genesisFile === null || accountsFile === null || network === null) {
    throw new LocalError('notRunning', `Testnet ${name} has no network yet.`)
  }
  return { name, networkId, genesisFile, accountsFile, network }
}

/** What the load generator must know of a testnet. */
export async function loadNetworkOf(status: TestnetStatus): Promise<LoadNetwork> {
  const { name, networkId, accountsFile, network } = upNetworkOf(status)
  return {
    name,
    networkId: hashOfBytes(Buffer.from(networkId, 'hex')),
    shards: network.shards,
    validatorsPerShard: network.validatorsPerShard,
    accountsPerShard: network.accounts.perShard,
    genesisSeed: network.seed,
    accountTable: await readFile(accountsFile),
  }
}

/** The doors of all validators. */
export function targetsOf(status: TestnetStatus): readonly Target[] {
  return status.validators.map(({ shard, validator, httpAddress }) => ({
    shard,
    validator,
    httpAddress,
  }))
}
