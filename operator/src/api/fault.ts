import { SHARDS_MAX, VALIDATORS_PER_SHARD_MAX } from '@shardnet/node/config'
import { z } from 'zod'
import {
  API_VERSION,
  duration,
  durationMs,
  oneOf,
  percent,
  quantity,
  quantityBytes,
  resourceName,
  wholeNumber,
} from './field.ts'
import { Metadata } from './metadata.ts'

const Selector = z.strictObject({
  shards: z
    .array(wholeNumber(0, SHARDS_MAX - 1))
    .max(64)
    .optional()
    .describe('Only these shards; all when left out.'),
  validators: z
    .array(wholeNumber(0, VALIDATORS_PER_SHARD_MAX - 1))
    .max(64)
    .optional()
    .describe('Only these indexes in each committee; all when left out.'),
  role: oneOf(['Proposer', 'FaultyMinority'])
    .optional()
    .describe('The proposer of the moment, or f validators of each shard.'),
})

function upTo(schema: ReturnType<typeof duration>, msMax: number, error: string) {
  return schema.refine((text) => durationMs(text) <= msMax, { error })
}

const fields = {
  action: oneOf(['kill', 'pause', 'partition', 'delay', 'loss', 'bandwidth']).describe(
    'What is done.',
  ),
  selector: Selector.prefault({}).describe('To which validators.'),
  at: duration().optional().describe('How long after the start; at once when left out.'),
  for: upTo(duration(), 86_400_000, 'a length of time up to "24h"')
    .optional()
    .describe('How long; a kill needs none, with one the validator stays down so long.'),
  latency: upTo(duration(), 60_000, 'a length of time up to "60s"')
    .optional()
    .describe('Delay of each message (delay).'),
  jitter: upTo(duration(), 60_000, 'a length of time up to "60s"')
    .optional()
    .describe('Up to so much more delay, drawn for each message; order is kept (delay).'),
  share: percent()
    .refine((text) => Number.parseFloat(text) > 0, { error: 'a share above zero' })
    .optional()
    .describe('Share of messages that are dropped (loss).'),
  bytesPerSecond: quantity()
    .refine((text) => quantityBytes(text) >= 1 && quantityBytes(text) <= 1e10, {
      error: 'a quantity from "1" to "10G"',
    })
    .optional()
    .describe('Bytes that pass each second on each link (bandwidth).'),
  direction: oneOf(['Both', 'Outbound', 'Inbound'])
    .optional()
    .describe('Which messages of the validators suffer; both when left out (faults of links).'),
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
  const unfit = [
    fault.jitter !== undefined && fault.action !== 'delay' ? ('jitter' as const) : null,
    fault.direction !== undefined && !isOfLinks(fault.action) ? ('direction' as const) : null,
  ].filter((name) => name !== null)
  for (const name of unfit) {
    const message = `no ${name} with action ${fault.action}`
    context.issues.push({ code: 'custom', path: [name], input: fault[name], message })
  }
  if (fault.action !== 'kill' && fault.for === undefined) {
    const message = `a length of time: ${fault.action} is always undone`
    context.issues.push({ code: 'custom', path: ['for'], input: undefined, message })
  }
}

/** Whether an action is on links, and not on processes. */
function isOfLinks(action: FaultFields['action']): boolean {
  return action !== 'kill' && action !== 'pause'
}

const Fields = z.strictObject(fields)
type FaultFields = z.infer<typeof Fields>

/** One fault inside a LoadTest. */
export const FaultPlan = Fields.check(checkParameters)
export type FaultPlan = z.infer<typeof FaultPlan>

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
