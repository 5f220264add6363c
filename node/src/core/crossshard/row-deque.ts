import { mustHold } from '../errors.ts'

const FIRST_ROWS = 64

/** Rows of equal length with ascending indices: appended at the end, dropped at the front, contiguous in memory. */
export class RowDeque {
  bytes: Uint8Array
  readonly rowBytes: number
  #first: number
  #end: number
  /** Byte position of the first row. */
  #start = 0

  constructor(rowBytes: number, first = 0) {
    this.rowBytes = rowBytes
    this.bytes = new Uint8Array(FIRST_ROWS * rowBytes)
    this.#first = first
    this.#end = first
  }

  /** Index of the oldest row kept. */
  get first(): number {
    return this.#first
  }

  /** Index after the newest row. */
  get end(): number {
    return this.#end
  }

  /** Byte position of a row; valid until the next `extend`. */
  offsetOf(index: number): number {
    mustHold(index >= this.#first && index <= this.#end, 'row is kept')
    return this.#start + (index - this.#first) * this.rowBytes
  }

  /** A view of rows `from` .. `to` - 1; valid until the next `extend`. */
  view(from: number, to: number): Uint8Array {
    mustHold(from <= to && to <= this.#end, 'rows are kept')
    return this.bytes.subarray(this.offsetOf(from), this.offsetOf(to))
  }

  /** Appends `count` rows to be filled by the caller; returns the byte position of the first of them. */
  extend(count: number): number {
    const used = (this.#end - this.#first) * this.rowBytes
    const needed = used + count * this.rowBytes
    if (this.#start + needed > this.bytes.length) this.#moveDown(used, needed)
    this.#end += count
    return this.#start + used
  }

  /** Forgets the rows below `index`. */
  dropBefore(index: number): void {
    const to = Math.min(index, this.#end)
    if (to <= this.#first) return
    this.#start += (to - this.#first) * this.rowBytes
    this.#first = to
  }

  #moveDown(used: number, needed: number): void {
    const rows = this.bytes.subarray(this.#start, this.#start + used)
    if (needed * 2 <= this.bytes.length) {
      this.bytes.copyWithin(0, this.#start, this.#start + used)
    } else {
      const grown = new Uint8Array(Math.max(needed, used * 2, FIRST_ROWS * this.rowBytes))
      grown.set(rows)
      this.bytes = grown
    }
    this.#start = 0
  }
}
