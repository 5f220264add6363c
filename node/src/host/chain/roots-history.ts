import { ByteWriter } from '../../core/primitives/byte-writer.ts'
import { ByteReader } from '../../core/primitives/byte-reader.ts'
import type { ExecutedRoots } from '../../core/consensus/recovery.ts'
import type { StateEntry } from '../../core/ledger/checkpoint.ts'

/** First byte of the checkpoint entry that holds the history; the ledger's own entries start with other bytes. */
const HISTORY_KEY = 0x72
/** A header names an executed height at most a few heights below its own; this covers every one that a voter may meet. */
const HEIGHTS_MAX = 64

/** The roots of the last executed heights, kept with the checkpoint so that a restarted voter can compare them again. */
export class RootsHistory {
  #entries: ExecutedRoots[] = []

  get entries(): readonly ExecutedRoots[] {
    return this.#entries
  }

  add(entry: ExecutedRoots): void {
    this.#entries.push(entry)
    if (this.#entries.length > HEIGHTS_MAX) this.#entries.shift()
  }

  /** The entry to store. */
  stored(): StateEntry {
    const writer = new ByteWriter(16 + this.#entries.length * 104)
    writer.list(this.#entries, (to, { height, roots }) =>
      to.u64(height).hash(roots.state).hash(roots.outbox).hash(roots.result),
    )
    return { key: Uint8Array.of(HISTORY_KEY), value: writer.finish() }
  }

  /** Takes the history out of stored entries; what remains is the ledger's. */
  load(entries: readonly StateEntry[]): StateEntry[] {
    return entries.filter(({ key, value }) => {
      if (key.length !== 1 || key[0] !== HISTORY_KEY) return true
      this.#entries = new ByteReader(value).list(HEIGHTS_MAX, (from) => ({
        height: from.u64(),
        roots: { state: from.hash(), outbox: from.hash(), result: from.hash() },
      }))
      return false
    })
  }
}
