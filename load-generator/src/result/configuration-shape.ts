import { z } from 'zod'
import { count, Fact, ms } from './shapes.ts'

const rate = z.number().min(0)

const Phase = z.strictObject({
  rate: rate.describe('Transactions per second at its start.'),
  forMs: ms,
  toRate: rate.optional().describe('And at its end, when that is another rate.'),
  steps: count.optional().describe('Equal steps in place of a slope.'),
  burst: z.strictObject({ rate, everyMs: ms, forMs: ms }).optional(),
})

/** What a run was asked to do. */
export const Configuration = z.strictObject({
  networkId: z.string(),
  shards: count,
  validatorsPerShard: count,
  accountsPerShard: count,
  workload: z.strictObject({
    profile: z.string(),
    fee: count,
    validityHeights: count,
    seed: count,
    settings: z
      .record(z.string(), z.json())
      .describe('Fields of the profile, as `workload` of a LoadTest has them; shares from 0 to 1.'),
  }),
  arrivals: z.strictObject({
    process: z.enum(['poisson', 'constant', 'trace', 'saturation']),
    schedule: z.array(Phase),
  }),
  criteria: z.strictObject({
    committedPerSecondMin: z.number().nullable(),
    p99MaxMs: z.number().nullable(),
    lostMax: count,
    steady: z.boolean().describe('The run must be steady, and the generator fast enough.'),
  }),
  facts: z
    .array(Fact)
    .describe('What else belongs to this run: machine, versions, protocol parameters.'),
  command: z.string().nullable().describe('What to type to do this again.'),
})
