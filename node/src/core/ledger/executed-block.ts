import type { Hash } from '../primitives/hash.ts'
import type { Roots } from '../wire/block.ts'
import type { CommitEvent } from '../wire/commit-event.ts'
import type { ImportBundle } from '../wire/import-bundle.ts'

/** A committed batch with its body, as the log has it. */
export interface CommittedBatch {
  readonly author: number
  readonly sequence: number
  readonly digest: Hash
  readonly body: Uint8Array
}

/** A committed block with everything that it names, in the order in which it names it. */
export interface CommittedBlock {
  readonly height: number
  readonly view: number
  readonly hash: Hash
  readonly timeMs: number
  readonly imports: readonly ImportBundle[]
  readonly batches: readonly CommittedBatch[]
}

/** What executing a block did. */
export interface ExecutedBlock {
  readonly height: number
  readonly roots: Roots
  readonly event: CommitEvent
  /** Leaves under `roots.result`, one per batch; keep them to prove receipts. */
  readonly resultLeaves: readonly Hash[]
  /** Transactions by result code; the index is the code. */
  readonly resultCounts: readonly number[]
}
