import { arenaOf } from './transaction.ts'
import { CELL_VALUE_BYTES_MAX } from './cell-form.ts'
import { resultCode } from './result-code.ts'

/** Position of the transaction in its batch (u32), length of the value (u8). */
export const READ_HEADER_BYTES = 5

/** What one `get` read; an empty value says that there was no such cell. */
export interface CellRead {
  /** Of the transaction in its batch. */
  readonly position: number
  readonly value: Uint8Array
}

/** The reads of a batch, packed in order of position: u32 position, u8 length, value. Values are views. */
export function* readsIn(reads: Uint8Array): Generator<CellRead> {
  const { view } = arenaOf(reads)
  for (let at = 0; at + READ_HEADER_BYTES <= reads.length;) {
    const start = at + READ_HEADER_BYTES
    const end = start + view.getUint8(at + 4)
    yield { position: view.getUint32(at), value: reads.subarray(start, end) }
    at = end
  }
}

/** What the transaction at `position` read, as a copy; null when it was no `get` that ended OK. */
export function readAt(reads: Uint8Array, position: number): Uint8Array | null {
  for (const read of readsIn(reads)) if (read.position === position) return read.value.slice()
  return null
}

/** True when the bytes are whole reads with ascending positions, each of a transaction that ended OK: one value, one encoding. */
export function areReadsOf(results: Uint8Array, reads: Uint8Array): boolean {
  const { view } = arenaOf(reads)
  let last = -1
  let at = 0
  while (at + READ_HEADER_BYTES <= reads.length) {
    const position = view.getUint32(at)
    const length = view.getUint8(at + 4)
    if (position <= last || results[position] !== resultCode.ok) return false
    if (length > CELL_VALUE_BYTES_MAX) return false
    last = position
    at += READ_HEADER_BYTES + length
  }
  return at === reads.length
}
