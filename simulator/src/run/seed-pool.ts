import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { SeedJob, SeedJobResult } from './seed-job.ts'

const SEEDS_PER_JOB = 16

export interface PoolOptions {
  readonly first: number
  /** How many seeds; stops earlier when `isOver` says so. */
  readonly count: number
  readonly threads?: number
  isOver?(): boolean
  /** Hears of every job, in the order in which they end. */
  onResult(result: SeedJobResult): void
}

/** Runs seeds on all cores. Ends when all are run, or after the jobs under way when a seed failed. */
export async function runSeeds(options: PoolOptions): Promise<void> {
  const { first, count, threads = availableParallelism() } = options
  let next = first
  let hasFailed = false
  const takeJob = (): SeedJob | null => {
    const left = first + count - next
    if (left <= 0 || hasFailed || options.isOver?.() === true) return null
    const job = { first: next, count: Math.min(SEEDS_PER_JOB, left) }
    next += job.count
    return job
  }
  const runThread = async (): Promise<void> => {
    const worker = new Worker(new URL('seed-worker.ts', import.meta.url))
    try {
      for (let job = takeJob(); job !== null; job = takeJob()) {
        const result = await runJob(worker, job)
        hasFailed ||= result.failure !== null
        options.onResult(result)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: threads }, runThread))
}

function runJob(worker: Worker, job: SeedJob): Promise<SeedJobResult> {
  const { promise, resolve, reject } = Promise.withResolvers<SeedJobResult>()
  const onError = (error: unknown) =>
    reject(new Error(`a worker failed at seeds from ${job.first} on`, { cause: error }))
  worker.once('error', onError)
  worker.once('message', (result: SeedJobResult) => {
    worker.off('error', onError)
    resolve(result)
  })
  worker.postMessage(job, [])
  return promise
}
