import type { Hash } from '../primitives/hash.ts'
import type { ImportBundle } from '../wire/import-bundle.ts'

export interface ImportEntry {
  readonly digest: Hash
  readonly source: number
  readonly first: number
  readonly count: number
  readonly bytes: number
  status: 'logging' | 'durable'
  /** Monotonic milliseconds of our last acknowledgement to everybody. */
  announcedAtMs: number
}

/** Bundles of one source that may wait here. */
const ENTRIES_PER_SOURCE_MAX = 256

/** Header, certificate and proofs of a bundle, about. */
const BUNDLE_OVERHEAD_BYTES = 1024

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

  get size(): number {
    return this.#byDigest.size
  }

  isDurable(digest: Hash): boolean {
    return this.#byDigest.get(digest)?.status === 'durable'
  }

  /** Takes a checked bundle; one that starts further ahead gives way when its source has too many here. */
  ensure(digest: Hash, bundle: ImportBundle): ImportEntry {
    const known = this.#byDigest.get(digest)
    if (known !== undefined) return known
    const source = bundle.header.shard
    const { first, count } = bundle
    const entry: ImportEntry = {
      digest,
      source,
      first,
      count,
      bytes: bundle.messages.length + BUNDLE_OVERHEAD_BYTES,
      status: 'logging',
      announcedAtMs: Number.NEGATIVE_INFINITY,
    }
    this.#byDigest.set(digest, entry)
    this.#bySource[source]?.set(digest, entry)
    this.#trim(source)
    return entry
  }

  /** True when the bundle would stay if it came. */
  hasRoom(source: number, first: number): boolean {
    const entries = this.#bySource[source]
    if (entries === undefined || entries.size < ENTRIES_PER_SOURCE_MAX) return true
    return [...entries.values()].some((entry) => entry.first > first)
  }

  #trim(source: number): void {
    const entries = this.#bySource[source]
    if (entries === undefined || entries.size <= ENTRIES_PER_SOURCE_MAX) return
    let last: ImportEntry | null = null
    for (const entry of entries.values()) {
      if (last === null || entry.first > last.first) last = entry
    }
    if (last !== null) this.remove(last.digest)
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
