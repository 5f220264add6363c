import type { Decoded } from '../../../src/core/primitives/byte-reader.ts'
import {
  encodeCellTransaction,
  type CellOperation,
  type CellTransactionFields,
} from '../../../src/core/wire/cell-operation.ts'
import { arenaOf, checkForm } from '../../../src/core/wire/transaction.ts'
import { networkId } from './fixed-testnet.ts'
import { formRules } from './transfer-codec.ts'

/** A cell transaction with its signature, as its bytes stand for it. */
export interface SignedCellTransaction extends Omit<CellTransactionFields, 'networkId'> {
  readonly signature: Uint8Array
}

/** Made an object here, as the page says; the core reads it in place. */
export function decodeCellTransaction(bytes: Uint8Array): Decoded<SignedCellTransaction> {
  const verdict = checkForm(arenaOf(bytes), 0, formRules)
  if (typeof verdict === 'string') return { kind: 'malformed', reason: verdict }
  if (verdict !== bytes.length) return { kind: 'malformed', reason: 'bytes left over' }
  if (bytes[1] === 1) return { kind: 'malformed', reason: 'a transfer' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const valueStart = 96 + view.getUint8(61)
  const payloadStart = valueStart + view.getUint8(62)
  const parts = {
    cell: bytes.slice(64, 96),
    expected: bytes.slice(96, valueStart),
    value: bytes.slice(valueStart, payloadStart),
  }
  return {
    kind: 'value',
    value: {
      payerSlot: view.getUint16(2),
      payerKey: bytes.slice(8, 40),
      nonce: Number(view.getBigUint64(40)),
      validUntil: view.getUint32(48),
      fee: view.getUint32(52),
      operation: operationOf(view.getUint8(1), parts),
      payload: bytes.slice(payloadStart, -64),
      signature: bytes.slice(-64),
    },
  }
}

function operationOf(
  kind: number,
  { cell, expected, value }: { cell: Uint8Array; expected: Uint8Array; value: Uint8Array },
): CellOperation {
  if (kind === 2) return { kind: 'put', cell, value }
  if (kind === 3) return { kind: 'compareAndSet', cell, expected, value }
  return { kind: 'get', cell }
}

export function encodeSignedCellTransaction({
  signature,
  ...fields
}: SignedCellTransaction): Uint8Array {
  const bytes = encodeCellTransaction({ networkId, ...fields })
  bytes.set(signature, bytes.length - signature.length)
  return bytes
}
