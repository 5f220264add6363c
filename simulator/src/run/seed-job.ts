import { runForkWorld } from '../adversary/fork-world.ts'
import type { Violation } from '../checkers/verdict.ts'
import { drawWorldPlan } from '../world/world-plan.ts'
import { createWorld } from '../adversary/lying-world.ts'
import type { Job, JobResult } from './job.ts'
import { addRun, emptyTotals, type Totals } from './totals.ts'

/** A seed that broke a promise. */
export interface Failure {
  readonly seed: number
  readonly violation: Violation
}

/** What a job came to; it ends at its first failure. */
export interface SeedJobResult extends JobResult {
  readonly totals: Totals
  readonly failure: Failure | null
}

/** How seeds are dealt out to threads. */
export const SEED_JOBS = { worker: new URL('seed-worker.ts', import.meta.url), perJob: 16 }

/** One seed of so many is run twice, and one is the world with too many liars. */
const REPEATED_ONE_IN = 64
const FORK_ONE_IN = 500

/** Runs the seeds of a job, in order. @throws with the seed when the simulator itself has a defect */
export function runSeedJob(job: Job): SeedJobResult {
  const totals = emptyTotals()
  for (let seed = job.first; seed < job.first + job.count; seed++) {
    const violation = runSeed(seed, totals)
    if (violation !== null) return { job, totals, failure: { seed, violation } }
  }
  return { job, totals, failure: null }
}

function runSeed(seed: number, totals: Totals): Violation | null {
  try {
    return seed % FORK_ONE_IN === 0 ? runFork(seed, totals) : runOne(seed, totals)
  } catch (error) {
    throw new Error(`seed ${seed} has no end: npm run sim -- --seed ${seed} repeats it`, {
      cause: error,
    })
  }
}

function runOne(seed: number, totals: Totals): Violation | null {
  const plan = drawWorldPlan(seed)
  const result = createWorld(plan).run()
  addRun(totals, result)
  if (result.violation !== null || seed % REPEATED_ONE_IN !== 1) return result.violation
  const again = createWorld({ ...plan, isDecodingApart: !plan.isDecodingApart }).run()
  totals.repeated++
  return again.traceHash === result.traceHash
    ? null
    : { invariant: 'I14 replayable', message: 'a second run left another trace', atMs: 0 }
}

/** The world that has to break: it counts as clean when it forked, was caught, and named at least f + 1 liars and nobody else. */
function runFork(seed: number, totals: Totals): Violation | null {
  const { isForkSeen, halted, guilty, liars, isHonestAccused } = runForkWorld(seed)
  totals.seeds++
  totals.forksCaught++
  if (isForkSeen && halted > 0 && guilty.length >= liars && !isHonestAccused) return null
  const message = `${liars} liars: fork ${isForkSeen ? 'seen' : 'not seen'}, ${halted} honest validators stopped, guilty: ${guilty.join(', ')}`
  return { invariant: 'I10 a fork is caught', message, atMs: 0 }
}
