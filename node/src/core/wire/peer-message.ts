import { FormatError, type ByteReader } from '../primitives/byte-reader.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import type { Hash } from '../primitives/hash.ts'
import { smallCopyOf } from '../primitives/small-copy.ts'
import {
  readSignedBatchHeader,
  SIGNED_BATCH_HEADER_BYTES,
  writeSignedBatchHeader,
  type SignedBatchHeader,
} from './batch.ts'
import {
  BLS_SIGNATURE_BYTES,
  readCertificate,
  readVoteKind,
  writeCertificate,
  writeVoteKind,
  type Certificate,
  type VoteKind,
} from './certificate.ts'
import { readImportBundle, writeImportBundle, type ImportBundle } from './import-bundle.ts'
import { readProposal, writeProposal, type Proposal } from './proposal.ts'

/** Largest batch body; genesis may set less. */
export const BATCH_BYTES_MAX = 1_048_576
/** Largest frame between peers: a batch with its header, or a range of blocks. */
export const FRAME_BYTES_MAX = 2_097_152
export const BLOCKS_PER_REPLY_MAX = 256
export const CERTIFICATES_PER_REPLY_MAX = 1024

/** One validator's signed vote. `executedHeight` is a hint outside the signature. */
export interface Vote {
  readonly kind: VoteKind
  readonly view: number
  readonly value: Hash
  readonly signature: Uint8Array
  readonly executedHeight: number
}

/** Everything that validators say to each other. The channel says who speaks; nothing in here does. */
export type PeerMessage =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | { readonly kind: 'batch'; readonly signed: SignedBatchHeader; readonly body: Uint8Array }
  | {
      readonly kind: 'batchAck'
      readonly author: number
      readonly sequence: number
      readonly digest: Hash
    }
  | { readonly kind: 'import'; readonly bundle: ImportBundle }
  | {
      readonly kind: 'importAck'
      readonly source: number
      readonly first: number
      readonly digest: Hash
    }
  | { readonly kind: 'fetchBatch'; readonly digest: Hash }
  | { readonly kind: 'fetchImport'; readonly digest: Hash }
  | { readonly kind: 'fetchProposal'; readonly hash: Hash }
  /** Asks for the certificates of views first .. last. */
  | { readonly kind: 'fetchCertificates'; readonly first: number; readonly last: number }
  | { readonly kind: 'certificates'; readonly certificates: readonly Certificate[] }
  /** Asks for committed blocks from a height on. */
  | { readonly kind: 'fetchBlocks'; readonly fromHeight: number }
  /** Consecutive committed blocks, the last with its own commit certificate. */
  | {
      readonly kind: 'blocks'
      readonly proposals: readonly Proposal[]
      readonly certificate: Certificate
    }

const TAGS = {
  proposal: 1,
  vote: 2,
  certificate: 3,
  batch: 4,
  batchAck: 5,
  import: 6,
  importAck: 7,
  fetchBatch: 8,
  fetchImport: 9,
  fetchProposal: 10,
  fetchCertificates: 11,
  certificates: 12,
  fetchBlocks: 13,
  blocks: 14,
} as const satisfies Record<PeerMessage['kind'], number>

const PEER_FORMAT_VERSION = 1

/** Bytes of a peer message: format version, tag, fields. */
export function encodePeerMessage(message: PeerMessage): Uint8Array {
  const writer = new ByteWriter(capacityFor(message))
  writer.u8(PEER_FORMAT_VERSION).u8(TAGS[message.kind])
  writeFields(writer, message)
  return writer.finish()
}

/** Exact for batches, which are large: they are then written once and not copied. */
function capacityFor(message: PeerMessage): number {
  if (message.kind !== 'batch') return 512
  return 2 + SIGNED_BATCH_HEADER_BYTES + 4 + message.body.length
}

