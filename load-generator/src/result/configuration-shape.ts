import { z } from 'zod'
import { count, Fact, ms } from './shapes.ts'

/** What a run was asked to do. */
export const Configuration = z.strictObject({
  networkId: z.string(),
  shards: count,
  validatorsPerShard: count,
  accountsPerShard: count,
  workload: z.strictObject({
    profile: z.string(),
    crossShard: z.number(),
    accounts: z.string(),
    payloadBytes: count,
    fee: count,
    validityHeights: count,
    seed: count,
  }),
  arrivals: z.strictObject({
    process: z.enum(['poisson', 'constant', 'saturation']),
    schedule: z.array(z.strictObject({ rate: z.number(), forMs: ms })),
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
