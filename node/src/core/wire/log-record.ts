import { FormatError, type ByteReader } from '../primitives/byte-reader.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import type { Hash } from '../primitives/hash.ts'
import {
  readSignedBatchHeader,
  SIGNED_BATCH_HEADER_BYTES,
  writeSignedBatchHeader,
  type SignedBatchHeader,
} from './batch.ts'
import {
  readCertificate,
  writeCertificate,
  type Certificate,
  type VoteKind,
} from './certificate.ts'
import { readImportBundle, writeImportBundle, type ImportBundle } from './import-bundle.ts'
import { BATCH_BYTES_MAX, readVote, writeVote, type Vote } from './peer-message.ts'
import { readProposal, writeProposal, type Proposal } from './proposal.ts'

/** What a validator writes down before it counts. One log, so the order of records is the order of events. */
export type LogRecord =
  /** First record of a folder: whose it is. A folder without it never votes. */
  | {
      readonly kind: 'birth'
      readonly networkId: Hash
      readonly shard: number
      readonly validator: number
      readonly epoch: number
    }
  | { readonly kind: 'batch'; readonly signed: SignedBatchHeader; readonly body: Uint8Array }
  | { readonly kind: 'import'; readonly bundle: ImportBundle }
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  /** A vote of our own. */
  | { readonly kind: 'vote'; readonly vote: Vote }
  /** Two signatures by one validator that no honest one makes. */
  | {
      readonly kind: 'evidence'
      readonly validator: number
      readonly view: number
      readonly first: VoteEvidence
      readonly second: VoteEvidence
    }

/** One side of an evidence: what was signed. */
export interface VoteEvidence {
  readonly kind: VoteKind | 'proposal' | 'batch'
  readonly value: Hash
  readonly signature: Uint8Array
  /** What `value` is the hash of, so that anybody can see view, place and signer: header of the proposal or batch; empty for a vote. */
  readonly header: Uint8Array
}

const TAGS = {
  birth: 1,
  batch: 2,
  import: 3,
  proposal: 4,
  certificate: 5,
  vote: 6,
  evidence: 7,
} as const satisfies Record<LogRecord['kind'], number>
const EVIDENCE_KINDS: readonly VoteEvidence['kind'][] = [
  'prepare',
  'commit',
  'skip',
  'proposal',
  'batch',
]

/** A block header is the longest of them. */
const EVIDENCE_HEADER_BYTES_MAX = 1024

/** Exact for batches, which are large: they are then written once and not copied. */
function capacityFor(record: LogRecord): number {
  return record.kind === 'batch' ? 1 + SIGNED_BATCH_HEADER_BYTES + 4 + record.body.length : 512
}

/** Bytes of a log record: tag, fields. Framing, checksum and order belong to the log. */
export function encodeLogRecord(record: LogRecord): Uint8Array {
  const writer = new ByteWriter(capacityFor(record))
  writer.u8(TAGS[record.kind])
  switch (record.kind) {
    case 'birth':
      writer.hash(record.networkId).u16(record.shard).u16(record.validator).u64(record.epoch)
      break
    case 'batch':
      writeSignedBatchHeader(writer, record.signed)
      writer.sized(record.body)
      break
    case 'import':
      writeImportBundle(writer, record.bundle)
      break
    case 'proposal':
      writeProposal(writer, record.proposal)
      break
    case 'certificate':
      writeCertificate(writer, record.certificate)
      break
    case 'vote':
      writeVote(writer, record.vote)
      break
    case 'evidence':
      writer.u16(record.validator).u64(record.view)
      writeEvidence(writer, record.first)
      writeEvidence(writer, record.second)
      break
  }
  return writer.finish()
}

function writeEvidence(writer: ByteWriter, evidence: VoteEvidence): void {
  writer
    .u8(EVIDENCE_KINDS.indexOf(evidence.kind) + 1)
    .hash(evidence.value)
    .sized(evidence.signature)
    .sized(evidence.header)
}

function readEvidence(reader: ByteReader): VoteEvidence {
  const kind = EVIDENCE_KINDS[reader.u8() - 1]
  if (kind === undefined) throw new FormatError('unknown evidence kind')
  return {
    kind,
    value: reader.hash(),
    signature: reader.sized(96).slice(),
    header: reader.sized(EVIDENCE_HEADER_BYTES_MAX).slice(),
  }
}

/** Reads one log record; use with `decodeWith`. */
export function readLogRecord(reader: ByteReader): LogRecord {
  const tag = reader.u8()
  switch (tag) {
    case TAGS.birth:
      return {
        kind: 'birth',
        networkId: reader.hash(),
        shard: reader.u16(),
        validator: reader.u16(),
        epoch: reader.u64(),
      }
    case TAGS.batch:
      return {
        kind: 'batch',
        signed: readSignedBatchHeader(reader),
        body: reader.sized(BATCH_BYTES_MAX),
      }
    case TAGS.import:
      return { kind: 'import', bundle: readImportBundle(reader) }
    case TAGS.proposal:
      return { kind: 'proposal', proposal: readProposal(reader) }
    case TAGS.certificate:
      return { kind: 'certificate', certificate: readCertificate(reader) }
    case TAGS.vote:
      return { kind: 'vote', vote: readVote(reader) }
    case TAGS.evidence:
      return {
        kind: 'evidence',
        validator: reader.u16(),
        view: reader.u64(),
        first: readEvidence(reader),
        second: readEvidence(reader),
      }
    default:
      throw new FormatError(`log record tag ${tag}`)
  }
}
