import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Job, JobResult } from './job.ts'

/** A world makes much that is short-lived: a large young space is collected seldom. */
const THREAD_MEMORY = { maxYoungGenerationSizeMb: 64 }

export interface PoolOptions<Result extends JobResult> {
  /** File of the threads: each takes jobs as messages and answers each with its result. */
  readonly worker: URL
  readonly perJob: number
  readonly first: number
  /** How many numbers; stops earlier when `isOver` says so. */
  readonly count: number
  isOver?(): boolean
  /** Hears of every job, in the order in which they end. */
  onResult(result: Result): void
}

/** Runs numbers on all cores. Ends when all are run, or after the jobs under way when one failed. */
export async function runJobs<Result extends JobResult>(
  options: PoolOptions<Result>,
): Promise<void> {
  const { first, count, perJob } = options
  let next = first
  let hasFailed = false
  const takeJob = (): Job | null => {
    const left = first + count - next
    if (left <= 0 || hasFailed || options.isOver?.() === true) return null
    const job = { first: next, count: Math.min(perJob, left) }
    next += job.count
    return job
  }
  const runThread = async (): Promise<void> => {
    const worker = new Worker(options.worker, { resourceLimits: THREAD_MEMORY })
    try {
      for (let job = takeJob(); job !== null; job = takeJob()) {
        const result = await runJob<Result>(worker, job)
        hasFailed ||= result.failure !== null
        options.onResult(result)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, runThread))
}

function runJob<Result>(worker: Worker, job: Job): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>()
  const onError = (error: unknown) =>
    reject(new Error(`a worker failed at numbers from ${job.first} on`, { cause: error }))
  worker.once('error', onError)
  worker.once('message', (result: Result) => {
    worker.off('error', onError)
    resolve(result)
  })
  worker.postMessage(job, [])
  return promise
}
