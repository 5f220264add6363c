import { z } from 'zod'
import { RpcCallError, RpcClient } from '@shardnet/node/client'
import { ProtocolParameters, type AccountPlan } from '@shardnet/node/config'
import { bytesOfHex, faultyMaxOf, hashOfBytes } from '@shardnet/node/core'
import { LoadError, type LoadNetwork, type Target } from './network.ts'

const Network = z.object({
  networkId: z.string().regex(/^[0-9a-f]{64}$/),
  shards: z.int().min(1),
  validatorsPerShard: z.int().min(1),
  parameters: z.object({
    protocol: ProtocolParameters,
    accounts: z.object({ perShard: z.int().min(1), tableHash: z.string() }),
    seed: z.string(),
  }),
})
type Network = z.infer<typeof Network>

interface Answer {
  readonly address: string
  readonly shard: number
  readonly validator: number
  readonly network: Network
}

/** Makes (or remembers) the table of accounts that a seed stands for, with its hash. */
export type TableOf = (plan: AccountPlan) => Promise<{
  readonly table: Uint8Array
  readonly hash: string
}>

/** A testnet as its validators describe it, or why the addresses are not those of one testnet. */
export type Discovery =
  | {
      readonly kind: 'network'
      readonly network: LoadNetwork
      readonly targets: readonly Target[]
      readonly protocol: ProtocolParameters
    }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

/**
 * Asks validators who they are and which testnet theirs is. What they say is taken when all say the same and the accounts
 * that its seed stands for have the hash that they name; every transaction is judged by f + 1 of them anyway.
 * @throws LoadError when validators do not answer and too few are left.
 */
export async function discoverNetwork(
  addresses: readonly string[],
  signal: AbortSignal,
  tableOf: TableOf,
): Promise<Discovery> {
  const asked = await Promise.all(addresses.map((address) => ask(address, signal)))
  const answers = asked.filter((each) => 'network' in each)
  const silent = asked.filter((each) => 'failure' in each)
  const [first] = answers
  if (first === undefined) throw unreachable(silent.map(({ failure }) => failure))
  const problems = problemsAmong(answers, first)
  if (problems.length > 0) return { kind: 'problems', problems }
  const short = shortShards(answers, first.network)
  // Without those that do not answer it cannot be told whether the addresses were enough.
  if (short.length > 0 && silent.length > 0)
    throw unreachable([...silent.map(({ failure }) => failure), ...short])
  if (short.length > 0) return { kind: 'problems', problems: short }
  return networkOf(answers, first.network, tableOf)
}

async function networkOf(
  answers: readonly Answer[],
  { networkId, shards, validatorsPerShard, parameters }: Network,
  tableOf: TableOf,
): Promise<Discovery> {
  const { accounts, seed, protocol } = parameters
  const { table, hash } = await tableOf({ seed, shards, perShard: accounts.perShard })
  if (hash !== accounts.tableHash) {
    const problem = `the accounts of seed ${JSON.stringify(seed)} are not those of this testnet: its validators are of another version`
    return { kind: 'problems', problems: [problem] }
  }
  const network: LoadNetwork = {
    name: `testnet ${networkId.slice(0, 8)}`,
    networkId: hashOfBytes(bytesOfHex(networkId)),
    shards,
    validatorsPerShard,
    accountsPerShard: accounts.perShard,
    genesisSeed: seed,
    accountTable: table,
  }
  const targets = answers.map(({ address, shard, validator }) => {
    return { shard, validator, httpAddress: address }
  })
  return { kind: 'network', network, targets, protocol }
}

async function ask(
  address: string,
  signal: AbortSignal,
): Promise<Answer | { readonly failure: string }> {
  const client = new RpcClient(address)
  try {
    const { shard, validator } = await client.status({ signal })
    const network = Network.safeParse(await client.call('shardnet_getNetwork', {}, { signal }))
    if (!network.success) return { failure: `${address}: speaks another version of the RPC` }
    return { address, shard, validator, network: network.data }
  } catch (error) {
    if (!(error instanceof RpcCallError)) throw error
    return { failure: `${address}: ${error.message}` }
  }
}

function problemsAmong(answers: readonly Answer[], first: Answer): readonly string[] {
  const seats = new Map<string, string>()
  const genesis = JSON.stringify(first.network)
  return answers.flatMap(({ address, shard, validator, network }) => {
    if (JSON.stringify(network) !== genesis)
      return [`${address} belongs to another testnet than ${first.address}`]
    const seat = `validator ${validator} of shard ${shard}`
    const other = seats.get(seat)
    seats.set(seat, address)
    return other === undefined ? [] : [`${address} and ${other} are both ${seat}`]
  })
}

function shortShards(answers: readonly Answer[], network: Network): readonly string[] {
  const needed = faultyMaxOf(network.validatorsPerShard) + 1
  return Array.from({ length: network.shards }, (_, shard) => shard).flatMap((shard) => {
    const count = answers.filter((answer) => answer.shard === shard).length
    return count >= needed
      ? []
      : [`expected at least ${needed} validators (f + 1) of shard ${shard}, got ${count}`]
  })
}

function unreachable(lines: readonly string[]): LoadError {
  return new LoadError('unreachable', lines.join('\n'))
}