function writeFields(writer: ByteWriter, message: PeerMessage): void {
  switch (message.kind) {
    case 'proposal':
      return writeProposal(writer, message.proposal)
    case 'vote':
      return writeVote(writer, message.vote)
    case 'certificate':
      return writeCertificate(writer, message.certificate)
    case 'batch':
      writeSignedBatchHeader(writer, message.signed)
      return void writer.sized(message.body)
    case 'batchAck':
      return void writer.u16(message.author).u64(message.sequence).hash(message.digest)
    case 'import':
      return writeImportBundle(writer, message.bundle)
    case 'importAck':
      return void writer.u16(message.source).u64(message.first).hash(message.digest)
    case 'fetchBatch':
    case 'fetchImport':
      return void writer.hash(message.digest)
    case 'fetchProposal':
      return void writer.hash(message.hash)
    case 'fetchCertificates':
      return void writer.u64(message.first).u64(message.last)
    case 'certificates':
      return void writer.list(message.certificates, writeCertificate)
    case 'fetchBlocks':
      return void writer.u64(message.fromHeight)
    case 'blocks':
      writer.list(message.proposals, writeProposal)
      return writeCertificate(writer, message.certificate)
  }
}

export function writeVote(writer: ByteWriter, vote: Vote): void {
  writeVoteKind(writer, vote.kind)
  writer.u64(vote.view).hash(vote.value).raw(vote.signature).u64(vote.executedHeight)
}

export function readVote(reader: ByteReader): Vote {
  return {
    kind: readVoteKind(reader),
    view: reader.u64(),
    value: reader.hash(),
    signature: smallCopyOf(reader.raw(BLS_SIGNATURE_BYTES)),
    executedHeight: reader.u64(),
  }
}

type MessageReader = (reader: ByteReader) => PeerMessage

const READERS = new Map<number, MessageReader>([
  [TAGS.proposal, (from) => ({ kind: 'proposal', proposal: readProposal(from) })],
  [TAGS.vote, (from) => ({ kind: 'vote', vote: readVote(from) })],
  [TAGS.certificate, (from) => ({ kind: 'certificate', certificate: readCertificate(from) })],
  [
    TAGS.batch,
    (from) => ({
      kind: 'batch',
      signed: readSignedBatchHeader(from),
      body: from.sized(BATCH_BYTES_MAX),
    }),
  ],
  [
    TAGS.batchAck,
    (from) => ({ kind: 'batchAck', author: from.u16(), sequence: from.u64(), digest: from.hash() }),
  ],
  [TAGS.import, (from) => ({ kind: 'import', bundle: readImportBundle(from) })],
  [
    TAGS.importAck,
    (from) => ({ kind: 'importAck', source: from.u16(), first: from.u64(), digest: from.hash() }),
  ],
  [TAGS.fetchBatch, (from) => ({ kind: 'fetchBatch', digest: from.hash() })],
  [TAGS.fetchImport, (from) => ({ kind: 'fetchImport', digest: from.hash() })],
  [TAGS.fetchProposal, (from) => ({ kind: 'fetchProposal', hash: from.hash() })],
  [
    TAGS.fetchCertificates,
    (from) => ({ kind: 'fetchCertificates', first: from.u64(), last: from.u64() }),
  ],
  [
    TAGS.certificates,
    (from) => ({
      kind: 'certificates',
      certificates: from.list(CERTIFICATES_PER_REPLY_MAX, readCertificate),
    }),
  ],
  [TAGS.fetchBlocks, (from) => ({ kind: 'fetchBlocks', fromHeight: from.u64() })],
  [
    TAGS.blocks,
    (from) => ({
      kind: 'blocks',
      proposals: from.list(BLOCKS_PER_REPLY_MAX, readProposal),
      certificate: readCertificate(from),
    }),
  ],
])

/** Reads one peer message; use with `decodeWith`. */
export function readPeerMessage(reader: ByteReader): PeerMessage {
  const version = reader.u8()
  if (version !== PEER_FORMAT_VERSION) throw new FormatError(`peer format version ${version}`)
  const tag = reader.u8()
  const read = READERS.get(tag)
  if (read === undefined) throw new FormatError(`peer message tag ${tag}`)
  return read(reader)
}
