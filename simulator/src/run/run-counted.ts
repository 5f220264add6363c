import { CleanPrefix } from './clean-prefix.ts'
import { runJobs } from './job-pool.ts'
import type { JobResult } from './job.ts'

const PROGRESS_MS = 5_000
const SAVE_MS = 60_000

/** Numbers to run, and what to do with what they come to. */
export interface Counting<Totals, Result extends JobResult & { readonly totals: Totals }> {
  readonly jobs: { readonly worker: URL; readonly perJob: number }
  readonly first: number
  readonly count: number
  readonly emptyTotals: () => Totals
  readonly mergeTotals: (into: Totals, more: Totals) => void
  readonly onFailure: (failure: NonNullable<Result['failure']>) => void
  /** So many numbers have been run, now and then. */
  readonly onProgress: (done: number) => void
  /** So many from the first on are clean, once a minute and at the end. */
  readonly onClean: (count: number, totals: Totals) => void
}

/** What was run until the end, the first failure, or a signal. */
export interface CountedRun<Totals> {
  readonly totals: Totals
  readonly seconds: number
  readonly isInterrupted: boolean
}

/** Runs numbers on all cores. SIGINT and SIGTERM end it after the jobs under way, with nothing lost. */
export async function runCounted<Totals, Result extends JobResult & { readonly totals: Totals }>(
  counting: Counting<Totals, Result>,
): Promise<CountedRun<Totals>> {
  const { first, mergeTotals, emptyTotals } = counting
  const totals = emptyTotals()
  const clean = emptyTotals()
  const prefix = new CleanPrefix<Totals>(first, (more) => mergeTotals(clean, more))
  const startMs = Date.now()
  let [saidMs, savedMs, done, isInterrupted] = [startMs, startMs, 0, false]
  const onSignal = (): void => void (isInterrupted = true)
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const name of signals) process.on(name, onSignal)
  try {
    await runJobs<Result>({
      ...counting.jobs,
      first,
      count: counting.count,
      isOver: () => isInterrupted,
      onResult: (result) => {
        mergeTotals(totals, result.totals)
        done += result.job.count
        if (result.failure === null) prefix.add(result.job, result.totals)
        else counting.onFailure(result.failure)
        const nowMs = Date.now()
        if (nowMs - saidMs >= PROGRESS_MS) {
          saidMs = nowMs
          counting.onProgress(done)
        }
        if (nowMs - savedMs >= SAVE_MS) {
          savedMs = nowMs
          counting.onClean(prefix.next - first, clean)
        }
      },
    })
  } finally {
    for (const name of signals) process.off(name, onSignal)
  }
  counting.onClean(prefix.next - first, clean)
  return { totals, seconds: (Date.now() - startMs) / 1_000, isInterrupted }
}
