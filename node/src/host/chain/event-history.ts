import { createHash } from 'node:crypto'
import { must } from '../../core/errors.ts'
import { decodeWith } from '../../core/primitives/byte-reader.ts'
import { ByteWriter } from '../../core/primitives/byte-writer.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { StateEntry } from '../../core/ledger/checkpoint.ts'
import { readCommitEvent } from '../../core/wire/commit-event.ts'
import type { CommitNotice } from '../rpc/validator-door.ts'

/** First byte of the checkpoint entries that hold commit events; the ledger's own entries start with other bytes. */
const EVENT_KEY = 0x65
/** Events that stay in the checkpoint: a client that was cut off by a restart of all validators finds its next height here. */
const HEIGHTS_MAX = 256

/** The commit events of the last executed heights, kept with the checkpoint because a restart does not execute them again. */
export class EventHistory {
  readonly #unsaved: CommitNotice[] = []
  #savedHeights: number[] = []

  add(notice: CommitNotice): void {
    this.#unsaved.push(notice)
    if (this.#unsaved.length > HEIGHTS_MAX) this.#unsaved.shift()
  }

  /** What the next checkpoint has to write and to remove. */
  takeChanges(): { readonly puts: StateEntry[]; readonly deletes: Uint8Array[] } {
    const puts = this.#unsaved.map(({ height, event }) => ({ key: keyOf(height), value: event }))
    const heights = [...this.#savedHeights, ...this.#unsaved.map(({ height }) => height)]
    const surplus = Math.max(0, heights.length - HEIGHTS_MAX)
    this.#savedHeights = heights.slice(surplus)
    this.#unsaved.length = 0
    return { puts, deletes: heights.slice(0, surplus).map(keyOf) }
  }

  /** Takes the events out of stored entries, in order of height; what remains is the ledger's. */
  load(entries: readonly StateEntry[]): {
    readonly notices: CommitNotice[]
    readonly rest: StateEntry[]
  } {
    const isEvent = ({ key }: StateEntry): boolean => key[0] === EVENT_KEY
    const notices = entries.filter(isEvent).map(({ value }) => noticeOf(value))
    notices.sort((a, b) => a.height - b.height)
    this.#savedHeights = notices.map(({ height }) => height)
    return { notices, rest: entries.filter((entry) => !isEvent(entry)) }
  }
}

function keyOf(height: number): Uint8Array {
  return new ByteWriter(9).u8(EVENT_KEY).u64(height).finish()
}

/** The notice of an event's canonical bytes. */
function noticeOf(event: Uint8Array): CommitNotice {
  const decoded = decodeWith(event, readCommitEvent)
  const { height, blockHash } = must(
    decoded.kind === 'value' ? decoded.value : null,
    'a stored event can be read',
  )
  return {
    height,
    blockHash,
    event,
    digest: createHash('sha256').update(event).digest('hex') as Hash,
  }
}
