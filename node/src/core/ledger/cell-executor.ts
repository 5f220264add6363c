import { CELL_KEY_BYTES, cellOffsetOf } from '../wire/cell-form.ts'
import { READ_HEADER_BYTES } from '../wire/cell-reads.ts'
import { resultCode, type ResultCode } from '../wire/result-code.ts'
import { offsetOf, type Arena } from '../wire/transaction.ts'
import { transactionKind } from '../wire/transaction-kind.ts'
import { CELL_CREATION_FEE } from './cell-limits.ts'
import type { CellTable } from './cell-table.ts'
import { grown, NO_ROW } from './key-table.ts'

const NOTHING_READ = new Uint8Array(0)

/** A cell transaction of a batch whose nonce is used and whose fee is paid. */
export interface PaidOperation {
  readonly arena: Arena
  readonly offset: number
  /** In its batch. */
  readonly position: number
  readonly feePaid: number
}

/** Executes `put`, `compareAndSet` and `get` in place; bodies passed the static check, so keys are of this shard. */
export class CellExecutor {
  readonly #cells: CellTable
  #reads = new Uint8Array(256)
  #readsLength = 0

  constructor(cells: CellTable) {
    this.#cells = cells
  }

  /** The first rule that applies gives the result: compare, then price, then room. */
  execute(operation: PaidOperation): ResultCode {
    const { bytes, view } = operation.arena
    const { offset } = operation
    const kind = view.getUint8(offset + offsetOf.kind)
    const key = offset + cellOffsetOf.key
    const row = this.#cells.find(view, key)
    if (kind === transactionKind.get) return this.#read(row, operation.position)
    const expected = view.getUint8(offset + cellOffsetOf.expectedLength)
    const value = view.getUint8(offset + cellOffsetOf.valueLength)
    const parts = key + CELL_KEY_BYTES
    if (kind === transactionKind.compareAndSet && !this.#cells.holds(row, bytes, parts, expected))
      return resultCode.casMismatch
    if (row === NO_ROW) {
      if (operation.feePaid < CELL_CREATION_FEE) return resultCode.insufficient
      if (this.#cells.isFull) return resultCode.busy
    }
    const written = row === NO_ROW ? this.#cells.findOrAdd(view, key) : row
    this.#cells.setValue(written, bytes, parts + expected, value)
    return resultCode.ok
  }

  /** What was read since the last call, packed as `cell-reads.ts` says. */
  takeReads(): Uint8Array {
    if (this.#readsLength === 0) return NOTHING_READ
    const reads = this.#reads.slice(0, this.#readsLength)
    this.#readsLength = 0
    return reads
  }

  #read(row: number, position: number): ResultCode {
    const length = row === NO_ROW ? 0 : (this.#cells.lengths[row] ?? 0)
    const at = this.#readsLength
    const end = at + READ_HEADER_BYTES + length
    if (end > this.#reads.length)
      this.#reads = grown(this.#reads, new Uint8Array(Math.max(end, this.#reads.length * 2)))
    new DataView(this.#reads.buffer).setUint32(at, position)
    this.#reads[at + 4] = length
    if (length > 0) this.#reads.set(this.#cells.valueAt(row), at + READ_HEADER_BYTES)
    this.#readsLength = end
    return resultCode.ok
  }
}
