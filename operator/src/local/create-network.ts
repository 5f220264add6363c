import {
  createGenesis,
  ensureAccountTable,
  formatAddressBook,
  formatGenesis,
  networkIdOf,
  type NodeConfigInput,
  saveValidatorKeys,
  writeFileDurably,
} from '@shardnet/node/config'
import { dirname, relative } from 'node:path'
import { quantityBytes } from '../api/field.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import { kernelKeyDeriver } from './derive-keys.ts'
import { ensureAdminToken } from './admin-token.ts'
import { LOCAL_HOST } from './ports.ts'
import { ensureRootSecret } from './root-secret.ts'
import { generationFiles, type TestnetFolder, validatorFiles } from './testnet-folder.ts'
import type { SetState } from './testnet-state.ts'

/** What a generation's genesis came out as. */
export interface CreatedNetwork {
  readonly networkId: string
  readonly accountsFile: string
}

/** Makes genesis, account table and the keys of all validators of one generation, with an instance id of its own. */
export async function createNetwork(
  folder: TestnetFolder,
  cacheFolder: string,
  network: NetworkPlan,
): Promise<CreatedNetwork> {
  const { seed, shards, validatorsPerShard, protocol, accounts, generation } = network
  const plan = { seed, shards, perShard: accounts.perShard }
  // Loading the kernel is for the first run only: then the table is in the cache.
  const deriveKeys = (seeds: Uint8Array) => (kernel ??= kernelKeyDeriver())(seeds)
  let kernel: ReturnType<typeof kernelKeyDeriver> | undefined
  const table = await ensureAccountTable(cacheFolder, plan, deriveKeys)
  const { genesis, keys } = createGenesis({
    seed,
    shards,
    validatorsPerShard,
    protocol,
    accounts: { ...accounts, tableHash: table.hash },
    rootSecret: await ensureRootSecret(folder.secretFile),
  })
  const saves = keys.flat().map((seat) => {
    const { keyFile } = validatorFiles(folder, generation, seat.shard, seat.validator)
    return saveValidatorKeys(keyFile, seat)
  })
  const text = new TextEncoder().encode(formatGenesis(genesis))
  await Promise.all([
    ...saves,
    writeFileDurably(generationFiles(folder, network).genesisFile, text),
  ])
  return { networkId: networkIdOf(genesis), accountsFile: table.file }
}

/** Writes the configuration of every validator of a set. */
export async function writeConfigurations(
  folder: TestnetFolder,
  accountsFile: string,
  plan: ShardPlan,
  set: SetState,
): Promise<void> {
  const { generation } = plan.network
  await ensureAdminToken(folder.adminTokenFile)
  const shared = generationFiles(folder, plan.network)
  await Promise.all(
    set.validators.map(async (seat) => {
      const files = validatorFiles(folder, generation, plan.shard, seat.validator)
      const here = dirname(files.configFile)
      const config: NodeConfigInput = {
        format: 1,
        shard: plan.shard,
        validator: seat.validator,
        dataDirectory: relative(here, files.dataDirectory),
        genesisFile: relative(here, shared.genesisFile),
        accountsFile,
        keyFile: relative(here, files.keyFile),
        peersFile: relative(here, shared.peersFile),
        listen: { p2p: `${LOCAL_HOST}:${seat.p2pPort}`, http: `${LOCAL_HOST}:${seat.httpPort}` },
        ...(seat.adminPort === null
          ? {}
          : {
              admin: {
                listen: `${LOCAL_HOST}:${seat.adminPort}`,
                tokenFile: relative(here, folder.adminTokenFile),
              },
            }),
        diskBytesMax: quantityBytes(plan.storage.size),
      }
      const text = `${JSON.stringify(config, null, 2)}\n`
      await writeFileDurably(files.configFile, new TextEncoder().encode(text))
    }),
  )
}

/** Writes the address book of a generation: everybody's place, before anybody starts. */
export async function writeAddressBook(
  folder: TestnetFolder,
  network: Pick<NetworkPlan, 'generation'>,
  sets: readonly SetState[],
): Promise<void> {
  const peers = sets.flatMap(({ object, validators }) => {
    const { shard } = object.spec
    return validators.map((seat) => {
      return { shard, validator: seat.validator, address: `${LOCAL_HOST}:${seat.p2pPort}` }
    })
  })
  const text = new TextEncoder().encode(formatAddressBook(peers))
  await writeFileDurably(generationFiles(folder, network).peersFile, text)
}
