import {
  checkForm,
  offsetOf,
  SIGNATURE_BYTES,
  type Arena,
  type FormRejection,
  type FormRules,
} from '../../core/wire/transaction.ts'
import { ROW_WORDS } from '../signatures/signature-job.ts'

/** The row that the signature kernel reads for the transaction at `offset`. */
export function writeRow(rows: Uint32Array, index: number, offset: number, length: number): void {
  const at = index * ROW_WORDS
  rows[at] = offset + offsetOf.payerKey
  rows[at + 1] = offset + length - SIGNATURE_BYTES
  rows[at + 2] = offset
  rows[at + 3] = length - SIGNATURE_BYTES
}

/** Rows of a whole batch body, or the first rule that it breaks; `count` is what its header says. */
export function rowsOfBatch(
  arena: Arena,
  count: number,
  rules: FormRules,
): Uint32Array | FormRejection {
  const rows = new Uint32Array(new SharedArrayBuffer(count * ROW_WORDS * 4))
  let offset = 0
  for (let index = 0; index < count; index++) {
    const length = checkForm(arena, offset, rules)
    if (typeof length === 'string') return length
    writeRow(rows, index, offset, length)
    offset += length
  }
  return offset === arena.bytes.length ? rows : 'MALFORMED'
}
