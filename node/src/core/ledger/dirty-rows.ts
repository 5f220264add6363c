import { grown, type KeyTable, type Row } from './key-table.ts'

/** Rows of a table that changed since they were taken last, each once. */
export class DirtyRows {
  #rows: Row[] = []
  #isDirty = new Uint8Array(0)

  /** Takes over the rows that the block touched. */
  note({ touched, touchedCount, count }: KeyTable): void {
    if (this.#isDirty.length < count)
      this.#isDirty = grown(this.#isDirty, new Uint8Array(count * 2))
    for (let i = 0; i < touchedCount; i++) {
      const row = touched[i] ?? 0
      if (this.#isDirty[row] === 1) continue
      this.#isDirty[row] = 1
      this.#rows.push(row)
    }
  }

  take(): readonly Row[] {
    const rows = this.#rows
    for (const row of rows) this.#isDirty[row] = 0
    this.#rows = []
    return rows
  }
}
