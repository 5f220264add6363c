import { FormatError, type ByteReader } from '../primitives/byte-reader.ts'
import type { ByteWriter } from '../primitives/byte-writer.ts'
import type { Hash } from '../primitives/hash.ts'
import { BATCHES_PER_BLOCK_MAX, IMPORTS_PER_BLOCK_MAX } from './block.ts'
import { areReadsOf } from './cell-reads.ts'
import { BATCH_BYTES_MAX } from './peer-message.ts'
import { TAG_BYTES } from './transaction.ts'

/**
 * What one committed and executed block did, in canonical bytes: every honest validator of the shard makes the same ones,
 * so that a client believes an event as soon as f + 1 validators report its SHA-256.
 */
export interface CommitEvent {
  readonly shard: number
  readonly height: number
  readonly view: number
  readonly blockHash: Hash
  readonly timeMs: number
  readonly batches: readonly BatchOutcome[]
  readonly credits: readonly CreditOutcome[]
}

/** Tags (8 bytes each) and result codes (1 byte each) of a batch's transactions, in order, and what its gets read. */
export interface BatchOutcome {
  readonly author: number
  readonly sequence: number
  readonly count: number
  readonly tags: Uint8Array
  readonly results: Uint8Array
  /** Packed: `readsIn` and `readAt` of `cell-reads.ts` take it apart. */
  readonly reads: Uint8Array
}

/** Tags of the transactions whose credits arrived from another shard, in outbox order. */
export interface CreditOutcome {
  readonly source: number
  readonly first: number
  readonly count: number
  readonly tags: Uint8Array
}

export function writeCommitEvent(writer: ByteWriter, event: CommitEvent): void {
  writer.u16(event.shard).u64(event.height).u64(event.view).hash(event.blockHash).u64(event.timeMs)
  writer.list(event.batches, (to, batch) => {
    to.u16(batch.author).u64(batch.sequence).u32(batch.count).raw(batch.tags)
    to.raw(batch.results).sized(batch.reads)
  })
  writer.list(event.credits, (to, credit) => {
    to.u16(credit.source).u64(credit.first).u32(credit.count).raw(credit.tags)
  })
}

export function readCommitEvent(reader: ByteReader): CommitEvent {
  return {
    shard: reader.u16(),
    height: reader.u64(),
    view: reader.u64(),
    blockHash: reader.hash(),
    timeMs: reader.u64(),
    batches: reader.list(BATCHES_PER_BLOCK_MAX, readBatchOutcome),
    credits: reader.list(IMPORTS_PER_BLOCK_MAX, readCreditOutcome),
  }
}

function readBatchOutcome(reader: ByteReader): BatchOutcome {
  const author = reader.u16()
  const sequence = reader.u64()
  const count = reader.u32()
  const tags = reader.raw(count * TAG_BYTES)
  const results = reader.raw(count)
  const reads = reader.sized(BATCH_BYTES_MAX)
  if (!areReadsOf(results, reads)) throw new FormatError('reads that are not those of the batch')
  return { author, sequence, count, tags, results, reads }
}

function readCreditOutcome(reader: ByteReader): CreditOutcome {
  const source = reader.u16()
  const first = reader.u64()
  const count = reader.u32()
  return { source, first, count, tags: reader.raw(count * TAG_BYTES) }
}
