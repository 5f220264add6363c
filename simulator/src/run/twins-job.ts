import type { Violation } from '../checkers/verdict.ts'
import { drawTwinsPlan } from '../twins/twins-plan.ts'
import { addScenario, emptyTwinsTotals, type TwinsTotals } from '../twins/twins-totals.ts'
import { TwinsWorld } from '../twins/twins-world.ts'
import type { Job, JobResult } from './job.ts'

/** A scenario that broke a promise. */
export interface TwinsFailure {
  readonly index: number
  readonly violation: Violation
}

/** What a job came to; it ends at its first failure. */
export interface TwinsJobResult extends JobResult {
  readonly totals: TwinsTotals
  readonly failure: TwinsFailure | null
}

/** How scenarios are dealt out to threads. */
export const TWINS_JOBS = { worker: new URL('twins-worker.ts', import.meta.url), perJob: 250 }

/** Runs the scenarios of a job, in order. */
export function runTwinsJob(job: Job): TwinsJobResult {
  const totals = emptyTwinsTotals()
  for (let index = job.first; index < job.first + job.count; index++) {
    const result = new TwinsWorld(drawTwinsPlan(index)).run()
    addScenario(totals, result)
    const { violation } = result
    if (violation !== null) return { job, totals, failure: { index, violation } }
  }
  return { job, totals, failure: null }
}
