import { z } from 'zod'
import { BATCH_BYTES_MAX } from '../core/wire/peer-message.ts'
import {
  PAYEES_MAX,
  PAYEE_BYTES,
  PAYLOAD_BYTES_MAX,
  SIGNATURE_BYTES,
  TRANSACTION_HEADER_BYTES,
} from '../core/wire/transaction.ts'
import type { Problem } from './problems.ts'

const milliseconds = (minimum: number, maximum: number) => z.int().min(minimum).max(maximum)

/** What all validators of a testnet must agree on, so it is part of the genesis; every field has a default. */
export const ProtocolParameters = z
  .strictObject({
    viewTimeoutMs: milliseconds(100, 600_000)
      .default(2_000)
      .describe('A view that made no progress for this long is skipped.'),
    idleBlockIntervalMs: milliseconds(10, 300_000)
      .default(1_000)
      .describe('A shard without work makes one empty block in this time.'),
    blockIntervalMs: milliseconds(0, 60_000)
      .default(50)
      .describe('Least pause between proposals of a busy shard.'),
    batchBytesMax: z
      .int()
      .min(1_024)
      .max(BATCH_BYTES_MAX)
      .default(524_288)
      .describe('A batch of transactions leaves at the latest at this size.'),
    batchAgeMs: milliseconds(1, 10_000)
      .default(50)
      .describe('A batch leaves at the latest at this age.'),
    payloadBytesMax: z
      .int()
      .min(0)
      .max(PAYLOAD_BYTES_MAX)
      .default(65_536)
      .describe('Longest payload of one transaction.'),
    outboxWindow: z
      .int()
      .min(PAYEES_MAX)
      .max(1_048_576)
      .default(16_384)
      .describe('Most unacknowledged messages from one shard to another.'),
    networkDelayMs: milliseconds(1, 60_000)
      .default(100)
      .describe('Assumed longest delay of a message while the network is healthy.'),
  })
  .readonly()
export type ProtocolParameters = z.infer<typeof ProtocolParameters>

/** The parameters of a document that names none. */
export const DEFAULT_PROTOCOL: ProtocolParameters = ProtocolParameters.parse({})

/** Length of a transfer with the given payload and as many payees as it may have. */
export function transferBytesMax(payloadBytesMax: number): number {
  return TRANSACTION_HEADER_BYTES + PAYEES_MAX * PAYEE_BYTES + payloadBytesMax + SIGNATURE_BYTES
}

/**
 * What single bounds cannot say: fields that contradict each other. Takes a document as it was written: each rule runs as
 * soon as the fields that it reads are right by themselves.
 */
export function contradictionsOf(document: unknown, path: string): Problem[] {
  return [...timeoutProblems(document, path), ...batchProblems(document, path)]
}

function timeoutProblems(document: unknown, path: string): Problem[] {
  const viewTimeoutMs = fieldOf(document, 'viewTimeoutMs')
  const idleBlockIntervalMs = fieldOf(document, 'idleBlockIntervalMs')
  const networkDelayMs = fieldOf(document, 'networkDelayMs')
  if (viewTimeoutMs === null || idleBlockIntervalMs === null || networkDelayMs === null) return []
  // A shorter timer would skip an honest proposer of an idle shard for ever.
  const minimum = idleBlockIntervalMs + 6 * networkDelayMs
  if (viewTimeoutMs > minimum) return []
  const expected = `more than ${minimum} (idleBlockIntervalMs + 6 x networkDelayMs)`
  return [{ path: `${path}.viewTimeoutMs`, expected, got: String(viewTimeoutMs) }]
}

function batchProblems(document: unknown, path: string): Problem[] {
  const batchBytesMax = fieldOf(document, 'batchBytesMax')
  const payloadBytesMax = fieldOf(document, 'payloadBytesMax')
  if (batchBytesMax === null || payloadBytesMax === null) return []
  const minimum = transferBytesMax(payloadBytesMax)
  if (batchBytesMax >= minimum) return []
  const expected = `at least ${minimum} (the largest transaction at payloadBytesMax ${payloadBytesMax})`
  return [{ path: `${path}.batchBytesMax`, expected, got: String(batchBytesMax) }]
}

/** A field's value, its default included; null when it is not right by itself. */
function fieldOf(document: unknown, name: keyof ProtocolParameters): number | null {
  if (typeof document !== 'object' || document === null) return null
  const parsed = ProtocolParameters.unwrap().shape[name].safeParse(Reflect.get(document, name))
  return parsed.success ? parsed.data : null
}
