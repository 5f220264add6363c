import type { FormRejection, FormRules } from './transaction.ts'
import { transactionKind } from './transaction-kind.ts'

/** A cell's key: a slot (u16, which decides the shard) and 30 bytes that the owner of the idea chooses. */
export const CELL_KEY_BYTES = 32
/**
 * Longest value of a cell. Small enough that what a `get` reads is shorter than the `get` itself, so that the results of
 * a batch are never longer than its body.
 */
export const CELL_VALUE_BYTES_MAX = 128

/** Where a cell transaction has its own fields, counted from its start; expected and new value follow the key, then the payload. */
export const cellOffsetOf = {
  expectedLength: 61,
  valueLength: 62,
  reserved: 63,
  key: 64,
} as const

const PAYEE_COUNT = 60
const DATA_LENGTH = 56

/** The static rules of `put`, `compareAndSet` and `get` at `offset`, behind those that all kinds share; null when all hold. */
export function checkCellForm(
  view: DataView,
  offset: number,
  rules: FormRules,
): FormRejection | null {
  const kind = view.getUint8(offset + 1)
  const expected = view.getUint8(offset + cellOffsetOf.expectedLength)
  const value = view.getUint8(offset + cellOffsetOf.valueLength)
  if (view.getUint8(offset + PAYEE_COUNT) !== 0) return 'MALFORMED'
  if (view.getUint8(offset + cellOffsetOf.reserved) !== 0) return 'MALFORMED'
  if (expected > 0 && kind !== transactionKind.compareAndSet) return 'MALFORMED'
  // An empty value is what an absent cell has, so nobody can write one; a get writes nothing.
  if ((value === 0) !== (kind === transactionKind.get)) return 'MALFORMED'
  const payload = view.getUint32(offset + DATA_LENGTH) - CELL_KEY_BYTES - expected - value
  if (payload < 0) return 'MALFORMED'
  if (expected > CELL_VALUE_BYTES_MAX || value > CELL_VALUE_BYTES_MAX) return 'TOO_LARGE'
  if (payload > rules.payloadBytesMax) return 'TOO_LARGE'
  const slot = view.getUint16(offset + cellOffsetOf.key)
  return slot < rules.slotFirst || slot >= rules.slotEnd ? 'WRONG_SHARD' : null
}
