import type { Tally } from './tally.ts'

/** Part of the schedule that may stay behind for a verdict on rate and latency. */
export const UNSENT_SHARE_MAX = 0.01
/** Sends later than this say that the generator, or its machine, was the limit. */
export const LATENESS_P99_MAX_MS = 100

/** Part of the schedule that never left. */
function unsentShareOf({ scheduled, sent }: Tally): number {
  return scheduled > 0 ? (scheduled - sent) / scheduled : 0
}

/** Why figures of rate and latency would be the generator's and not the testnet's; empty when it held its schedule. */
export function generatorReasons(tally: Tally): string[] {
  const reasons: string[] = []
  if (unsentShareOf(tally) > UNSENT_SHARE_MAX) {
    const unsent = tally.scheduled - tally.sent
    reasons.push(`${unsent} of ${tally.scheduled} scheduled transactions could not be sent in time`)
  }
  const lateness = tally.lateness.percentileMs(99)
  if (lateness !== null && lateness > LATENESS_P99_MAX_MS) {
    reasons.push(
      `1 % of the sends left more than ${Math.round(lateness)} ms late (limit ${LATENESS_P99_MAX_MS} ms)`,
    )
  }
  return reasons
}

/** How a run's generators held the schedule. */
export interface ScheduleHold {
  readonly reasons: readonly string[]
  readonly latenessP99Ms: number | null
  readonly unsentShare: number
}

/** One generator's. */
export function holdOf(tally: Tally): ScheduleHold {
  return {
    reasons: generatorReasons(tally),
    latenessP99Ms: tally.lateness.percentileMs(99),
    unsentShare: unsentShareOf(tally),
  }
}

/** That of several: one that could not hold its part spoils the whole, however well the others did. */
export function worstHold(holds: readonly ScheduleHold[]): ScheduleHold {
  const [only, ...others] = holds
  if (only !== undefined && others.length === 0) return only
  const lateness = holds.flatMap(({ latenessP99Ms }) => latenessP99Ms ?? [])
  return {
    reasons: holds.flatMap(({ reasons }, index) =>
      reasons.map((reason) => `generator ${index} of ${holds.length}: ${reason}`),
    ),
    latenessP99Ms: lateness.length === 0 ? null : Math.max(...lateness),
    unsentShare: Math.max(0, ...holds.map(({ unsentShare }) => unsentShare)),
  }
}
