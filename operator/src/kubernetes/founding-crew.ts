import {
  committeeKeysOf,
  type Genesis,
  networkIdOf,
  provenCommittee,
  Secret,
  unprovenCommittee,
  type ValidatorKeys,
} from '@shardnet/node/config'
import { type Hash, must } from '@shardnet/node/core'
import { on } from 'node:events'
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** What one thread of a crew is told; the network's id, which rests on the keys of all, comes later. */
export interface CommitteeJob {
  /** Hexadecimal text. */
  readonly rootSecret: string
  readonly shards: readonly number[]
  readonly validatorsPerShard: number
}

export type Committee = Genesis['committees'][number]

/** What is made of a draft's committees as they come, in the order of their shards. */
type CommitteesUse<Result> = (networkId: Hash, proven: AsyncIterable<Committee>) => Promise<Result>

/** A thread is there after as long as the keys and proofs of some hundred validators take. */
const VALIDATORS_PER_THREAD_MIN = 500
const THREADS_MAX = 8

/** Founding makes much that is short-lived: a thread left to itself lets 50 MB of it lie before it collects. */
export const THREAD_MEMORY = { maxYoungGenerationSizeMb: 4 }

/**
 * The committees of a draft with their keys and proofs, which are 2 ms of a core for each validator: on all cores. They
 * are handed on one by one, since those of a large network are 20 MB, and more as they go from thread to thread.
 */
export async function foundCommittees<Result>(
  draft: Genesis,
  rootSecret: string,
  use: CommitteesUse<Result>,
): Promise<Result> {
  const { shards, validatorsPerShard } = draft
  const numbers = Array.from({ length: shards }, (_, shard) => shard)
  const worthwhile = Math.ceil((shards * validatorsPerShard) / VALIDATORS_PER_THREAD_MIN)
  const size = Math.min(availableParallelism(), THREADS_MAX, shards, worthwhile)
  const jobs = Array.from({ length: size }, (_, index) => {
    const mine = numbers.filter((shard) => shard % size === index)
    return { rootSecret, shards: mine, validatorsPerShard }
  })
  const [only] = jobs
  if (only !== undefined && size === 1) {
    const [committees, prove] = await committeesHere(only)
    const networkId = networkIdOf({ ...draft, committees })
    return use(networkId, prove(networkId))
  }
  const crew = jobs.map((job) => new CrewMember(job))
  try {
    const networkId = await networkIdBy(crew, draft)
    return await use(networkId, provenBy(crew, networkId, shards))
  } finally {
    await Promise.all(crew.map((member) => member.dismiss()))
  }
}

async function networkIdBy(crew: readonly CrewMember[], draft: Genesis): Promise<Hash> {
  const unproven = await Promise.all(crew.map((member) => member.committees()))
  const committees = unproven.flat().sort((one, other) => one.shard - other.shard)
  return networkIdOf({ ...draft, committees })
}

/** A shard's committee comes from the thread whose turn it is; each keeps to the order of its shards. */
async function* provenBy(
  crew: readonly CrewMember[],
  networkId: Hash,
  shards: number,
): AsyncGenerator<Committee> {
  for (const member of crew) member.prove(networkId)
  for (let shard = 0; shard < shards; shard++) {
    const member = must(crew[shard % crew.length], 'each shard has a thread')
    yield await member.nextProven()
  }
}

/** One thread of a crew, and what it said that nobody has read yet. */
class CrewMember {
  readonly #worker: Worker
  readonly #answers: AsyncIterator<unknown[], undefined>

  constructor(workerData: CommitteeJob) {
    const file = new URL('committee-worker.ts', import.meta.url)
    this.#worker = new Worker(file, { workerData, resourceLimits: THREAD_MEMORY })
    this.#answers = on(this.#worker, 'message', { close: ['exit'] })
  }

  async committees(): Promise<readonly Committee[]> {
    return (await this.#next()) as readonly Committee[]
  }

  prove(networkId: Hash): void {
    this.#worker.postMessage(networkId, [])
  }

  async nextProven(): Promise<Committee> {
    return (await this.#next()) as Committee
  }

  async dismiss(): Promise<void> {
    await this.#worker.terminate()
  }

  async #next(): Promise<unknown> {
    const { value } = await this.#answers.next()
    return must(value, 'a thread of a crew answers before it ends')[0]
  }
}

/**
 * The work of one thread: its committees, and what proves them once the network has its id. A turn of the event loop comes
 * behind each, because what the native library holds of a key is given back in such a turn only.
 */
export async function committeesHere(
  job: CommitteeJob,
): Promise<readonly [Committee[], (networkId: Hash) => AsyncGenerator<Committee>]> {
  const { rootSecret, shards, validatorsPerShard } = job
  const secret = new Secret(new Uint8Array(Buffer.from(rootSecret, 'hex')))
  const seats: { readonly shard: number; readonly keys: ValidatorKeys[] }[] = []
  for (const shard of shards) {
    seats.push({ shard, keys: committeeKeysOf(secret, shard, validatorsPerShard) })
    await setImmediate()
  }
  return [
    seats.map(({ shard, keys }) => unprovenCommittee(keys, shard)),
    async function* prove(networkId) {
      for (const { shard, keys } of seats) {
        yield provenCommittee(keys, shard, networkId)
        await setImmediate()
      }
    },
  ]
}
