import { availableParallelism } from 'node:os'
import { runJobs } from './job-pool.ts'
import { SEED_JOBS, type SeedJobResult } from './seed-job.ts'
import { emptyTotals, mergeTotals } from './totals.ts'

/** Figures of the simulator's speed, as `--json` writes them. */
export interface BenchResult {
  readonly format: 'shardnet-simulator-bench/1'
  readonly threads: number
  readonly seconds: number
  readonly seeds: number
  readonly seedsPerHour: number
  readonly simulatedSecondsPerSecond: number
  readonly heightsPerSeed: number
}

const MEASURED_MS = 60_000
const SEEDS_MAX = 1_000_000_000

/** Runs seeds as they come for a minute, on all cores. */
export async function runBench(say: (line: string) => void): Promise<BenchResult> {
  const totals = emptyTotals()
  const startMs = Date.now()
  const failed: number[] = []
  await runJobs<SeedJobResult>({
    ...SEED_JOBS,
    first: 1,
    count: SEEDS_MAX,
    isOver: () => Date.now() - startMs >= MEASURED_MS,
    onResult: ({ totals: ofJob, failure }) => {
      mergeTotals(totals, ofJob)
      if (failure !== null) failed.push(failure.seed)
    },
  })
  const seconds = (Date.now() - startMs) / 1_000
  const result: BenchResult = {
    format: 'shardnet-simulator-bench/1',
    threads: availableParallelism(),
    seconds,
    seeds: totals.seeds,
    seedsPerHour: Math.round((totals.seeds / seconds) * 3_600),
    simulatedSecondsPerSecond: Math.round(totals.simulatedMs / 1_000 / seconds),
    heightsPerSeed: Math.round(totals.heights / Math.max(1, totals.seeds)),
  }
  if (failed.length > 0) say(`seed ${failed[0]} broke a promise, so the figures are of a part only`)
  say(`${result.seedsPerHour.toLocaleString('en')} seeds an hour on ${result.threads} cores`)
  say(`${result.simulatedSecondsPerSecond.toLocaleString('en')} simulated seconds a second`)
  say(`${result.heightsPerSeed} blocks a seed`)
  return result
}
