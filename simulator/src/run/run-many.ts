import { availableParallelism } from 'node:os'
import { counterText, grownCounter, loadCounter, saveCounter } from './counter-file.ts'
import { describeFailure } from './run-one.ts'
import { faultsText, totalsText } from './report.ts'
import { runCounted } from './run-counted.ts'
import { SEED_JOBS, type Failure, type SeedJobResult } from './seed-job.ts'
import { sourceState, type SourceState } from './source-state.ts'
import { emptyTotals, mergeTotals, type Totals } from './totals.ts'

const SUMMING = { emptyTotals, mergeTotals }

/** What many seeds came to, as `--json` writes it. */
export interface ManyResult extends SourceState {
  readonly format: 'shardnet-simulator-result/1'
  readonly firstSeed: number
  readonly threads: number
  readonly seconds: number
  readonly isInterrupted: boolean
  readonly totals: Totals
  readonly failure: Failure | null
}

/** Runs seeds on all cores, from the counter on if there is one, and says what came out. */
export async function runMany(
  options: { readonly count: number; readonly resume: string | null },
  say: (line: string) => void,
): Promise<ManyResult> {
  const { count, resume } = options
  const state = sourceState('seeds')
  if (state.isDirty)
    say('What runs here has changes that are in no commit: nobody else can repeat this run.')
  const counter = resume === null ? null : loadCounter(resume, 'seeds', state, SUMMING)
  const firstSeed = (counter?.count ?? 0) + 1
  const failures: Failure[] = []
  const { totals, seconds, isInterrupted } = await runCounted<Totals, SeedJobResult>({
    jobs: SEED_JOBS,
    first: firstSeed,
    count,
    ...SUMMING,
    onFailure: (failure) => failures.push(failure),
    onProgress: (done) =>
      say(`${done.toLocaleString('en')} of ${count.toLocaleString('en')} seeds`),
    onClean: (clean, more) => {
      if (resume !== null && counter !== null)
        saveCounter(resume, grownCounter(counter, { count: clean, totals: more }, SUMMING))
    },
  })
  const failure = failures.toSorted((a, b) => a.seed - b.seed)[0] ?? null
  say(totalsText(totals, seconds))
  say(faultsText(totals))
  if (isInterrupted) say('Interrupted: what was run is counted.')
  if (failure !== null)
    say(describeFailure(failure.seed, failure.violation.invariant, failure.violation.message))
  if (resume !== null) say(counterText(resume, loadCounter(resume, 'seeds', state, SUMMING)))
  const threads = availableParallelism()
  const format = 'shardnet-simulator-result/1'
  return { format, ...state, firstSeed, threads, seconds, isInterrupted, totals, failure }
}
