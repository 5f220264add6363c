import { performance } from 'node:perf_hooks'
import { hexOf } from '../../core/primitives/bytes.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { BlockHeader } from '../../core/wire/block.ts'
import type { BatchOutcome, CreditOutcome } from '../../core/wire/commit-event.ts'
import { resultCode, resultNameOf, type ResultName } from '../../core/wire/result-code.ts'
import { TAG_BYTES } from '../../core/wire/transaction.ts'

/** One executed block, as a row. */
export interface BlockRow {
  readonly height: number
  readonly view: number
  readonly hash: Hash
  readonly proposer: number
  /** What its proposer's clock said. */
  readonly timeMs: number
  readonly transactions: number
  /** Of these, with the result OK. */
  readonly committed: number
  readonly batches: number
  readonly imports: number
}

/** One transaction of an executed block, or the part of one that arrived from another shard. */
export type TransactionRow = {
  /** First 8 bytes of its signature. */
  readonly tag: string
  readonly height: number
} & (
  | { readonly kind: 'ordered'; readonly author: number; readonly result: ResultName }
  | { readonly kind: 'credit'; readonly source: number }
)

/** A duration and when it ended, in monotonic milliseconds. */
export interface Sample {
  readonly atMs: number
  readonly ms: number
}

/** The newest that another shard proved to this one. */
export interface HeardShard {
  readonly height: number
  readonly atMs: number
}

/** The part of an executed block that the page shows. */
export interface LiveExecution {
  readonly hash: Hash
  readonly proposal: { readonly header: Pick<BlockHeader, 'view' | 'proposer' | 'timeMs'> }
  readonly imports: readonly { readonly header: Pick<BlockHeader, 'shard' | 'height'> }[]
  readonly executed: {
    readonly height: number
    readonly event: LiveEvent
    readonly resultCounts: readonly number[]
  }
}

interface LiveEvent {
  readonly batches: readonly Pick<BatchOutcome, 'author' | 'count' | 'tags' | 'results'>[]
  readonly credits: readonly Pick<CreditOutcome, 'source' | 'count' | 'tags'>[]
}

/** What the book holds at one moment. Newest first, but for the samples. */
export interface LiveRecord {
  readonly nowMs: number
  readonly startedAtMs: number
  readonly blocks: readonly BlockRow[]
  readonly transactions: readonly TransactionRow[]
  /** Transactions with the result OK, by whole second of `nowMs`; seconds without any are missing. */
  readonly committedBySecond: ReadonlyMap<number, number>
  readonly committedTotal: number
  readonly commitSamples: readonly Sample[]
  readonly batchSamples: readonly Sample[]
  readonly heardShards: ReadonlyMap<number, HeardShard>
  /** By validator of this shard: the height of its newest committed block. */
  readonly proposedHeights: ReadonlyMap<number, number>
}

export const BLOCK_ROWS_MAX = 12
export const TRANSACTION_ROWS_MAX = 16
/** Seconds of throughput that are kept; the last one is still under way. */
export const SECONDS_MAX = 61
const SAMPLES_MAX = 512

/**
 * What a validator notes for its live page while it runs: a few fixed lists, so that a block costs the same whatever it holds
 * and whoever looks.
 */
export class LiveBook {
  readonly #now: () => number
  readonly #startedAtMs: number
  readonly #blocks: BlockRow[] = []
  readonly #committedBySecond = new Map<number, number>()
  readonly #commitSamples: Sample[] = []
  readonly #batchSamples: Sample[] = []
  readonly #heardShards = new Map<number, HeardShard>()
  readonly #proposedHeights = new Map<number, number>()
  #transactions: readonly TransactionRow[] = []
  #committedTotal = 0

  /** @param now monotonic milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#startedAtMs = now()
  }

  /** A block was executed for the first time. */
  onExecuted({ hash, proposal: { header }, imports, executed }: LiveExecution): void {
    const { height, event, resultCounts } = executed
    const committed = resultCounts[resultCode.ok] ?? 0
    const transactions = resultCounts.reduce((sum, count) => sum + count, 0)
    this.#blocks.unshift({
      height,
      view: header.view,
      hash,
      proposer: header.proposer,
      timeMs: header.timeMs,
      transactions,
      committed,
      batches: event.batches.length,
      imports: imports.length,
    })
    this.#blocks.length = Math.min(this.#blocks.length, BLOCK_ROWS_MAX)
    this.#proposedHeights.set(header.proposer, height)
    this.#transactions = [...newestOf(event, height), ...this.#transactions].slice(
      0,
      TRANSACTION_ROWS_MAX,
    )
    const atMs = this.#now()
    for (const { header: foreign } of imports)
      this.#heardShards.set(foreign.shard, { height: foreign.height, atMs })
    if (committed > 0) this.#count(committed, Math.floor(atMs / 1000))
  }

  /** A block got its commit certificate that long after its proposal came; null: nobody knows when that was. */
  onCommitted(seconds: number | null): void {
    if (seconds !== null) this.#sample(this.#commitSamples, seconds * 1000)
  }

  /** A batch of this validator was executed that long after it was packed. */
  onOwnBatch(ageMs: number): void {
    this.#sample(this.#batchSamples, ageMs)
  }

  get record(): LiveRecord {
    return {
      nowMs: this.#now(),
      startedAtMs: this.#startedAtMs,
      blocks: this.#blocks,
      transactions: this.#transactions,
      committedBySecond: this.#committedBySecond,
      committedTotal: this.#committedTotal,
      commitSamples: this.#commitSamples,
      batchSamples: this.#batchSamples,
      heardShards: this.#heardShards,
      proposedHeights: this.#proposedHeights,
    }
  }

  #count(committed: number, second: number): void {
    this.#committedTotal += committed
    this.#committedBySecond.set(second, (this.#committedBySecond.get(second) ?? 0) + committed)
    // A Map walks in order of insertion, and seconds only grow.
    for (const old of this.#committedBySecond.keys()) {
      if (old > second - SECONDS_MAX) break
      this.#committedBySecond.delete(old)
    }
  }

  #sample(samples: Sample[], ms: number): void {
    samples.push({ atMs: this.#now(), ms })
    if (samples.length > SAMPLES_MAX) samples.shift()
  }
}

/** The last rows of a block, newest first: at most as many as are shown. */
function newestOf(event: LiveEvent, height: number): TransactionRow[] {
  const rows: TransactionRow[] = []
  const isFull = (): boolean => rows.length >= TRANSACTION_ROWS_MAX
  for (const { author, count, tags, results } of event.batches.toReversed()) {
    for (let at = count - 1; at >= 0 && !isFull(); at--) {
      const result = resultNameOf(results[at] ?? 0)
      rows.push({ kind: 'ordered', tag: tagAt(tags, at), height, author, result })
    }
  }
  for (const { source, count, tags } of event.credits.toReversed()) {
    for (let at = count - 1; at >= 0 && !isFull(); at--)
      rows.push({ kind: 'credit', tag: tagAt(tags, at), height, source })
  }
  return rows
}

function tagAt(tags: Uint8Array, at: number): string {
  return hexOf(tags.subarray(at * TAG_BYTES, (at + 1) * TAG_BYTES))
}
