import { durationMs } from '@shardnet/operator/api'
import { InputError } from './input-error.ts'
import { latencyLimitsOf, type LatencyLimits } from './slo.ts'

/** What people type for a search. */
export interface SearchFlags {
  readonly search?: boolean
  readonly slo?: string
  readonly trial?: string
  readonly rate?: string
  readonly rateMax?: string
  readonly duration?: string
  /** False after `--no-overload`. */
  readonly overload?: boolean
}

/** A search, ready to run. */
export interface SearchRequest {
  readonly limits: LatencyLimits
  readonly rateMin: number
  readonly rateMax: number
  readonly trialMs: number
  readonly hasOverload: boolean
}

const RATE_MIN = 100
const RATE_MAX = 200_000
const TRIAL_MS = 15_000
/** Shorter ones hold too few observations for a statement on steadiness. */
const TRIAL_MS_MIN = 8_000
const DURATION = /^([0-9]{1,6}(ms|s|m|h))+$/

/**
 * The search of a command line; null when none is asked for.
 * @throws {InputError} with every problem.
 */
export function searchOf(flags: SearchFlags): SearchRequest | null {
  const problems: string[] = []
  if (flags.search !== true) {
    for (const [name, value] of [
      ['--trial', flags.trial],
      ['--rate-max', flags.rateMax],
    ] as const)
      if (value !== undefined)
        problems.push(`${name}: expected --search beside it, got ${value} alone`)
    if (problems.length > 0) throw new InputError(problems)
    return null
  }
  const limits = latencyLimitsOf(flags.slo ?? 'p99=2s', problems)
  const rateMin = rateOf('--rate', flags.rate, RATE_MIN, problems)
  const rateMax = rateOf('--rate-max', flags.rateMax, RATE_MAX, problems)
  if (rateMin >= rateMax)
    problems.push(`--rate-max: expected more than the first rate ${rateMin}, got ${rateMax}`)
  if (flags.duration !== undefined)
    problems.push('--duration: expected --trial TIME with --search, got --duration')
  const trial = flags.trial ?? `${TRIAL_MS}ms`
  const trialMs = DURATION.test(trial) ? durationMs(trial) : 0
  if (trialMs < TRIAL_MS_MIN)
    problems.push(
      `--trial: expected a duration of at least ${TRIAL_MS_MIN / 1_000}s, got ${JSON.stringify(trial)}`,
    )
  if (problems.length > 0) throw new InputError(problems)
  return { limits, rateMin, rateMax, trialMs, hasOverload: flags.overload !== false }
}

function rateOf(
  flag: string,
  text: string | undefined,
  otherwise: number,
  problems: string[],
): number {
  if (text === undefined) return otherwise
  const rate = Number(text)
  if (/^\d{1,7}$/.test(text) && rate >= 1 && rate <= 1_000_000) return rate
  problems.push(`${flag}: expected a whole number from 1 to 1000000, got ${text}`)
  return otherwise
}
