import {
  decodeTransactionProof,
  encodeTransactionProof,
  type TransactionProof,
} from '../../../src/client/proof.ts'
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  type ClientFrame,
  type ServerFrame,
} from '../../../src/client/stream-protocol.ts'
import {
  readAccountProof,
  writeAccountProof,
  type AccountProof,
} from '../../../src/core/ledger/account-proof.ts'
import {
  readCellProof,
  writeCellProof,
  type CellProof,
} from '../../../src/core/ledger/cell-proof.ts'
import {
  decodeWith,
  FormatError,
  type ByteReader,
  type Decoded,
} from '../../../src/core/primitives/byte-reader.ts'
import { ByteWriter } from '../../../src/core/primitives/byte-writer.ts'
import {
  readBatchHeader,
  readSignedBatchHeader,
  writeBatchHeader,
  writeSignedBatchHeader,
  type BatchHeader,
  type SignedBatchHeader,
} from '../../../src/core/wire/batch.ts'
import {
  readBlockBody,
  readBlockHeader,
  writeBlockBody,
  writeBlockHeader,
  type BlockBody,
  type BlockHeader,
} from '../../../src/core/wire/block.ts'
import {
  readCertificate,
  writeCertificate,
  type Certificate,
} from '../../../src/core/wire/certificate.ts'
import {
  readCommitEvent,
  writeCommitEvent,
  type CommitEvent,
} from '../../../src/core/wire/commit-event.ts'
import {
  readImportBundle,
  readPairState,
  writeImportBundle,
  writePairState,
  type ImportBundle,
  type PairState,
} from '../../../src/core/wire/import-bundle.ts'
import {
  encodeLogRecord,
  readLogRecord,
  type LogRecord,
} from '../../../src/core/wire/log-record.ts'
import {
  readCreditMessage,
  writeCreditMessage,
  type CreditMessage,
} from '../../../src/core/wire/outbox-message.ts'
import {
  encodePeerMessage,
  readPeerMessage,
  readVote,
  writeVote,
  type PeerMessage,
  type Vote,
} from '../../../src/core/wire/peer-message.ts'
import { readProposal, writeProposal, type Proposal } from '../../../src/core/wire/proposal.ts'
import {
  decodeCellTransaction,
  encodeSignedCellTransaction,
  type SignedCellTransaction,
} from './cell-codec.ts'
import { decodeTransfer, encodeSignedTransfer, type SignedTransfer } from './transfer-codec.ts'

/** Both directions of one format. */
export interface Codec<T> {
  readonly decode: (bytes: Uint8Array) => Decoded<T>
  readonly encode: (value: T) => Uint8Array
}

/** Every format that docs/wire-format.md describes, with the value that it stands for. */
export interface FormatValues {
  readonly transaction: SignedTransfer
  readonly cellTransaction: SignedCellTransaction
  readonly batchHeader: BatchHeader
  readonly signedBatchHeader: SignedBatchHeader
  readonly blockHeader: BlockHeader
  readonly blockBody: BlockBody
  readonly certificate: Certificate
  readonly vote: Vote
  readonly proposal: Proposal
  readonly peerMessage: PeerMessage
  readonly logRecord: LogRecord
  readonly creditMessage: CreditMessage
  readonly pairState: PairState
  readonly importBundle: ImportBundle
  readonly commitEvent: CommitEvent
  readonly clientFrame: ClientFrame
  readonly serverFrame: ServerFrame
  readonly accountProof: AccountProof
  readonly cellProof: CellProof
  readonly transactionProof: TransactionProof
}
export type FormatName = keyof FormatValues

function codecOf<T>(
  read: (reader: ByteReader) => T,
  write: (writer: ByteWriter, value: T) => unknown,
): Codec<T> {
  return {
    decode: (bytes) => decodeWith(bytes, read),
    encode: (value) => {
      const writer = new ByteWriter(64)
      write(writer, value)
      return writer.finish()
    },
  }
}

function mustReadCredit(reader: ByteReader): CreditMessage {
  const message = readCreditMessage(reader)
  if (message === null) throw new FormatError('no credit')
  return message
}

export const codecs: { readonly [K in FormatName]: Codec<FormatValues[K]> } = {
  transaction: { decode: decodeTransfer, encode: encodeSignedTransfer },
  cellTransaction: { decode: decodeCellTransaction, encode: encodeSignedCellTransaction },
  batchHeader: codecOf(readBatchHeader, writeBatchHeader),
  signedBatchHeader: codecOf(readSignedBatchHeader, writeSignedBatchHeader),
  blockHeader: codecOf(readBlockHeader, writeBlockHeader),
  blockBody: codecOf(readBlockBody, writeBlockBody),
  certificate: codecOf(readCertificate, writeCertificate),
  vote: codecOf(readVote, writeVote),
  proposal: codecOf(readProposal, writeProposal),
  peerMessage: { decode: (bytes) => decodeWith(bytes, readPeerMessage), encode: encodePeerMessage },
  logRecord: { decode: (bytes) => decodeWith(bytes, readLogRecord), encode: encodeLogRecord },
  creditMessage: codecOf(mustReadCredit, writeCreditMessage),
  pairState: codecOf(readPairState, writePairState),
  importBundle: codecOf(readImportBundle, writeImportBundle),
  commitEvent: codecOf(readCommitEvent, writeCommitEvent),
  clientFrame: { decode: decodeClientFrame, encode: encodeClientFrame },
  serverFrame: { decode: decodeServerFrame, encode: encodeServerFrame },
  cellProof: codecOf(readCellProof, writeCellProof),
  accountProof: codecOf(readAccountProof, writeAccountProof),
  transactionProof: { decode: decodeTransactionProof, encode: encodeTransactionProof },
}
