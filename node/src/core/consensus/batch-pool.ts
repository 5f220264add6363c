import type { Hash } from '../primitives/hash.ts'
import type { SignedBatchHeader } from '../wire/batch.ts'

/** Where a batch is on its way: announced only, under check, being written, on our disk, or spoiled. */
export type BatchStatus = 'announced' | 'checking' | 'logging' | 'durable' | 'bad'

export interface BatchEntry {
  readonly digest: Hash
  readonly author: number
  readonly sequence: number
  status: BatchStatus
  signed: SignedBatchHeader | null
  /** Held only until it is logged and, for our own, sent. */
  body: Uint8Array | null
  readonly acknowledgedBy: Set<number>
  /** Monotonic milliseconds of our last acknowledgement to everybody. */
  announcedAtMs: number
}

/** Batches that no final block has ordered yet, and those that undelivered blocks wait for. */
export class BatchPool {
  readonly #byDigest = new Map<Hash, BatchEntry>()
  /** Per author: sequence -> digests announced for it. More than one means somebody lies. */
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

  /** The entry of a digest, made with the given place if it is new. */
  ensure(digest: Hash, author: number, sequence: number): BatchEntry {
    const known = this.#byDigest.get(digest)
    if (known !== undefined) return known
    const entry: BatchEntry = {
      digest,
      author,
      sequence,
      status: 'announced',
      signed: null,
      body: null,
      acknowledgedBy: new Set(),
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
    for (const [at, digests] of [...bySequence]) {
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
