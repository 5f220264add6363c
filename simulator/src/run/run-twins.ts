import { availableParallelism } from 'node:os'
import { drawTwinsPlan } from '../twins/twins-plan.ts'
import { emptyTwinsTotals, mergeTwinsTotals, type TwinsTotals } from '../twins/twins-totals.ts'
import { TwinsWorld, type TwinsResult } from '../twins/twins-world.ts'
import { counterText, grownCounter, loadCounter, saveCounter } from './counter-file.ts'
import { twinsText } from './report.ts'
import { runCounted } from './run-counted.ts'
import { sourceState, type SourceState } from './source-state.ts'
import { TWINS_JOBS, type TwinsFailure, type TwinsJobResult } from './twins-job.ts'

const SUMMING = { emptyTotals: emptyTwinsTotals, mergeTotals: mergeTwinsTotals }

/** What many scenarios came to, as `--json` writes it. */
export interface ManyTwinsResult extends SourceState {
  readonly format: 'shardnet-simulator-twins/1'
  readonly firstScenario: number
  readonly threads: number
  readonly seconds: number
  readonly isInterrupted: boolean
  readonly totals: TwinsTotals
  readonly failure: TwinsFailure | null
}

/** Runs one scenario; with a trace, every line goes to `say` as it happens. */
export function runTwins(
  index: number,
  isTraced: boolean,
  say: (line: string) => void,
): TwinsResult {
  return new TwinsWorld(drawTwinsPlan(index), isTraced ? say : null).run()
}

/** Runs scenarios on all cores, from the counter on if there is one, and says what came out. */
export async function runManyTwins(
  options: { readonly count: number; readonly resume: string | null },
  say: (line: string) => void,
): Promise<ManyTwinsResult> {
  const { count, resume } = options
  const state = sourceState('twins')
  const counter = resume === null ? null : loadCounter(resume, 'twins', state, SUMMING)
  const firstScenario = (counter?.count ?? 0) + 1
  const failures: TwinsFailure[] = []
  const { totals, seconds, isInterrupted } = await runCounted<TwinsTotals, TwinsJobResult>({
    jobs: TWINS_JOBS,
    first: firstScenario,
    count,
    ...SUMMING,
    onFailure: (failure) => failures.push(failure),
    onProgress: (done) =>
      say(`${done.toLocaleString('en')} of ${count.toLocaleString('en')} Twins scenarios`),
    onClean: (clean, more) => {
      if (resume !== null && counter !== null)
        saveCounter(resume, grownCounter(counter, { count: clean, totals: more }, SUMMING))
    },
  })
  const failure = failures.toSorted((a, b) => a.index - b.index)[0] ?? null
  say(twinsText(totals, seconds))
  if (isInterrupted) say('Interrupted: what was run is counted.')
  if (failure !== null) {
    const { index, violation } = failure
    say(`Twins scenario ${index} breaks ${violation.invariant}: ${violation.message}`)
    say(`repeat: npm run sim -- --twin ${index} --trace`)
  }
  if (resume !== null) say(counterText(resume, loadCounter(resume, 'twins', state, SUMMING)))
  const format = 'shardnet-simulator-twins/1'
  const threads = availableParallelism()
  return { format, ...state, firstScenario, threads, seconds, isInterrupted, totals, failure }
}
