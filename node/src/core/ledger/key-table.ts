import { mustHold } from '../errors.ts'

const KEY_BYTES = 32
const KEY_WORDS = KEY_BYTES / 4

/** A row's number; rows are never removed. */
export type Row = number
export const NO_ROW = -1

/**
 * Rows found by a key of 32 bytes through an open-addressing index, with their leaf hashes and the rows that a block touched.
 * Subclasses add the columns of what a row says; all columns are replaced when the table grows.
 */
export abstract class KeyTable {
  keyWords: Uint32Array
  /** Leaf hashes as the state tree last computed them. */
  leafWords: Uint32Array
  /** Rows touched in this block, each once. */
  touched: Int32Array
  touchedCount = 0
  count = 0
  readonly #rowsMax: number
  #keyView: DataView
  #index: Int32Array
  #stamps: Int32Array
  #stamp = 1

  /** Both are powers of two: rows that there is room for at first, and ever. */
  constructor(capacity: number, rowsMax: number) {
    this.#rowsMax = rowsMax
    this.keyWords = new Uint32Array(capacity * KEY_WORDS)
    this.leafWords = new Uint32Array(capacity * KEY_WORDS)
    this.touched = new Int32Array(capacity)
    this.#keyView = new DataView(this.keyWords.buffer)
    this.#index = new Int32Array(capacity * 4)
    this.#stamps = new Int32Array(capacity)
  }

  /** Replaces the subclass's columns by longer ones with the same content. */
  protected abstract growColumns(capacity: number): void

  /** Forgets which rows were touched. */
  beginBlock(): void {
    this.#stamp += 1
    this.touchedCount = 0
  }

  /** Remembers that the row's leaf must be hashed again. */
  touch(row: Row): void {
    if (this.#stamps[row] === this.#stamp) return
    this.#stamps[row] = this.#stamp
    this.touched[this.touchedCount++] = row
  }

  /** The row of the key at `offset`, or NO_ROW. */
  find(view: DataView, offset: number): Row {
    const entry = this.#index[this.#probe(view, offset)] ?? 0
    return entry - 1
  }

  /** The row of the key at `offset`, made with columns of zeros when there was none. */
  findOrAdd(view: DataView, offset: number): Row {
    const position = this.#probe(view, offset)
    const entry = this.#index[position] ?? 0
    return entry === 0 ? this.#add(view, offset, position) : entry - 1
  }

  keyOf(row: Row): Uint8Array {
    const start = row * KEY_BYTES
    return new Uint8Array(this.keyWords.buffer).slice(start, start + KEY_BYTES)
  }

  slotOf(row: Row): number {
    return this.#keyView.getUint16(row * KEY_BYTES)
  }

  /** Bit `bit` of the key, counted from the most significant of the first byte. */
  bitOf(row: Row, bit: number): number {
    return (this.#keyView.getUint8(row * KEY_BYTES + (bit >> 3)) >> (7 - (bit & 7))) & 1
  }

  #add(view: DataView, offset: number, position: number): Row {
    const row = this.count
    if (row === this.touched.length) this.#grow()
    for (let i = 0; i < KEY_BYTES; i += 4) {
      this.#keyView.setInt32(row * KEY_BYTES + i, view.getInt32(offset + i))
    }
    this.#index[position] = row + 1
    this.count = row + 1
    if (this.count * 2 > this.#index.length) this.#growIndex()
    return row
  }

  /** Index position that holds the key, or the free one where it belongs. */
  #probe(view: DataView, offset: number): number {
    const mask = this.#index.length - 1
    let position = mixKey(view, offset) & mask
    for (;;) {
      const entry = this.#index[position] ?? 0
      if (entry === 0 || this.#isAt(entry - 1, view, offset)) return position
      position = (position + 1) & mask
    }
  }

  #isAt(row: Row, view: DataView, offset: number): boolean {
    const start = row * KEY_BYTES
    const own = this.#keyView
    for (let i = 0; i < KEY_BYTES; i += 4) {
      if (own.getInt32(start + i) !== view.getInt32(offset + i)) return false
    }
    return true
  }

  #grow(): void {
    const capacity = this.touched.length * 2
    mustHold(capacity <= this.#rowsMax, `a table of a shard has at most ${this.#rowsMax} rows`)
    this.keyWords = grown(this.keyWords, new Uint32Array(capacity * KEY_WORDS))
    this.leafWords = grown(this.leafWords, new Uint32Array(capacity * KEY_WORDS))
    this.touched = grown(this.touched, new Int32Array(capacity))
    this.#stamps = grown(this.#stamps, new Int32Array(capacity))
    this.#keyView = new DataView(this.keyWords.buffer)
    this.growColumns(capacity)
  }

  #growIndex(): void {
    this.#index = new Int32Array(this.#index.length * 2)
    for (let row = 0; row < this.count; row++) {
      this.#index[this.#probe(this.#keyView, row * KEY_BYTES)] = row + 1
    }
  }
}

/** `to` with the content of `from` at its start. */
export function grown<T extends Float64Array | Uint32Array | Int32Array | Uint8Array>(
  from: T,
  to: T,
): T {
  to.set(from)
  return to
}

/** Uses every byte, because keys are chosen freely by strangers. */
function mixKey(view: DataView, offset: number): number {
  let mixed = 0x2545_f491
  for (let i = 0; i < KEY_BYTES; i += 4) {
    mixed = Math.imul(mixed ^ view.getInt32(offset + i), 0x9e37_79b1)
    mixed ^= mixed >>> 15
  }
  return mixed
}
