import { z } from 'zod'
import { STEPS_PER_SLICE } from '../analysis/slices.ts'
import { codeCounters, counters, shardCounters, type TallyRecord } from '../tally.ts'

const SHARDS_MAX = 4_096
const ROWS_MAX = 3_600
const SLICES_MAX = 128
const BINS_MAX = 320
const CODES_MAX = 64
const ENCODED_CHARACTERS_MAX = 1_000_000

const count = z.number().min(0)
const Histogram = z.strictObject({
  encoded: z.string().max(ENCODED_CHARACTERS_MAX),
  firstBin: z.int().min(0).max(BINS_MAX),
  bins: z.array(count).max(BINS_MAX),
  maxMicroseconds: count,
})
const steps = z.array(count).length(STEPS_PER_SLICE)

/** A tally that another process sent: bounded in everything. */
export const TallyShape: z.ZodType<TallyRecord> = z.strictObject({
  window: z.strictObject({ fromMs: count, toMs: count }),
  counts: z.record(z.enum(counters), count),
  byCode: z.record(
    z.enum(codeCounters),
    z
      .record(z.string().max(64), count)
      .refine((codes) => Object.keys(codes).length <= CODES_MAX, `at most ${CODES_MAX} codes`),
  ),
  byShard: z.record(z.enum(shardCounters), z.array(count).max(SHARDS_MAX)),
  latency: Histogram,
  lateness: Histogram,
  series: z.strictObject({
    intervalMs: z.number().min(1),
    rows: z
      .array(
        z.strictObject({
          offered: count,
          sent: count,
          committed: count,
          failed: count,
          inFlight: count,
          heights: z.array(count).max(SHARDS_MAX),
          latency: Histogram,
        }),
      )
      .max(ROWS_MAX),
  }),
  slices: z.strictObject({
    sliceMs: z.number().min(1),
    slices: z
      .array(z.strictObject({ offered: steps, committed: steps, ended: steps, latency: Histogram }))
      .max(SLICES_MAX),
  }),
})
