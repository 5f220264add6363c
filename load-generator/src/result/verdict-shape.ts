import { z } from 'zod'

/** What a run can be judged by. */
export const Criterion = z.strictObject({
  name: z.enum([
    'safety',
    'lost',
    'progress',
    'committedPerSecond',
    'p99',
    'generator',
    'steady',
    'goodputOverload',
    'goodputAfter',
  ]),
  expected: z.string().describe('What was asked, in words.'),
  measured: z.string().describe('What was seen, in words.'),
  outcome: z
    .enum(['met', 'missed', 'unknown'])
    .describe('Unknown: it was not, or could not be, measured.'),
})
export type CriterionOutcome = z.infer<typeof Criterion>

/**
 * Kinds of verdict. Only the first two speak of the testnet; the others say why the run's rate and latency are no figures
 * of it.
 */
export const verdictKinds = [
  'passed',
  'failed',
  'notSteady',
  'generatorLimited',
  'clockJumped',
  'aborted',
  'undecided',
] as const

export const Verdict = z.strictObject({
  kind: z
    .enum(verdictKinds)
    .describe(
      [
        'passed: every criterion was met.',
        'failed: one was missed; a safety finding, a lost transaction or a shard without progress fails every run.',
        'notSteady: the rate drifted or the backlog grew, so that the figures depend on when one looks.',
        'generatorLimited: the load generator could not hold the schedule.',
        'clockJumped: the machine slept or its clock was set during the run.',
        'aborted: it was interrupted, or its budget was used up.',
        'undecided: what a criterion asks for was not measured, or too short.',
      ].join(' '),
    ),
  reasons: z.array(z.string()).describe('Why it is not passed, and what else a reader must know.'),
  criteria: z.array(Criterion),
})
export type Verdict = z.infer<typeof Verdict>
