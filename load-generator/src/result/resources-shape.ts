import { z } from 'zod'
import { count, ms } from './shapes.ts'

const amount = z.number().min(0)

/** What the validators used in the window, by their own metrics. */
export const Resources = z
  .strictObject({
    fromMs: ms,
    toMs: ms,
    validators: count.describe('Validators whose metrics were read at both ends.'),
    validatorsMissing: count.describe('Validators that did not answer, or restarted in between.'),
    cores: amount.nullable().describe('Cores that they share, or have together.'),
    cpuSeconds: amount,
    cpuSecondsMax: amount.describe('Of the validator that used most.'),
    generatorCpuSeconds: amount.nullable(),
    machineCpuSeconds: amount
      .nullable()
      .describe('Of everything on the machine, where all run on one and it can tell.'),
    eventLoopDelayP99Ms: ms.nullable().describe('Of the validator with the longest.'),
    signatureChecks: count,
    signatureSeconds: amount.describe('Processor time of the signature workers, all validators.'),
    networkSentBytes: amount,
    networkQueuedBytesMax: amount.describe('Most bytes that one validator had waiting for peers.'),
    networkDroppedFrames: count,
    diskWrittenBytes: amount,
    fsyncs: count,
    fsyncSeconds: amount,
    fsyncP99Ms: ms.nullable(),
    busyTransactions: count.describe('Transactions that doors turned away.'),
    skips: count.describe('Views that were skipped, as all validators counted them.'),
  })
  .describe('Resources used by the validators.')
export type Resources = z.infer<typeof Resources>

/** What bottlenecks are told apart. */
export const resourceKinds = [
  'generator',
  'cpu',
  'eventLoop',
  'signatures',
  'network',
  'disk',
] as const
export type ResourceKind = (typeof resourceKinds)[number]

/** What held the rate down. */
export const Bottleneck = z
  .strictObject({
    kind: z
      .enum([...resourceKinds, 'none', 'unknown'])
      .describe('None: every resource had room. Unknown: it was not measured.'),
    text: z.string(),
    loads: z
      .array(
        z.strictObject({
          kind: z.enum(resourceKinds),
          load: amount.nullable().describe('Share of what it can do; above the limit it is full.'),
          limit: amount.describe('Load from which it counts as full.'),
          text: z.string().describe('What was measured, in words.'),
        }),
      )
      .describe('Each resource with its load, the fullest first.'),
  })
  .describe('Bottleneck attribution, by rules (docs/measuring.md).')
export type Bottleneck = z.infer<typeof Bottleneck>
