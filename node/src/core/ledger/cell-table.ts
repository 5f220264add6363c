import { CELL_VALUE_BYTES_MAX } from '../wire/cell-form.ts'
import { CELLS_MAX } from './cell-limits.ts'
import { grown, KeyTable, NO_ROW, type Row } from './key-table.ts'

/** A shard without cells should cost nothing. */
const FIRST_CAPACITY = 16
/** All cells of a shard as columns, found by key. A cell comes into being with its first value and is never removed. */
export class CellTable extends KeyTable {
  /** 1 to 128 for every row. */
  lengths = new Uint8Array(FIRST_CAPACITY)
  /** Row r's value starts at 128 r. */
  values = new Uint8Array(FIRST_CAPACITY * CELL_VALUE_BYTES_MAX)

  constructor() {
    super(FIRST_CAPACITY, CELLS_MAX)
  }

  get isFull(): boolean {
    return this.count === CELLS_MAX
  }

  /** The row's value in place; a view that the next write or growth makes stale. */
  valueAt(row: Row): Uint8Array {
    const start = row * CELL_VALUE_BYTES_MAX
    return this.values.subarray(start, start + (this.lengths[row] ?? 0))
  }

  /** Copies `length` bytes from `offset` of `bytes` into the row. */
  setValue(row: Row, bytes: Uint8Array, offset: number, length: number): void {
    const start = row * CELL_VALUE_BYTES_MAX
    for (let i = 0; i < length; i++) this.values[start + i] = bytes[offset + i] ?? 0
    this.lengths[row] = length
    this.touch(row)
  }

  /** True when the cell at the row (NO_ROW: no cell) holds exactly those bytes. */
  holds(row: Row, bytes: Uint8Array, offset: number, length: number): boolean {
    if (row === NO_ROW) return length === 0
    if (this.lengths[row] !== length) return false
    const start = row * CELL_VALUE_BYTES_MAX
    for (let i = 0; i < length; i++) {
      if (this.values[start + i] !== bytes[offset + i]) return false
    }
    return true
  }

  protected override growColumns(capacity: number): void {
    this.lengths = grown(this.lengths, new Uint8Array(capacity))
    this.values = grown(this.values, new Uint8Array(capacity * CELL_VALUE_BYTES_MAX))
  }
}
