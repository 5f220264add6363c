import { z } from 'zod'
import { FaultPlan } from '../api/fault.ts'

/** Most faults that one request may ask for, and that a supervisor remembers. */
export const FAULTS_MAX = 1_000

/** One fault as the supervisor knows it. Times are milliseconds since 1970. */
export const FaultStatus = z.strictObject({
  id: z.string(),
  fault: FaultPlan,
  /** `failed`: no validator could be hit while its window was open. */
  state: z.enum(['scheduled', 'active', 'over', 'cleared', 'failed']),
  /** Names of the validators that it hit. */
  targets: z.array(z.string()),
  startsAtMs: z.number(),
  endsAtMs: z.number(),
  /** When it really began and ended; null before. */
  appliedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  /** What people should know: it stops a shard, or some of its validators could not be hit. */
  notes: z.array(z.string()),
})
export type FaultStatus = z.infer<typeof FaultStatus>
