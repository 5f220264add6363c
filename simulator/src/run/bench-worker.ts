import { parentPort } from 'node:worker_threads'
import { createWorld } from '../adversary/lying-world.ts'
import { drawWorldPlan } from '../world/world-plan.ts'
import type { Job } from './job.ts'
import type { SeedJobResult } from './seed-job.ts'
import { addRun, emptyTotals } from './totals.ts'

/** A thread that runs the worlds of the aim: one shard of four that has to get somewhere, with the faults of its seed. */
const AIM = { kind: 'liveness', shards: 1, size: 4, heightsAim: 50 } as const

function runJob(job: Job): SeedJobResult {
  const totals = emptyTotals()
  for (let seed = job.first; seed < job.first + job.count; seed++) {
    const result = createWorld(drawWorldPlan(seed, AIM)).run()
    addRun(totals, result)
    const { violation } = result
    if (violation !== null) return { job, totals, failure: { seed, violation } }
  }
  return { job, totals, failure: null }
}

parentPort?.on('message', (job: Job) => {
  parentPort?.postMessage(runJob(job), [])
})
