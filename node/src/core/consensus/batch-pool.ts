import type { Hash } from '../primitives/hash.ts'
import type { SignedBatchHeader } from '../wire/batch.ts'

/** Where a batch is on its way: under check, being written, on our disk, or spoiled. */
export type BatchStatus = 'checking' | 'logging' | 'durable' | 'bad'

export interface BatchEntry {
  readonly digest: Hash
  readonly author: number
  readonly sequence: number
  readonly signed: SignedBatchHeader
  status: BatchStatus
  /** Held only until it is logged and, for our own, sent. */
  body: Uint8Array | null
  /** Monotonic milliseconds of our last acknowledgement to everybody. */
  announcedAtMs: number
}

/** Batches that no final block has ordered yet, and those that undelivered blocks wait for. */
export class BatchPool {
  readonly #byDigest = new Map<Hash, BatchEntry>()
  /** Per author: sequence -> digests signed for it. More than one means that the author lies. */
  readonly #bySequence: Map<number, Hash[]>[]
  /** Sequence of our own next batch. */
  ownNext = 1

  constructor(committeeSize: number) {
    this.#bySequence = Array.from({ length: committeeSize }, () => new Map<number, Hash[]>())
  }

  get(digest: Hash): BatchEntry | undefined {
    return this.#byDigest.get(digest)
  }

  isDurable(digest: Hash): boolean {
    return this.#byDigest.get(digest)?.status === 'durable'
  }

  digestsAt(author: number, sequence: number): readonly Hash[] {
    return this.#bySequence[author]?.get(sequence) ?? []
  }

  /** The entry of a digest, made at the place that its signed header names if it is new. */
  ensure(digest: Hash, signed: SignedBatchHeader): BatchEntry {
    const known = this.#byDigest.get(digest)
    if (known !== undefined) return known
    const { author, sequence } = signed.header
    const entry: BatchEntry = {
      digest,
      author,
      sequence,
      signed,
      status: 'checking',
      body: null,
      announcedAtMs: Number.NEGATIVE_INFINITY,
    }
    this.#byDigest.set(digest, entry)
    const bySequence = this.#bySequence[author]
    const digests = bySequence?.get(sequence)
    if (digests === undefined) bySequence?.set(sequence, [digest])
    else digests.push(digest)
    return entry
  }

  remove(digest: Hash): void {
    const entry = this.#byDigest.get(digest)
    if (entry === undefined) return
    this.#byDigest.delete(digest)
    const bySequence = this.#bySequence[entry.author]
    const left = this.digestsAt(entry.author, entry.sequence).filter((other) => other !== digest)
    if (left.length === 0) bySequence?.delete(entry.sequence)
    else bySequence?.set(entry.sequence, left)
  }

  /** Forgets every batch of an author at or below a sequence that final, delivered blocks have passed. */
  dropThrough(author: number, sequence: number): void {
    const bySequence = this.#bySequence[author]
    if (bySequence === undefined) return
    for (const [at, digests] of bySequence) {
      if (at > sequence) continue
      for (const digest of digests) this.#byDigest.delete(digest)
      bySequence.delete(at)
    }
  }

  get size(): number {
    return this.#byDigest.size
  }

  entries(): IterableIterator<BatchEntry> {
    return this.#byDigest.values()
  }
}
