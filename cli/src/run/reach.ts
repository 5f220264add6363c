import type { LoadNetwork, Target } from '@shardnet/load-generator'
import { ensureAccountTable, type ProtocolParameters } from '@shardnet/node/config'
import type { TestnetStatus } from '@shardnet/operator/local'
import { InputError } from '../input-error.ts'
import { type LoadPlace } from '../load-input.ts'
import { localPlace } from '../place.ts'
import { loadNetworkOf, targetsOf } from './load-network.ts'

/** A testnet that a load can be put on, wherever it runs. */
export interface Reach {
  readonly network: LoadNetwork
  readonly targets: readonly Target[]
  readonly protocol: ProtocolParameters
}

/** A testnet of this machine. */
export async function reachOfStatus(status: TestnetStatus): Promise<Reach> {
  const network = await loadNetworkOf(status)
  return { network, targets: targetsOf(status), protocol: status.document.spec.protocol }
}

/** What of a testnet bounds a load. */
export function loadPlaceOf({ network, protocol }: Reach): LoadPlace {
  const { payloadBytesMax, blockIntervalMs } = protocol
  const { shards, accountsPerShard } = network
  return { shards, accountsPerShard, payloadBytesMax, blockIntervalMs }
}

/**
 * A testnet of which only addresses of validators are known: f + 1 of each shard are enough.
 * @throws {InputError} when addresses are none, or are not those of one testnet; LoadError when too few answer.
 */
export async function reachOfUrls(urls: readonly string[], signal: AbortSignal): Promise<Reach> {
  const addresses = addressesOf(urls)
  const { discoverNetwork } = await import('@shardnet/load-generator')
  const { SignatureKernel } = await import('@shardnet/node/signatures')
  const found = await discoverNetwork(addresses, signal, async (plan) => {
    const kernel = SignatureKernel.load()
    const deriveKeys = (seeds: Uint8Array) => kernel.derivePublicKeys(seeds)
    const { table, hash } = await ensureAccountTable(localPlace().cacheFolder, plan, deriveKeys)
    return { table, hash }
  })
  if (found.kind === 'problems')
    throw new InputError(found.problems.map((problem) => `--target: ${problem}`))
  return { network: found.network, targets: found.targets, protocol: found.protocol }
}

/** @throws {InputError} with every address that is none. */
function addressesOf(urls: readonly string[]): readonly string[] {
  const problems: string[] = []
  const addresses = urls.flatMap((url) => {
    const address = addressOf(url)
    if (address === null)
      problems.push(
        `--target: expected an address such as http://10.0.0.7:8545, got ${JSON.stringify(url)}`,
      )
    return address ?? []
  })
  const repeated = addresses.filter((address, index) => addresses.indexOf(address) !== index)
  for (const address of new Set(repeated))
    problems.push(`--target: expected each address once, got ${address} again`)
  if (problems.length > 0) throw new InputError(problems)
  return addresses
}

function addressOf(typed: string): string | null {
  const text = /^[a-z]+:\/\//i.test(typed) ? typed : `http://${typed}`
  if (!URL.canParse(text)) return null
  const { protocol, hostname, port, pathname, username, search } = new URL(text)
  const isPlain = protocol === 'http:' && pathname === '/' && username === '' && search === ''
  return isPlain && hostname !== '' ? `${hostname}:${port === '' ? '80' : port}` : null
}
