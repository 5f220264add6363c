import { draftGenesis, ensureAccountTable, type Genesis, Secret } from '@shardnet/node/config'
import { SignatureKernel } from '@shardnet/node/signatures'
import { createHash, createHmac } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Worker } from 'node:worker_threads'
import { createGzip } from 'node:zlib'
import { type Committee, foundCommittees, THREAD_MEMORY } from './founding-crew.ts'
import type { FoundedNetwork } from '../objects/genesis-config-map.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'

/** What a network is founded from. The same values found the same network, however often it is tried. */
export interface FoundingJob {
  readonly network: NetworkPlan
  /** Hexadecimal text. */
  readonly rootSecret: string
  readonly instance: string
  readonly cacheFolder: string
}

const INSTANCE_CHARACTERS = 32

/** Tells the networks of testnets of one name, and the generations of one testnet, apart. */
export function instanceOf(testnetUid: string, generation: number): string {
  const words = `${testnetUid}/${generation}`
  return createHash('sha256').update(words).digest('hex').slice(0, INSTANCE_CHARACTERS)
}

/** What the admin doors of one shard's validators ask for. */
export function adminTokenOf(rootSecret: Secret, shard: number): Secret {
  const mac = createHmac('sha256', rootSecret.reveal()).update(`shardnet/admin/${shard}`)
  return new Secret(new Uint8Array(mac.digest()))
}

/** Founds a network in a thread of its own: thousands of keys take seconds, in which the lease has to be renewed. */
export function foundNetwork(job: FoundingJob): Promise<FoundedNetwork> {
  return new Promise((resolve, reject) => {
    const file = new URL('founding-worker.ts', import.meta.url)
    const worker = new Worker(file, { workerData: job, resourceLimits: THREAD_MEMORY })
    worker.once('message', (founded: FoundedNetwork) => resolve(founded))
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the founding thread ended with ${code}`)))
  })
}

/** The work itself. */
export async function foundHere(job: FoundingJob): Promise<FoundedNetwork> {
  const { network, rootSecret, instance, cacheFolder } = job
  const { seed, shards, validatorsPerShard, protocol, accounts } = network
  const plan = { seed, shards, perShard: accounts.perShard }
  let kernel: SignatureKernel | undefined
  const table = await ensureAccountTable(cacheFolder, plan, (seeds) => {
    kernel ??= SignatureKernel.load()
    return kernel.derivePublicKeys(seeds)
  })
  const draft = draftGenesis({
    instance,
    seed,
    shards,
    validatorsPerShard,
    protocol,
    accounts: { ...accounts, tableHash: table.hash },
  })
  return foundCommittees(draft, rootSecret, async (networkId, proven) => {
    const genesis = await pipeline(genesisText(draft, proven), createGzip(), buffer)
    return { network, networkId, genesis }
  })
}

/** The text of a genesis, committee by committee: of the largest network it is 19 MB, and never there as a whole. */
async function* genesisText(
  { committees: _none, ...draft }: Genesis,
  proven: AsyncIterable<Committee>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(draft).slice(0, -1)},"committees":[`
  let separator = ''
  for await (const committee of proven) {
    yield separator + JSON.stringify(committee)
    separator = ','
  }
  yield ']}\n'
}
