import { z } from 'zod'
import { count, ms } from './shapes.ts'

/** The run over time. */
export const Series = z
  .strictObject({
    intervalMs: ms,
    timeMs: z.array(ms),
    offered: z.array(count),
    sent: z.array(count),
    committed: z.array(count),
    failed: z.array(count),
    inFlight: z.array(count).describe('Sent and without a fate, at the end of each interval.'),
    backlog: z
      .array(count)
      .describe('Scheduled and without a fate, sent or not, at the end of each interval.'),
    p50Ms: z.array(ms.nullable()).describe('By the interval in which a transaction was scheduled.'),
    p99Ms: z.array(ms.nullable()),
    heights: z.array(z.array(count)),
  })
  .describe('The run over time; counts are per interval.')

/** Kinds of marks on the time line. */
const markKinds = ['fault', 'restart', 'epoch', 'connection', 'phase', 'clock', 'note'] as const

export const Mark = z
  .strictObject({
    atMs: ms,
    untilMs: ms.optional().describe('End, of what lasts; absent for a moment.'),
    kind: z.enum(markKinds),
    text: z.string(),
  })
  .describe('Something that happened during the run.')
export type ResultMark = z.infer<typeof Mark>
