import type { Hash } from '../core/primitives/hash.ts'
import { loadAccountTable } from './accounts.ts'
import { networkIdOf, parseGenesis } from './genesis.ts'
import type { Genesis } from './genesis-document.ts'
import { readText } from './files.ts'
import {
  loadAddressBook,
  loadNodeConfig,
  type NodeConfig,
  type PeerAddress,
} from './node-config.ts'
import { ConfigError, textOf, type Problem } from './problems.ts'
import { loadValidatorKeys, type ValidatorKeys } from './validator-keys.ts'

/** All that a validator process is told, read and checked against itself. */
export interface NodeSetup {
  readonly config: NodeConfig
  readonly genesis: Genesis
  readonly networkId: Hash
  readonly keys: ValidatorKeys
  /** Rows (key, address) of all shards. */
  readonly accounts: Uint8Array
  readonly peers: readonly PeerAddress[]
}

/**
 * Reads a configuration and every file that it names.
 * @throws ConfigError when one of them is wrong, or they do not belong together.
 */
export async function loadNodeSetup(configFile: string): Promise<NodeSetup> {
  const config = await loadNodeConfig(configFile)
  const genesis = parseGenesis(await readText(config.genesisFile), config.genesisFile)
  const keys = await loadValidatorKeys(config.keyFile)
  const problems = [...seatProblems(config, genesis), ...keyProblems(config, genesis, keys)]
  if (problems.length > 0) throw new ConfigError(configFile, problems)
  return {
    config,
    genesis,
    networkId: networkIdOf(genesis),
    keys,
    accounts: await loadAccountTable(config.accountsFile, genesis.accounts.tableHash),
    peers: await loadAddressBook(config.peersFile),
  }
}

function seatProblems({ shard, validator }: NodeConfig, genesis: Genesis): Problem[] {
  const problems: Problem[] = []
  if (shard >= genesis.shards) {
    problems.push({
      path: 'shard',
      expected: `below ${genesis.shards} (shards of the genesis)`,
      got: textOf(shard),
    })
  }
  if (validator >= genesis.validatorsPerShard) {
    const expected = `below ${genesis.validatorsPerShard} (validatorsPerShard of the genesis)`
    problems.push({ path: 'validator', expected, got: textOf(validator) })
  }
  return problems
}

function keyProblems(
  { shard, validator }: NodeConfig,
  genesis: Genesis,
  keys: ValidatorKeys,
): Problem[] {
  const member = genesis.committees[shard]?.members[validator]
  if (member === undefined) return []
  if (member.blsKey === keys.blsKey && member.peerKey === keys.peerKey) return []
  const expected = `the keys of validator ${validator} of shard ${shard} in the genesis`
  const got = `keys made for validator ${keys.validator} of shard ${keys.shard}, maybe of another testnet`
  return [{ path: 'keyFile', expected, got }]
}
