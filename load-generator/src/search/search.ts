import type { Search, Trial } from '../result/search-shape.ts'
import { evenBelief, learned, quantileRate, type KneeBelief } from './knee-belief.ts'
import { judgeTrial, type Objective, type TrialFigures } from './objective.ts'

/** What a search is told. */
export interface SearchOptions {
  readonly objective: Objective
  /** Lowest and highest rate that is tried, per second. */
  readonly rateMin: number
  readonly rateMax: number
  readonly trialMs: number
  readonly trialsMax: number
  /** The search ends when the interval reaches so far to each side, as a part of the knee. */
  readonly precision: number
}

/** Where a search stands: plain data, changed by nobody. */
export interface SearchState {
  readonly options: SearchOptions
  readonly belief: KneeBelief
  readonly trials: readonly Trial[]
}

/** What comes next: a trial, or the end. */
export type SearchStep =
  | { readonly kind: 'trial'; readonly rate: number; readonly purpose: Trial['purpose'] }
  | {
      readonly kind: 'end'
      readonly limit: Search['limit']
      readonly knee: Search['knee']
      readonly because: string
    }

const CONFIDENCE = 0.95
/** While nothing has been missed, the rate grows by this. */
const RAMP_FACTOR = 2
/** Beliefs are about the knee: it may lie a little beyond what is tried. */
const BEYOND = 1.3
/** The confirming trial runs where nearly everything says that it is met. */
const CONFIRM_PROBABILITY = 0.1

/** A search that knows nothing yet. */
export function startSearch(options: SearchOptions): SearchState {
  const belief = evenBelief(options.rateMin / BEYOND, options.rateMax * BEYOND)
  return { options, belief, trials: [] }
}

/** What to do next. Pure; the same state gives the same step. */
export function nextStep(state: SearchState): SearchStep {
  const { options, trials } = state
  const generatorLimit = generatorLimitOf(trials)
  const { rateMin, rateMax, trialsMax, precision } = options
  const last = trials.at(-1)
  if (last === undefined) return { kind: 'trial', rate: rateMin, purpose: 'ramp' }
  const met = trials.filter(({ outcome }) => outcome === 'met')
  const missed = trials.filter(({ outcome }) => outcome === 'missed')
  if (missed.filter(({ rate }) => rate <= rateMin).length >= 2 && met.length === 0)
    return end(state, 'floor', `Even ${rateMin}/s was missed twice: ${last.reason}.`)
  if (met.filter(({ rate }) => rate >= rateMax).length >= 2)
    return end(state, 'ceiling', `The highest rate asked for, ${rateMax}/s, was met twice.`)
  const known = knownInterval(state)
  const isNarrow = known.high / known.low - 1 <= 2 * precision
  if (generatorLimit !== null && known.low >= generatorLimit * 0.9)
    return end(
      state,
      'generator',
      `The generator could not offer ${Math.round(generatorLimit)}/s: the knee lies higher.`,
    )
  if (trials.length >= trialsMax)
    return end(state, isNarrow ? 'testnet' : 'trials', `All ${trialsMax} trials were used.`)
  if (isNarrow) {
    if (last.purpose === 'confirm' && last.outcome === 'met')
      return end(state, 'testnet', `The knee is known to ${100 * precision} % to each side.`)
    return trialAt(state, quantileRate(state.belief, CONFIRM_PROBABILITY), 'confirm')
  }
  if (missed.length === 0 && generatorLimit === null)
    return trialAt(state, last.outcome === 'met' ? last.rate * RAMP_FACTOR : last.rate, 'ramp')
  return trialAt(state, quantileRate(state.belief, 0.5), 'narrow')
}

/** The search after a trial at the rate that `nextStep` asked for. */
export function afterTrial(
  state: SearchState,
  trial: { readonly rate: number; readonly purpose: Trial['purpose']; readonly fromMs: number },
  figures: TrialFigures,
): SearchState {
  const { objective, trialMs } = state.options
  const { outcome, reason, trust } = judgeTrial(objective, figures)
  const entry: Trial = {
    number: state.trials.length + 1,
    ...trial,
    forMs: trialMs,
    offeredPerSecond: figures.offeredPerSecond,
    committedPerSecond: figures.committedPerSecond,
    p50Ms: figures.p50Ms,
    p99Ms: figures.p99Ms,
    backlogPerSecond: figures.backlogPerSecond,
    outcome,
    reason,
  }
  const trials = [...state.trials, entry]
  if (outcome === 'generatorLimited' || outcome === 'unclear') return { ...state, trials }
  const belief = learned(state.belief, trial.rate, outcome === 'met', trust)
  return { ...state, trials, belief }
}

/** The search as the result tells it. */
export function searchResult(
  state: SearchState,
  ending: Pick<Search, 'limit' | 'knee' | 'endedBecause'>,
  overload: Search['overload'],
): Search {
  const { objective, trialsMax } = state.options
  return {
    objective: { ...objective },
    trials: state.trials.map((trial) => ({ ...trial })),
    trialsMax,
    ...ending,
    overload,
  }
}

function knownInterval({ belief }: SearchState): { readonly low: number; readonly high: number } {
  const outside = (1 - CONFIDENCE) / 2
  return { low: quantileRate(belief, outside), high: quantileRate(belief, 1 - outside) }
}

function end(state: SearchState, limit: Search['limit'], because: string): SearchStep {
  const { low, high } = knownInterval(state)
  const hasMet = state.trials.some(({ outcome }) => outcome === 'met')
  const value = quantileRate(state.belief, 0.5)
  const knee = hasMet ? { value, low, high, confidence: CONFIDENCE } : null
  return { kind: 'end', limit, knee, because }
}

/**
 * The rate that the generator cannot make: one trial may have met a busy moment of its machine, two have not. So it is the
 * second of the rates that it was late at, from below; null before.
 */
function generatorLimitOf(trials: readonly Trial[]): number | null {
  const rates = trials.filter(({ outcome }) => outcome === 'generatorLimited')
  return rates.map(({ rate }) => rate).toSorted((a, b) => a - b)[1] ?? null
}

function trialAt(state: SearchState, wanted: number, purpose: Trial['purpose']): SearchStep {
  const { rateMin, rateMax } = state.options
  const generatorLimit = generatorLimitOf(state.trials)
  // What the generator cannot make is not asked for again.
  const ceiling = generatorLimit === null ? rateMax : generatorLimit * 0.95
  const rate = Math.round(Math.max(rateMin, Math.min(rateMax, ceiling, wanted)))
  return { kind: 'trial', rate, purpose }
}
