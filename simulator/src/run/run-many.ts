import { availableParallelism } from 'node:os'
import { loadCounter, saveCounter, sourceState } from './counter-file.ts'
import { describeFailure } from './run-one.ts'
import { faultsText, totalsText } from './report.ts'
import type { Failure } from './seed-job.ts'
import { runSeeds } from './seed-pool.ts'
import { emptyTotals, mergeTotals, type Totals } from './totals.ts'

/** What many seeds came to, as `--json` writes it. */
export interface ManyResult {
  readonly format: 'shardnet-simulator-result/1'
  readonly commit: string
  readonly isDirty: boolean
  readonly firstSeed: number
  readonly threads: number
  readonly seconds: number
  readonly totals: Totals
  readonly failure: Failure | null
}

const PROGRESS_MS = 5_000

/** Runs seeds on all cores, from the counter on if there is one, and says what came out. */
export async function runMany(
  options: { readonly count: number; readonly resume: string | null },
  say: (line: string) => void,
): Promise<ManyResult> {
  const { count, resume } = options
  const state = sourceState()
  if (state.isDirty)
    say('The tree has changes that are in no commit: nobody else can repeat this run.')
  const counter = resume === null ? null : loadCounter(resume, state)
  const firstSeed = (counter?.seeds ?? 0) + 1
  const totals = emptyTotals()
  const failures: Failure[] = []
  const startMs = Date.now()
  let saidMs = startMs
  await runSeeds({
    first: firstSeed,
    count,
    onResult: ({ totals: ofJob, failure }) => {
      mergeTotals(totals, ofJob)
      if (failure !== null) failures.push(failure)
      if (Date.now() - saidMs < PROGRESS_MS) return
      saidMs = Date.now()
      say(`${totals.seeds.toLocaleString('en')} of ${count.toLocaleString('en')} seeds`)
    },
  })
  const seconds = (Date.now() - startMs) / 1_000
  const failure = failures.toSorted((a, b) => a.seed - b.seed)[0] ?? null
  say(totalsText(totals, seconds))
  say(faultsText(totals))
  if (failure !== null)
    say(describeFailure(failure.seed, failure.violation.invariant, failure.violation.message))
  else if (resume !== null && counter !== null) {
    mergeTotals(counter.totals, totals)
    const seeds = counter.seeds + count
    saveCounter(resume, { ...state, seeds, totals: counter.totals })
    say(
      `${resume}: ${seeds.toLocaleString('en')} seeds are clean at ${state.commit}${state.isDirty ? ' with changes' : ''}`,
    )
  }
  const threads = availableParallelism()
  const format = 'shardnet-simulator-result/1'
  return { format, ...state, firstSeed, threads, seconds, totals, failure }
}
