import { PAYEE_BYTES, SIGNATURE_BYTES, TRANSACTION_HEADER_BYTES } from '@shardnet/node/core'
import type { Workload } from './workload.ts'

/** What a signing worker is started with. */
export interface SigningSettings {
  readonly networkId: string
  /** Shared, not copied: rows of 64 bytes. */
  readonly accountTable: SharedArrayBuffer
  readonly accountsPerShard: number
  readonly payloadBytes: number
  readonly fee: number
  readonly seed: number
}

/** Rows of a plan with the payers' ed25519 seeds (32 bytes each) in the same order. */
export interface SigningJob {
  readonly id: number
  readonly rows: Float64Array<ArrayBuffer>
  readonly seeds: Uint8Array<ArrayBuffer>
}

/** Signed transactions laid end to end, in the order of the job's rows. */
export interface SigningAnswer {
  readonly id: number
  readonly transactions: Uint8Array<ArrayBuffer>
}

/** Bytes of each transaction of a workload: all have one payee and the same payload length. */
export function transactionBytesOf(workload: Workload): number {
  return TRANSACTION_HEADER_BYTES + PAYEE_BYTES + workload.payloadBytes + SIGNATURE_BYTES
}
