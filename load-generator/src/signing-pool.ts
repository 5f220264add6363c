import { Worker } from 'node:worker_threads'
import { accountSeed } from '@shardnet/node/config'
import { must } from '@shardnet/node/core'
import { LoadError, type LoadNetwork } from './network.ts'
import { PLAN_COLUMNS, planColumn, planned, type PlanRows } from './plan-row.ts'
import type { SigningAnswer, SigningJob, SigningSettings } from './signing-job.ts'
import { payloadBytesMaxOf, type Workload } from './workload.ts'

const WORKER_FILE = new URL('./signing-worker.ts', import.meta.url)

/** Signs plans off the main thread, so that signing never delays a send. */
export class SigningPool {
  readonly #network: LoadNetwork
  readonly #workers: readonly Worker[]
  readonly #waiting = new Map<number, PromiseWithResolvers<Uint8Array<ArrayBuffer>>>()
  #nextId = 0
  #isClosed = false

  private constructor(network: LoadNetwork, workload: Workload, workers: number) {
    this.#network = network
    const workerData = settingsOf(network, workload)
    this.#workers = Array.from({ length: workers }, () => new Worker(WORKER_FILE, { workerData }))
    for (const worker of this.#workers) {
      worker.on('message', (answer: SigningAnswer) => this.#onAnswer(answer))
      worker.on('error', (error) => this.#fail(error))
      worker.on('exit', () => this.#fail(undefined))
    }
  }

  static start(network: LoadNetwork, workload: Workload, workers: number): SigningPool {
    return new SigningPool(network, workload, workers)
  }

  /**
   * The signed transactions of a plan, laid end to end.
   * @throws LoadError when a worker died or the pool was closed.
   */
  async sign(rows: PlanRows): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#isClosed) throw new LoadError('signing', 'the signing pool is closed')
    const job: SigningJob = { id: this.#nextId++, rows, seeds: this.#seedsOf(rows) }
    const waiting = Promise.withResolvers<Uint8Array<ArrayBuffer>>()
    this.#waiting.set(job.id, waiting)
    must(this.#workers[job.id % this.#workers.length], 'a pool has a worker').postMessage(job, [
      job.seeds.buffer,
    ])
    return await waiting.promise
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #seedsOf(rows: Float64Array): Uint8Array<ArrayBuffer> {
    const count = rows.length / PLAN_COLUMNS
    const seeds = new Uint8Array(count * 32)
    for (let i = 0; i < count; i++) {
      const shard = planned(rows, i, planColumn.payerShard)
      const index = planned(rows, i, planColumn.payerIndex)
      seeds.set(accountSeed(this.#network.genesisSeed, shard, index), i * 32)
    }
    return seeds
  }

  #onAnswer(answer: SigningAnswer): void {
    const waiting = must(this.#waiting.get(answer.id), 'an answer belongs to a job')
    this.#waiting.delete(answer.id)
    waiting.resolve(answer.transactions)
  }

  #fail(cause: unknown): void {
    const reason = this.#isClosed ? 'the signing pool was closed' : 'a signing worker ended'
    this.#isClosed = true
    const error = new LoadError('signing', reason, { cause })
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}

function settingsOf(network: LoadNetwork, workload: Workload): SigningSettings {
  const accountTable = new SharedArrayBuffer(network.accountTable.length)
  new Uint8Array(accountTable).set(network.accountTable)
  return {
    networkId: network.networkId,
    accountTable,
    shards: network.shards,
    accountsPerShard: network.accountsPerShard,
    payloadBytesMax: payloadBytesMaxOf(workload),
    fee: workload.fee,
    seed: workload.seed,
  }
}
