/** What other rooms may use of the core: formats, codes and the assertions behind them. */
export { must, mustHold } from './errors.ts'
export { ByteReader, decodeWith, type Decoded } from './primitives/byte-reader.ts'
export { ByteWriter } from './primitives/byte-writer.ts'
export { bytesOfHex, hexOf } from './primitives/bytes.ts'
export { bytesOfHash, hashOfBytes, type Hash } from './primitives/hash.ts'
export { faultyMaxOf, proposerOf, slotRangeOf } from './wire/committee.ts'
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
  PAYEE_BYTES,
  SIGNATURE_BYTES,
  TAG_BYTES,
  TRANSACTION_HEADER_BYTES,
  type TransferFields,
} from './wire/transaction.ts'
