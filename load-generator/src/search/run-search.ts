import { readNonces } from '../account-nonces.ts'
import { LoadError } from '../network.ts'
import { NonceBook } from '../nonces.ts'
import type { LoadResult } from '../result.ts'
import type { Search, Trial } from '../result/search-shape.ts'
import { runLoad, type RunOptions } from '../run-load.ts'
import { judgedAgain } from '../verdict.ts'
import { DEFAULT_OVERLOAD, overloadOf, type OverloadPlan } from './overload.ts'
import { afterTrial, nextStep, searchResult, startSearch, type SearchOptions } from './search.ts'
import { trialFiguresOf } from './trial-figures.ts'

/** A saturation search on a testnet. */
export interface RunSearchOptions extends RunOptions {
  readonly search: SearchOptions
  /** Null leaves the overload out. */
  readonly overload?: OverloadPlan | null
  readonly onTrial?: (trial: Trial) => void
  readonly onPhase?: (text: string) => void
}

/** Between trials everything that was sent gets its fate, so that no trial suffers from the one before. */
const DRAIN_MS_MAX = 60_000
const OVERLOAD_DRAIN_MS_MAX = 120_000
const IN_FLIGHT_MAX = 400_000

/**
 * Finds the highest rate that a testnet carries within an objective, then offers ten times as much and sees it recover. The
 * result's figures are those of the last trial that was met; its verdict adds the overload.
 * @throws LoadError when the testnet cannot be reached, or nothing was tried at all.
 */
export async function runSearch(options: RunSearchOptions): Promise<LoadResult> {
  const { network, targets, signal } = options
  const nonces = new NonceBook(network.shards * network.accountsPerShard)
  if (options.accounts === 'used') await readNonces(network, targets, nonces, signal)
  const startMs = performance.now()
  let state = startSearch(options.search)
  let best: LoadResult | null = null
  let last: LoadResult | null = null
  for (let step = nextStep(state); ; step = nextStep(state)) {
    if (step.kind === 'end' || last?.interrupted === true) {
      const ending: Ending =
        step.kind === 'end' && last?.interrupted !== true
          ? { limit: step.limit, knee: step.knee, endedBecause: step.because }
          : { limit: 'interrupted', knee: null, endedBecause: 'The search was interrupted.' }
      const result = best ?? last
      if (result === null) throw new LoadError('unreachable', 'no trial was run')
      const overload = await overloadAfter(options, nonces, ending, performance.now() - startMs)
      return judgedAgain({
        ...result,
        interrupted: ending.limit === 'interrupted',
        elapsedMs: performance.now() - startMs,
        search: searchResult(state, ending, overload),
      })
    }
    const { rate, purpose } = step
    const fromMs = performance.now() - startMs
    last = await runLoad({
      ...options,
      nonces,
      workload: { ...options.workload, seed: options.workload.seed + state.trials.length },
      arrivals: { process: 'poisson', schedule: [{ rate, forMs: options.search.trialMs }] },
      drainMsMax: DRAIN_MS_MAX,
    })
    if (last.interrupted) continue
    state = afterTrial(state, { rate, purpose, fromMs }, trialFiguresOf(last))
    const trial = state.trials.at(-1)
    if (trial?.outcome === 'met') best = last
    if (trial !== undefined) options.onTrial?.(trial)
  }
}

type Ending = Pick<Search, 'limit' | 'knee' | 'endedBecause'>

async function overloadAfter(
  options: RunSearchOptions,
  nonces: NonceBook,
  { limit, knee }: Ending,
  fromMs: number,
): Promise<Search['overload']> {
  const plan = options.overload === undefined ? DEFAULT_OVERLOAD : options.overload
  if (plan === null || knee === null || limit === 'interrupted') return null
  options.onPhase?.(`Offering ${plan.factor} times the knee for ${plan.forMs / 1_000} s`)
  return runOverload({ ...options, nonces }, knee.value, plan, fromMs)
}

/** Overloads a testnet whose knee is known, and watches it recover. */
export async function runOverload(
  options: RunOptions,
  knee: number,
  plan: OverloadPlan,
  fromMs = 0,
): Promise<NonNullable<Search['overload']>> {
  const rate = Math.max(1, Math.round(plan.factor * knee))
  const ordinary = Math.max(1, Math.round(plan.ordinaryShare * knee))
  const result = await runLoad({
    ...options,
    arrivals: {
      process: 'poisson',
      schedule: [
        { rate: ordinary, forMs: plan.beforeMs },
        { rate, forMs: plan.forMs },
        { rate: ordinary, forMs: plan.afterMs },
      ],
    },
    signs: 'before',
    inFlightMax: IN_FLIGHT_MAX,
    drainMsMax: OVERLOAD_DRAIN_MS_MAX,
  })
  return overloadOf(result, knee, plan, fromMs)
}
