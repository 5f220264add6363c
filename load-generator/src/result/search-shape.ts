import { z } from 'zod'
import { count, Estimate, ms } from './shapes.ts'

const perSecond = z.number().min(0)

/** One stretch of load at one rate. */
export const Trial = z.strictObject({
  number: count.describe('From 1, in the order in which they ran.'),
  purpose: z
    .enum(['ramp', 'narrow', 'confirm'])
    .describe('Doubling until it breaks; halving the gap; once more at the found rate.'),
  rate: perSecond.describe('Rate that was asked for.'),
  fromMs: ms.describe('Start, after the start of the search.'),
  forMs: ms,
  offeredPerSecond: perSecond,
  committedPerSecond: perSecond,
  p50Ms: ms.nullable(),
  p99Ms: ms.nullable(),
  backlogPerSecond: z.number().describe('Growth of the backlog, in transactions per second.'),
  outcome: z
    .enum(['met', 'missed', 'generatorLimited', 'unclear'])
    .describe('Whether the rate was steady and met the objective.'),
  reason: z.string().describe('Why, in words.'),
})
export type Trial = z.infer<typeof Trial>

/** What became of a testnet that was offered far more than it can do. */
export const Overload = z.strictObject({
  factor: z.number().gt(0).describe('Offered rate over the knee.'),
  offeredPerSecond: perSecond.describe('What the generator really offered.'),
  fromMs: ms,
  forMs: ms,
  goodputDuringPerSecond: perSecond.describe(
    'Committed during the overload; each transaction once.',
  ),
  goodputDuringShare: perSecond.describe('… over the knee.'),
  afterOfferedPerSecond: perSecond.describe('Offered after the overload.'),
  goodputAfterPerSecond: perSecond.describe(
    'Committed per second in the last stretch of the 30 s after the overload.',
  ),
  goodputAfterShare: perSecond.describe('… over what was offered then.'),
  recoveredAfterMs: ms
    .nullable()
    .describe('From the end of the overload until 95 % of the offered rate committed again.'),
  busy: count.describe('Times that a door turned a transaction away.'),
  resent: count.describe('Times that the generator sent the same bytes again.'),
  lost: count,
})
export type Overload = z.infer<typeof Overload>

/** Search for the highest steady rate that meets an objective. */
export const Search = z
  .strictObject({
    objective: z.strictObject({
      p50MaxMs: ms.nullable(),
      p99MaxMs: ms.nullable(),
      committedShareMin: z.number().describe('Least share of what is offered that commits.'),
    }),
    trials: z.array(Trial).describe('The latency/throughput curve, in the order of measuring.'),
    trialsMax: count,
    knee: Estimate.nullable().describe('Highest rate that met the objective, per second.'),
    limit: z
      .enum(['testnet', 'generator', 'floor', 'ceiling', 'trials', 'interrupted'])
      .describe(
        [
          'What ended the search. testnet: the knee was found.',
          'generator: it could not offer more. floor: even the lowest rate missed. ceiling: the highest rate asked for met.',
          'trials: the trials were used up first; the interval is wide.',
        ].join(' '),
      ),
    endedBecause: z.string(),
    overload: Overload.nullable().describe('Null when it was not asked for, or has no knee.'),
  })
  .describe('Saturation search. The other figures of the result are those of the confirming trial.')
export type Search = z.infer<typeof Search>
