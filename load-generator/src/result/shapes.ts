import { z } from 'zod'

/** A whole number of things. */
export const count = z.int().min(0)
/** A time, or a length of time, in milliseconds. Times run from the first scheduled moment. */
export const ms = z.number().min(0)

/** A figure with the interval that it lies in. */
export const Estimate = z
  .strictObject({
    value: z.number(),
    low: z.number(),
    high: z.number(),
    confidence: z.number().gt(0).lt(1).describe('Share of such intervals that hold the truth.'),
  })
  .describe('A figure with its confidence interval.')
export type Estimate = z.infer<typeof Estimate>

/** Name and value of something that belongs to a run, for people. */
export const Fact = z.strictObject({ name: z.string(), value: z.string() })
export type ResultFact = z.infer<typeof Fact>

/** Distribution of times. */
export const Summary = z
  .strictObject({ count, meanMs: ms, p50Ms: ms, p90Ms: ms, p99Ms: ms, p999Ms: ms, maxMs: ms })
  .describe('Distribution of times in milliseconds.')
