import { z } from 'zod'
import { checkedDurationMs, Duration } from './duration.ts'

/**
 * What a run must show to pass, as a `LoadTest` says it. Safety and progress are no options: every run is judged by them.
 */
export const CriteriaSpec = z.strictObject({
  committedPerSecondMin: z
    .int()
    .min(1)
    .optional()
    .describe('Least committed transactions per second in the window.'),
  p99Max: Duration.optional().describe('Most latency of 99 % of the committed transactions.'),
  lostMax: z.int().min(0).default(0).describe('Most transactions without a fate.'),
  steady: z
    .boolean()
    .optional()
    .describe(
      'Whether the run must be steady, and the generator fast enough; true when a rate or a latency is asked for.',
    ),
})
export type CriteriaSpec = z.infer<typeof CriteriaSpec>

/** What a run must show to pass, ready to compare. */
export interface Criteria {
  readonly committedPerSecondMin: number | null
  readonly p99MaxMs: number | null
  readonly lostMax: number
  readonly steady: boolean
}

/** The criteria of a checked specification. */
export function criteriaOf(spec: CriteriaSpec): Criteria {
  const asksForFigures = spec.committedPerSecondMin !== undefined || spec.p99Max !== undefined
  return {
    committedPerSecondMin: spec.committedPerSecondMin ?? null,
    p99MaxMs: spec.p99Max === undefined ? null : checkedDurationMs(spec.p99Max),
    lostMax: spec.lostMax,
    steady: spec.steady ?? asksForFigures,
  }
}
