import type { Tally } from './tally.ts'

/** More of the schedule than this must have left for a verdict on rate and latency. */
const SENT_SHARE_MIN = 0.99
/** Sends later than this say that the generator, or its machine, was the limit. */
const LATENESS_P99_MAX_MS = 100

/** Why figures of rate and latency would be the generator's and not the testnet's; empty when it held its schedule. */
export function generatorReasons(tally: Tally): string[] {
  const reasons: string[] = []
  const unsent = tally.scheduled - tally.sent
  if (tally.sent < SENT_SHARE_MIN * tally.scheduled) {
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
