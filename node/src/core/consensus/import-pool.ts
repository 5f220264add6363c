import type { Hash } from '../primitives/hash.ts'
import type { ImportBundle } from '../wire/import-bundle.ts'

export interface ImportEntry {
  readonly digest: Hash
  readonly source: number
  readonly first: number
  status: 'announced' | 'logging' | 'durable'
  count: number
  bytes: number
  readonly acknowledgedBy: Set<number>
  /** Monotonic milliseconds of our last acknowledgement to everybody. */
  announcedAtMs: number
}

/** Bundles of one source that may wait here. */
const ENTRIES_PER_SOURCE_MAX = 256

/** Bundles from other shards that no final block has taken yet. */
export class ImportPool {
  readonly #byDigest = new Map<Hash, ImportEntry>()
  readonly #bySource: Map<Hash, ImportEntry>[]

  constructor(shards: number) {
    this.#bySource = Array.from({ length: shards }, () => new Map<Hash, ImportEntry>())
  }

  get(digest: Hash): ImportEntry | undefined {
    return this.#byDigest.get(digest)
  }

  isDurable(digest: Hash): boolean {
    return this.#byDigest.get(digest)?.status === 'durable'
  }

  hasRoom(source: number): boolean {
    return (this.#bySource[source]?.size ?? ENTRIES_PER_SOURCE_MAX) < ENTRIES_PER_SOURCE_MAX
  }

  ensure(digest: Hash, source: number, first: number): ImportEntry {
    const known = this.#byDigest.get(digest)
    if (known !== undefined) return known
    const entry: ImportEntry = {
      digest,
      source,
      first,
      status: 'announced',
      count: 0,
      bytes: 0,
      acknowledgedBy: new Set(),
      announcedAtMs: Number.NEGATIVE_INFINITY,
    }
    this.#byDigest.set(digest, entry)
    this.#bySource[source]?.set(digest, entry)
    return entry
  }

  /** Durable bundles of a source that start exactly at `first`, largest first. */
  startingAt(source: number, first: number): ImportEntry[] {
    const found = [...(this.#bySource[source]?.values() ?? [])].filter(
      (entry) => entry.status === 'durable' && entry.first === first,
    )
    return found.sort((a, b) => b.count - a.count || (a.digest < b.digest ? -1 : 1))
  }

  remove(digest: Hash): void {
    const entry = this.#byDigest.get(digest)
    if (entry === undefined) return
    this.#byDigest.delete(digest)
    this.#bySource[entry.source]?.delete(digest)
  }

  /** Forgets bundles that start below what a delivered block has taken: they can never be named again. */
  dropBelow(source: number, inNext: number): void {
    for (const entry of [...(this.#bySource[source]?.values() ?? [])]) {
      if (entry.first < inNext) this.remove(entry.digest)
    }
  }

  entries(): IterableIterator<ImportEntry> {
    return this.#byDigest.values()
  }
}

/** Room that a bundle takes in a block. */
export function bundleBytesOf(bundle: ImportBundle): number {
  return bundle.messages.length + 1024
}
