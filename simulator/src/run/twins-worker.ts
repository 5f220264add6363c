import { parentPort } from 'node:worker_threads'
import type { Job } from './job.ts'
import { runTwinsJob } from './twins-job.ts'

/** A thread that runs the jobs that it is sent, one after the other. */
parentPort?.on('message', (job: Job) => {
  parentPort?.postMessage(runTwinsJob(job), [])
})
