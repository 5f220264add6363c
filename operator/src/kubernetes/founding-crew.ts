import {
  committeeKeysOf,
  type Genesis,
  networkIdOf,
  provenCommittee,
  Secret,
  unprovenCommittee,
} from '@shardnet/node/config'
import type { Hash } from '@shardnet/node/core'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** What one thread of a crew is told; the network's id, which rests on the keys of all, comes later. */
export interface CommitteeJob {
  /** Hexadecimal text. */
  readonly rootSecret: string
  readonly shards: readonly number[]
  readonly validatorsPerShard: number
}

/** A thread is there after as long as the keys and proofs of some hundred validators take. */
const VALIDATORS_PER_THREAD_MIN = 500
const THREADS_MAX = 8

type Committees = Genesis['committees']

/** The committees of a draft with their keys and proofs, which are 2 ms of a core for each validator: on all cores. */
export async function foundCommittees(draft: Genesis, rootSecret: string): Promise<Genesis> {
  const { shards, validatorsPerShard } = draft
  const numbers = Array.from({ length: shards }, (_, shard) => shard)
  const worthwhile = Math.ceil((shards * validatorsPerShard) / VALIDATORS_PER_THREAD_MIN)
  const size = Math.min(availableParallelism(), THREADS_MAX, shards, worthwhile)
  if (size <= 1) {
    const [keys, prove] = committeesHere({ rootSecret, shards: numbers, validatorsPerShard })
    return { ...draft, committees: prove(networkIdOf({ ...draft, committees: keys })) }
  }
  const crew = Array.from({ length: size }, (_, index) => {
    const mine = numbers.filter((shard) => shard % size === index)
    const workerData: CommitteeJob = { rootSecret, shards: mine, validatorsPerShard }
    return new Worker(new URL('committee-worker.ts', import.meta.url), { workerData })
  })
  try {
    const unproven = { ...draft, committees: await nextCommittees(crew) }
    const proven = nextCommittees(crew)
    for (const worker of crew) worker.postMessage(networkIdOf(unproven), [])
    return { ...draft, committees: await proven }
  } finally {
    await Promise.all(crew.map((worker) => worker.terminate()))
  }
}

async function nextCommittees(crew: readonly Worker[]): Promise<Committees> {
  const answers = await Promise.all(
    crew.map(async (worker) => (await once(worker, 'message'))[0] as Committees),
  )
  return answers.flat().sort((one, other) => one.shard - other.shard)
}

/** The work of one thread: its committees, and what proves them once the network has its id. */
export function committeesHere(
  job: CommitteeJob,
): readonly [Committees, (networkId: Hash) => Committees] {
  const { rootSecret, shards, validatorsPerShard } = job
  const secret = new Secret(new Uint8Array(Buffer.from(rootSecret, 'hex')))
  const seats = shards.map((shard) => {
    return { shard, keys: committeeKeysOf(secret, shard, validatorsPerShard) }
  })
  return [
    seats.map(({ shard, keys }) => unprovenCommittee(keys, shard)),
    (networkId) => seats.map(({ shard, keys }) => provenCommittee(keys, shard, networkId)),
  ]
}
