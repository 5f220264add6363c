import { z } from 'zod'

/** Bytes of payload that one transaction may carry (docs/wire-format.md). */
const PAYLOAD_BYTES_MAX = 65_536

/** A share of the whole as people write it, from 0% to 100%. */
export const Percent = z
  .string()
  .max(16)
  .regex(/^(100(\.0+)?|\d{1,2}(\.\d+)?)%$/, 'expected a percentage from 0% to 100%, such as 30%')

/**
 * Random transfers between the accounts of the genesis: the profile `payments`. Another profile is another member of
 * the union below.
 */
const Payments = z.strictObject({
  profile: z
    .literal('payments')
    .default('payments')
    .describe('Random transfers between the accounts of the genesis.'),
  crossShard: Percent.default('30%').describe(
    'Share of transfers whose payee lives in another shard.',
  ),
  accounts: z
    .enum(['uniform', 'zipf'])
    .default('uniform')
    .describe('How often each account takes part.'),
  payloadBytes: z
    .int()
    .min(0)
    .max(PAYLOAD_BYTES_MAX)
    .default(0)
    .describe('Opaque bytes in each transaction.'),
  fee: z.int().min(0).max(1_000_000).default(1).describe('Fee of each transaction.'),
  validityHeights: z
    .int()
    .min(20)
    .max(9_000)
    .default(1_200)
    .describe('Heights of its shard during which a transaction may execute.'),
  seed: z.int().min(0).default(1).describe('The same seed draws the same transactions.'),
})

/** What is sent, as a `LoadTest` says it. */
export const WorkloadSpec = Payments
export type WorkloadSpec = z.infer<typeof WorkloadSpec>

/** What is sent, ready to draw from. */
export interface Workload {
  readonly profile: 'payments'
  /** Share from 0 to 1. */
  readonly crossShard: number
  readonly accounts: 'uniform' | 'zipf'
  readonly payloadBytes: number
  readonly fee: number
  readonly validityHeights: number
  readonly seed: number
}

/** The workload of a checked specification. */
export function workloadOf(spec: WorkloadSpec): Workload {
  return { ...spec, crossShard: Number.parseFloat(spec.crossShard) / 100 }
}
