import type { PlanRows } from './plan-row.ts'

/** What a signing worker is started with. */
export interface SigningSettings {
  readonly networkId: string
  /** Shared, not copied: rows of 64 bytes. */
  readonly accountTable: SharedArrayBuffer
  readonly shards: number
  readonly accountsPerShard: number
  /** Longest payload of any transaction. */
  readonly payloadBytesMax: number
  readonly fee: number
  readonly seed: number
}

/** Rows of a plan with the payers' ed25519 seeds (32 bytes each) in the same order. */
export interface SigningJob {
  readonly id: number
  readonly rows: PlanRows
  readonly seeds: Uint8Array<ArrayBuffer>
}

/** Signed transactions laid end to end, in the order of the job's rows. */
export interface SigningAnswer {
  readonly id: number
  readonly transactions: Uint8Array<ArrayBuffer>
}
