import { mustHold } from '../errors.ts'
import { bytesOfHash, domainHash } from '../primitives/hash.ts'
import { CELL_KEY_BYTES, CELL_VALUE_BYTES_MAX, cellOffsetOf } from './cell-form.ts'
import {
  arenaOf,
  offsetOf,
  SIGNATURE_BYTES,
  TRANSACTION_HEADER_BYTES,
  writeTransactionHeader,
  type HeaderFields,
} from './transaction.ts'
import { transactionKind } from './transaction-kind.ts'

/** What one transaction does to one cell. A value has 1 to 128 bytes; the empty value stands for a cell that does not exist. */
export type CellOperation =
  | { readonly kind: 'put'; readonly cell: Uint8Array; readonly value: Uint8Array }
  /** Writes `value` when the cell holds exactly `expected`; empty: when there is no such cell. */
  | {
      readonly kind: 'compareAndSet'
      readonly cell: Uint8Array
      readonly expected: Uint8Array
      readonly value: Uint8Array
    }
  /** A read in the order of all writes: its value is part of the result. */
  | { readonly kind: 'get'; readonly cell: Uint8Array }

/** What a client decides about a transaction on a cell, before the signature. */
export interface CellTransactionFields extends HeaderFields {
  readonly operation: CellOperation
  readonly payload: Uint8Array
}

const EMPTY = new Uint8Array(0)

/**
 * Encodes a cell transaction with its signature bytes left zero, as `encodeTransfer` does for a transfer.
 * The cell's slot has to be of the payer's shard; every door refuses another one.
 */
export function encodeCellTransaction(fields: CellTransactionFields): Uint8Array {
  const { operation, payload } = fields
  const expected = operation.kind === 'compareAndSet' ? operation.expected : EMPTY
  const value = operation.kind === 'get' ? EMPTY : operation.value
  mustHold(operation.cell.length === CELL_KEY_BYTES, 'a cell key has 32 bytes')
  mustHold(
    expected.length <= CELL_VALUE_BYTES_MAX && value.length <= CELL_VALUE_BYTES_MAX,
    'a cell holds at most 128 bytes',
  )
  mustHold(operation.kind === 'get' || value.length > 0, 'a written value is not empty')
  const data = CELL_KEY_BYTES + expected.length + value.length + payload.length
  const bytes = new Uint8Array(TRANSACTION_HEADER_BYTES + data + SIGNATURE_BYTES)
  const { view } = arenaOf(bytes)
  writeTransactionHeader(bytes, transactionKind[operation.kind], fields)
  view.setUint32(offsetOf.payloadLength, data)
  view.setUint8(cellOffsetOf.expectedLength, expected.length)
  view.setUint8(cellOffsetOf.valueLength, value.length)
  let offset: number = cellOffsetOf.key
  for (const part of [operation.cell, expected, value, payload]) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** The key of a named cell in a slot: slot, then 30 bytes of a digest, so that names of any length lie evenly in the tree. */
export function cellKeyOf(slot: number, name: Uint8Array): Uint8Array {
  const key = new Uint8Array(CELL_KEY_BYTES)
  key[0] = slot >> 8
  key[1] = slot & 0xff
  key.set(bytesOfHash(domainHash('shardnet/cell-name/v1', name)).subarray(0, 30), 2)
  return key
}
