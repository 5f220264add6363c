import { parentPort } from 'node:worker_threads'
import { runSeedJob, type SeedJob } from './seed-job.ts'

/** A thread that runs the jobs that it is sent, one after the other. */
parentPort?.on('message', (job: SeedJob) => {
  parentPort?.postMessage(runSeedJob(job), [])
})
