import type { Tally } from './tally.ts'

/** Part of the schedule that may stay behind for a verdict on rate and latency. */
export const UNSENT_SHARE_MAX = 0.01
/** Sends later than this say that the generator, or its machine, was the limit. */
export const LATENESS_P99_MAX_MS = 100

/** Part of the schedule that never left. */
export function unsentShareOf({ scheduled, sent }: Tally): number {
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
