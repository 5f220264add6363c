import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ensureAccountTable } from '../../config/accounts.ts'
import { readText, writeFileDurably } from '../../config/files.ts'
import { parseGenesis } from '../../config/genesis.ts'
import type { Genesis } from '../../config/genesis-document.ts'
import { formatAddressBook, type NodeConfigInput } from '../../config/node-config.ts'
import { ConfigError, parseJson, parseWith } from '../../config/problems.ts'
import { Secret } from '../../config/secret.ts'
import { saveValidatorKeys, validatorKeysOf } from '../../config/validator-keys.ts'
import { SignatureKernel } from '../signatures/kernel.ts'
import { ClusterBook, type PodConfig } from './pod-config.ts'
import { POD_P2P_PORT, podPeers } from './pod-peers.ts'

/** Where things lie in a pod; `node/src/host/pod` and the operator's StatefulSet agree on it. */
export interface PodPlaces {
  /** The validator's disk. */
  readonly data: string
  /** In memory; written by the pod itself. */
  readonly run: string
  /** Mounted: the parts of the genesis. */
  readonly genesis: string
  /** Mounted: the shard's Secret. */
  readonly keys: string
  /** Mounted, and empty while the network lies in one cluster. */
  readonly peers: string
}

export const POD_PLACES: PodPlaces = {
  data: '/data',
  run: '/run/shardnet',
  genesis: '/etc/shardnet/genesis',
  keys: '/etc/shardnet/keys',
  peers: '/etc/shardnet/peers',
}

const HTTP_PORT = 8_080
const ADMIN_PORT = 9_090
const GENESIS_BYTES_MAX = 256 * 1_048_576
const BOOK_FILE = 'peers.json'

/** A pod whose files are written. */
export interface PodSetup {
  readonly configFile: string
  /** Whether an empty disk may be born: it may not once all validators of the shard were ready together. */
  readonly mayBeBorn: boolean
  /** Writes the address book again, when the mounted one changed. */
  readonly refreshPeers: () => Promise<void>
}

/**
 * Writes configuration, key and address book of the validator that a pod is.
 * @throws ConfigError when something that is mounted is missing or wrong.
 */
export async function setUpPod(
  config: PodConfig,
  validator: number,
  places: PodPlaces = POD_PLACES,
): Promise<PodSetup> {
  const text = await genesisText(config, places)
  const genesis = parseGenesis(text)
  const files = {
    config: join(places.run, 'node.json'),
    genesis: join(places.run, 'genesis.json'),
    key: join(places.run, 'validator.key'),
    peers: join(places.run, BOOK_FILE),
  }
  const { seed, shards, accounts } = genesis
  const plan = { seed, shards, perShard: accounts.perShard }
  const deriveKeys = (seeds: Uint8Array) => SignatureKernel.load().derivePublicKeys(seeds)
  const table = await ensureAccountTable(join(places.data, 'accounts'), plan, deriveKeys)
  // Testnets are there to be broken; who may is in the shard's Secret.
  const token = join(places.keys, 'admin-token')
  const node: NodeConfigInput = {
    format: 1,
    shard: config.shard,
    validator,
    dataDirectory: join(places.data, 'validator'),
    genesisFile: files.genesis,
    accountsFile: table.file,
    keyFile: files.key,
    peersFile: files.peers,
    listen: { p2p: `0.0.0.0:${POD_P2P_PORT}`, http: `0.0.0.0:${HTTP_PORT}` },
    ...(existsSync(token) ? { admin: { listen: `0.0.0.0:${ADMIN_PORT}`, tokenFile: token } } : {}),
    diskBytesMax: config.diskBytesMax,
  }
  const keys = validatorKeysOf(await shardSecret(places), config.shard, validator)
  const refreshPeers = () => writePeers(files.peers, { genesis, config, places })
  await writeFileDurably(files.genesis, new TextEncoder().encode(text))
  await saveValidatorKeys(files.key, keys)
  await refreshPeers()
  await writeFileDurably(files.config, new TextEncoder().encode(`${JSON.stringify(node)}\n`))
  const births = await readIfThere(join(places.keys, 'births'))
  return { configFile: files.config, mayBeBorn: births === 'open', refreshPeers }
}

async function genesisText(config: PodConfig, places: PodPlaces): Promise<string> {
  const parts = Array.from({ length: config.genesisParts }, (_, part) =>
    readFile(join(places.genesis, `genesis-${part}`)),
  )
  try {
    const bytes = Buffer.concat(await Promise.all(parts))
    return gunzipSync(bytes, { maxOutputLength: GENESIS_BYTES_MAX }).toString('utf8')
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error)
    const expected = `the genesis in ${config.genesisParts} parts, compressed`
    throw new ConfigError(places.genesis, [{ path: '', expected, got }], { cause: error })
  }
}

async function shardSecret(places: PodPlaces): Promise<Secret> {
  const text = (await readText(join(places.keys, 'secret'))).trim()
  if (/^[0-9a-f]{64}$/.test(text)) return new Secret(new Uint8Array(Buffer.from(text, 'hex')))
  const problem = { path: 'secret', expected: '64 hexadecimal characters', got: 'something else' }
  throw new ConfigError(places.keys, [problem])
}

interface BookSources {
  readonly genesis: Genesis
  readonly config: PodConfig
  readonly places: PodPlaces
}

async function writePeers(file: string, { genesis, config, places }: BookSources): Promise<void> {
  const source = join(places.peers, BOOK_FILE)
  const text = await readIfThere(source)
  const book = text === null ? null : parseWith(source, ClusterBook, parseJson(source, text))
  const peers = podPeers(genesis, config, book)
  await writeFileDurably(file, new TextEncoder().encode(formatAddressBook(peers)))
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
