import { z } from 'zod'
import { count, Estimate, ms } from './shapes.ts'

const Trend = z.strictObject({
  perSecond: z.number().describe('Slope: change per second (Theil–Sen).'),
  low: z.number().describe('Lower end of the slope’s interval.'),
  high: z.number().describe('Upper end of the slope’s interval.'),
  pValue: z
    .number()
    .min(0)
    .max(1)
    .describe('Chance of a trend at least as clear without one (Mann–Kendall).'),
  isSignificant: z.boolean().describe('Clear, and large enough to matter.'),
})
export type Trend = z.infer<typeof Trend>

/** Where the warm-up ended, whether the run was steady after it, and how sure its figures are. */
export const SteadyState = z
  .strictObject({
    kind: z
      .enum(['steady', 'notSteady', 'unknown'])
      .describe('Unknown: too short, or nothing committed.'),
    causes: z
      .array(
        z.enum([
          'backlogGrows',
          'backlogShrinks',
          'rateDrifts',
          'warmUpNeverEnds',
          'generatorLimit',
          'tooShort',
        ]),
      )
      .describe('Why it is not steady, or not known to be; empty when it is.'),
    reasons: z.array(z.string()).describe('The causes in sentences with their figures.'),
    isDisturbed: z
      .boolean()
      .describe(
        'A fault or restart fell into the window: criteria are judged with it, steady or not.',
      ),
    method: z.string().describe('Tests that decided, in one sentence.'),
    warmUpMs: ms.describe('Where the warm-up ended: start of the window.'),
    warmUpChosenBy: z
      .enum(['test', 'request'])
      .describe('The test, or somebody who said how long.'),
    stepMs: ms.describe('Width of one observation of the series that was tested.'),
    observations: count.describe('Observations after the warm-up.'),
    rateTrend: Trend.nullable().describe('Trend of the committed rate over the window.'),
    backlogTrend: Trend.nullable().describe('Trend of the backlog over the window.'),
    batches: z
      .strictObject({
        count,
        lengthMs: ms,
        lag1Autocorrelation: z
          .number()
          .nullable()
          .describe('Of the batch means of the rate; near zero when the intervals hold.'),
        areIndependent: z
          .boolean()
          .describe('Von Neumann’s test does not tell the batch means from independent ones.'),
        fromMs: z.array(ms).describe('Start of each batch.'),
        committedPerSecond: z.array(z.number().min(0)),
        p50Ms: z.array(ms.nullable()).describe('Null where nothing was scheduled and committed.'),
        p99Ms: z.array(ms.nullable()),
      })
      .nullable()
      .describe('Means over batches of the window: what intervals and comparisons are made from.'),
    committedPerSecond: Estimate.nullable(),
    p50Ms: Estimate.nullable(),
    p99Ms: Estimate.nullable(),
  })
  .describe('The steady state of the run: the test, its answer, and intervals of the figures.')
export type SteadyState = z.infer<typeof SteadyState>
