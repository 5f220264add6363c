import { z } from 'zod'
import {
  API_VERSION,
  duration,
  oneOf,
  percent,
  quantity,
  resourceName,
  wholeNumber,
} from './field.ts'
import { Metadata } from './metadata.ts'

const Selector = z.strictObject({
  shards: z
    .array(wholeNumber(0, 63))
    .max(64)
    .optional()
    .describe('Only these shards; all when left out.'),
  validators: z
    .array(wholeNumber(0, 63))
    .max(64)
    .optional()
    .describe('Only these indexes in each committee; all when left out.'),
  role: oneOf(['Proposer', 'FaultyMinority'])
    .optional()
    .describe('The proposer of the moment, or f validators of each shard.'),
})

const fields = {
  action: oneOf(['kill', 'pause', 'partition', 'delay', 'loss', 'bandwidth']).describe(
    'What is done.',
  ),
  selector: Selector.prefault({}).describe('To which validators.'),
  at: duration().optional().describe('How long after the start; at once when left out.'),
  for: duration().optional().describe('How long; a kill needs none.'),
  latency: duration().optional().describe('Delay of each message (delay).'),
  share: percent().optional().describe('Share of messages that are dropped (loss).'),
  bytesPerSecond: quantity().optional().describe('Bytes that pass each second (bandwidth).'),
}

/** The field that each action needs beside `for`, and that no other action takes. */
const parameterOf = { delay: 'latency', loss: 'share', bandwidth: 'bytesPerSecond' } as const
type Parameter = (typeof parameterOf)[keyof typeof parameterOf]

function checkParameters(context: z.core.ParsePayload<FaultFields>): void {
  const fault = context.value
  const needed =
    fault.action in parameterOf ? parameterOf[fault.action as keyof typeof parameterOf] : undefined
  const parameters: readonly Parameter[] = ['latency', 'share', 'bytesPerSecond']
  for (const parameter of parameters) {
    const isGiven = fault[parameter] !== undefined
    if (isGiven === (parameter === needed)) continue
    const message = isGiven
      ? `no ${parameter} with action ${fault.action}`
      : `a value, with action ${fault.action}`
    context.issues.push({ code: 'custom', path: [parameter], input: fault[parameter], message })
  }
  if (fault.action !== 'kill' && fault.for === undefined) {
    const message = `a length of time: ${fault.action} is always undone`
    context.issues.push({ code: 'custom', path: ['for'], input: undefined, message })
  }
}

const Fields = z.strictObject(fields)
type FaultFields = z.infer<typeof Fields>

/** One fault inside a LoadTest. */
export const FaultPlan = Fields.check(checkParameters)

/** One fault on a running testnet; always undone. */
export const Fault = z.strictObject({
  apiVersion: z.literal(API_VERSION).describe('Version of the kind.'),
  kind: z.literal('Fault').describe('The kind.'),
  metadata: Metadata.describe('Name of the fault.'),
  spec: z
    .strictObject({ testnet: resourceName().describe('Testnet that suffers it.'), ...fields })
    .check(checkParameters)
    .describe('What happens to whom, and for how long.'),
})
export type Fault = z.infer<typeof Fault>
