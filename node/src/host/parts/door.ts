/**
 * What a validator is made of, without a process, a disk or a network around it: for a world that is not this machine, which is
 * the simulator. The decisions are the same code that `host` drives.
 */
export type { CryptoPort } from '../../core/crypto-port.ts'
export { Defect, must, mustHold } from '../../core/errors.ts'

export { ownBatchRoom } from '../../core/consensus/batches.ts'
export type { Effect, Note, Purpose, ServeRequest } from '../../core/consensus/effect.ts'
export type { BatchVerdict, Input, TimerName } from '../../core/consensus/input.ts'
export {
  deriveParameters,
  type ReplicaOptions,
  type Timing,
} from '../../core/consensus/parameters.ts'
export { Recovery, type ExecutedRoots } from '../../core/consensus/recovery.ts'
export type { Replica } from '../../core/consensus/replica.ts'
export { step, type Clock } from '../../core/consensus/step.ts'

export type { StateChanges, StateEntry } from '../../core/ledger/checkpoint.ts'
export type { CommittedBlock, ExecutedBlock } from '../../core/ledger/executed-block.ts'
export type { LedgerParameters } from '../../core/ledger/ledger-parameters.ts'
export { Ledger } from '../../core/ledger/ledger.ts'

export { placeOf, RECORD_HEADER_BYTES, recordBytes, segmentName } from '../../core/log/format.ts'
export { LogError } from '../../core/log/log-error.ts'
export { gatheredCountOf, LogTail, type PlannedGroup } from '../../core/log/log-tail.ts'
export { repairsOf, scanLog, segmentNumbersOf, type RecoveredLog } from '../../core/log/scan-log.ts'
export type { LoggedRecord } from '../../core/log/scan-segment.ts'

export { decodeWith, type Decoded } from '../../core/primitives/byte-reader.ts'
export {
  bytesOfHash,
  domainHash,
  hashOfBytes,
  ZERO_HASH,
  type Hash,
} from '../../core/primitives/hash.ts'
export { bytesOfHex, hexOf, joinBytes } from '../../core/primitives/bytes.ts'

export { batchDigestOf, type SignedBatchHeader } from '../../core/wire/batch.ts'
export { blockHashOf, type Roots } from '../../core/wire/block.ts'
export {
  signersOf,
  votePreimage,
  type Certificate,
  type VoteKind,
} from '../../core/wire/certificate.ts'
export type { Committee } from '../../core/wire/committee.ts'
export { slotRangeOf } from '../../core/wire/committee.ts'
export { importDigestOf, type ImportBundle } from '../../core/wire/import-bundle.ts'
export { encodeLogRecord, readLogRecord, type LogRecord } from '../../core/wire/log-record.ts'
export {
  encodePeerMessage,
  readPeerMessage,
  type PeerMessage,
  type Vote,
} from '../../core/wire/peer-message.ts'
export type { Proposal } from '../../core/wire/proposal.ts'
export { resultCode, resultNameOf } from '../../core/wire/result-code.ts'
export { encodeCellTransaction, type CellOperation } from '../../core/wire/cell-operation.ts'
export {
  addressOf,
  encodeTransfer,
  networkTagOf,
  type FormRules,
  type HeaderFields,
} from '../../core/wire/transaction.ts'

export { judgeForm } from '../batches/batch-checker.ts'
export { BodyCache } from '../chain/body-cache.ts'
export { ChainIndex } from '../chain/chain-index.ts'
export { executeFinal, gatherBlock, type CommitEffect } from '../chain/final-block.ts'
export { findAnswer, type Lookup } from '../chain/log-lookup.ts'
export { LogReplay } from '../chain/log-replay.ts'
export { RelayPusher } from '../chain/relay-pusher.ts'
export { RootsHistory } from '../chain/roots-history.ts'
export { createCrypto } from '../crypto/crypto.ts'
export type { CommitNotice } from '../rpc/validator-door.ts'
