import {
  ADDRESS_BYTES,
  PAYEE_BYTES,
  SIGNATURE_BYTES,
  TRANSACTION_HEADER_BYTES,
} from '@shardnet/node/core'
import { draftKind, type Draft } from './profiles/profile.ts'

/** Numbers per planned transaction in a row of a plan, in the order of `planColumn`. */
export const PLAN_COLUMNS = 13
export const planColumn = {
  kind: 0,
  payerShard: 1,
  payerIndex: 2,
  payeeShard: 3,
  payeeIndex: 4,
  amount: 5,
  cell: 6,
  value: 7,
  expected: 8,
  payloadBytes: 9,
  salt: 10,
  nonce: 11,
  validUntil: 12,
} as const

/** Rows of a plan, one after the other. */
export type PlanRows = Float64Array<ArrayBuffer>

/** What a planner adds to what was drawn. */
export interface PlannedPayer {
  readonly index: number
  readonly nonce: number
  readonly validUntil: number
}

/** A cell's key takes the place of payees; its number is written in 8 bytes where there is one. */
export const CELL_VALUE_BYTES = 8

/** Writes row `i`. */
export function writePlanRow(
  rows: Float64Array,
  i: number,
  draft: Draft,
  payer: PlannedPayer,
): void {
  const row = i * PLAN_COLUMNS
  rows[row + planColumn.kind] = draft.kind
  rows[row + planColumn.payerShard] = draft.payerShard
  rows[row + planColumn.payerIndex] = payer.index
  rows[row + planColumn.payeeShard] = draft.payeeShard
  rows[row + planColumn.payeeIndex] = draft.payeeIndex
  rows[row + planColumn.amount] = draft.amount
  rows[row + planColumn.cell] = draft.cell
  rows[row + planColumn.value] = draft.value
  rows[row + planColumn.expected] = draft.expected
  rows[row + planColumn.payloadBytes] = draft.payloadBytes
  rows[row + planColumn.salt] = draft.salt
  rows[row + planColumn.nonce] = payer.nonce
  rows[row + planColumn.validUntil] = payer.validUntil
}

/** One number of row `i`. */
export function planned(rows: Float64Array, i: number, column: number): number {
  return rows[i * PLAN_COLUMNS + column] ?? 0
}

/** Length of the signed transaction of row `i`, known before it is signed. */
export function plannedBytes(rows: Float64Array, i: number): number {
  const payload = planned(rows, i, planColumn.payloadBytes)
  return (
    bytesOfKind(
      planned(rows, i, planColumn.kind),
      planned(rows, i, planColumn.value) > 0,
      planned(rows, i, planColumn.expected) > 0,
    ) + payload
  )
}

/** The same for what was drawn. */
export function draftBytes({ kind, value, expected, payloadBytes }: Draft): number {
  return bytesOfKind(kind, value > 0, expected > 0) + payloadBytes
}

function bytesOfKind(kind: number, writes: boolean, expects: boolean): number {
  const frame = TRANSACTION_HEADER_BYTES + SIGNATURE_BYTES
  if (kind === draftKind.transfer) return frame + PAYEE_BYTES
  return frame + ADDRESS_BYTES + CELL_VALUE_BYTES * (Number(writes) + Number(expects))
}
