import { availableParallelism } from 'node:os'
import { emptyTwinsTotals, mergeTwinsTotals } from '../twins/twins-totals.ts'
import { runJobs } from './job-pool.ts'
import { SEED_JOBS, type SeedJobResult } from './seed-job.ts'
import { emptyTotals, mergeTotals } from './totals.ts'
import { TWINS_JOBS, type TwinsJobResult } from './twins-job.ts'

/** Speed of worlds. */
export interface WorldsSpeed {
  readonly seeds: number
  readonly seedsPerHour: number
  readonly simulatedSecondsPerSecond: number
  /** Over all shards. */
  readonly heightsPerSeed: number
}

/** Figures of the simulator's speed, as `--json` writes them. */
export interface BenchResult {
  readonly format: 'shardnet-simulator-bench/2'
  readonly threads: number
  readonly secondsEach: number
  /** Worlds of one shard of four to 50 heights, with faults and liars. */
  readonly ofFour: WorldsSpeed
  /** Worlds as seeds draw them. */
  readonly asDrawn: WorldsSpeed
  readonly twinsPerMinute: number
}

const OF_FOUR_JOBS = { worker: new URL('bench-worker.ts', import.meta.url), perJob: 16 }
const MEASURED_MS = 40_000
const NUMBERS_MAX = 1_000_000_000

/** Runs each kind for a while, on all cores. */
export async function runBench(say: (line: string) => void): Promise<BenchResult> {
  const ofFour = await worldsSpeed(OF_FOUR_JOBS, say)
  say(`one shard of four to 50 heights: ${textOf(ofFour)}`)
  const asDrawn = await worldsSpeed(SEED_JOBS, say)
  say(`as seeds draw them: ${textOf(asDrawn)}`)
  const twinsPerMinute = Math.round(await twinsSpeed(say))
  say(`${twinsPerMinute.toLocaleString('en')} Twins scenarios a minute`)
  const threads = availableParallelism()
  say(`on ${threads} cores, ${MEASURED_MS / 1_000} s each`)
  const secondsEach = MEASURED_MS / 1_000
  return {
    format: 'shardnet-simulator-bench/2',
    threads,
    secondsEach,
    ofFour,
    asDrawn,
    twinsPerMinute,
  }
}

async function worldsSpeed(
  jobs: typeof SEED_JOBS,
  say: (line: string) => void,
): Promise<WorldsSpeed> {
  const totals = emptyTotals()
  const onResult = ({ totals: ofJob, failure }: SeedJobResult) => {
    mergeTotals(totals, ofJob)
    if (failure !== null)
      say(`seed ${failure.seed} broke a promise: the figures are of a part only`)
  }
  const seconds = await runForAWhile((part) => runJobs({ ...jobs, ...part, onResult }))
  const { seeds, simulatedMs, heights } = totals
  return {
    seeds,
    seedsPerHour: Math.round((seeds / seconds) * 3_600),
    simulatedSecondsPerSecond: Math.round(simulatedMs / 1_000 / seconds),
    heightsPerSeed: Math.round(heights / Math.max(1, seeds)),
  }
}

/** Scenarios a minute. */
async function twinsSpeed(say: (line: string) => void): Promise<number> {
  const totals = emptyTwinsTotals()
  const onResult = ({ totals: ofJob, failure }: TwinsJobResult) => {
    mergeTwinsTotals(totals, ofJob)
    if (failure !== null) say('a scenario broke a promise: the figure is of a part only')
  }
  const seconds = await runForAWhile((part) => runJobs({ ...TWINS_JOBS, ...part, onResult }))
  return (totals.scenarios / seconds) * 60
}

/** Numbers from 1 on, for as long as is measured. */
interface Part {
  readonly first: number
  readonly count: number
  readonly isOver: () => boolean
}

/** Seconds that it took. */
async function runForAWhile(run: (part: Part) => Promise<void>): Promise<number> {
  const startMs = performance.now()
  const isOver = () => performance.now() - startMs >= MEASURED_MS
  await run({ first: 1, count: NUMBERS_MAX, isOver })
  return (performance.now() - startMs) / 1_000
}

function textOf({ seedsPerHour, simulatedSecondsPerSecond, heightsPerSeed }: WorldsSpeed): string {
  const [seeds, seconds] = [seedsPerHour, simulatedSecondsPerSecond].map((figure) =>
    figure.toLocaleString('en'),
  )
  return `${seeds} seeds an hour, ${seconds} simulated seconds a second, ${heightsPerSeed} blocks a seed`
}
