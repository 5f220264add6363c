import {
  ADDRESS_BYTES,
  PAYEE_BYTES,
  SIGNATURE_BYTES,
  TRANSACTION_HEADER_BYTES,
} from '@shardnet/node/core'
import { CELL_VALUE_BYTES } from './plan-row.ts'
import { payloadBytesMaxOf, type Workload } from './workload.ts'

/** Length of the longest transaction that a workload may make. */
export function transactionBytesMaxOf(workload: Workload): number {
  const cell = ADDRESS_BYTES + 2 * CELL_VALUE_BYTES
  const items = Math.max(PAYEE_BYTES, cell)
  return TRANSACTION_HEADER_BYTES + items + payloadBytesMaxOf(workload) + SIGNATURE_BYTES
}
