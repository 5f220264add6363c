/** What other rooms may use of the core: formats, codes and the assertions behind them. */
export { must, mustHold } from './errors.ts'
export { ByteReader, decodeWith, type Decoded } from './primitives/byte-reader.ts'
export { ByteWriter } from './primitives/byte-writer.ts'
export { bytesOfHex, hexOf } from './primitives/bytes.ts'
export { bytesOfHash, hashOfBytes, type Hash } from './primitives/hash.ts'
export { faultyMaxOf, proposerOf, slotRangeOf } from './wire/committee.ts'
export {
  cellKeyOf,
  encodeCellTransaction,
  type CellOperation,
  type CellTransactionFields,
} from './wire/cell-operation.ts'
export { CELL_CREATION_FEE, CELLS_MAX } from './ledger/cell-limits.ts'
export { CELL_KEY_BYTES, CELL_VALUE_BYTES_MAX } from './wire/cell-form.ts'
export { readAt, readsIn, type CellRead } from './wire/cell-reads.ts'
export {
  readCommitEvent,
  writeCommitEvent,
  type BatchOutcome,
  type CommitEvent,
  type CreditOutcome,
} from './wire/commit-event.ts'
export {
  NONCE_WINDOW,
  resultCode,
  resultNameOf,
  type ResultCode,
  type ResultName,
} from './wire/result-code.ts'
export {
  ADDRESS_BYTES,
  addressOf,
  encodeTransfer,
  offsetOf,
  PAYEE_BYTES,
  SIGNATURE_BYTES,
  TAG_BYTES,
  TRANSACTION_HEADER_BYTES,
  type TransferFields,
} from './wire/transaction.ts'
export { transactionKind } from './wire/transaction-kind.ts'
