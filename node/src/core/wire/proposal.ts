import type { ByteReader } from '../primitives/byte-reader.ts'
import type { ByteWriter } from '../primitives/byte-writer.ts'
import { smallCopyOf } from '../primitives/small-copy.ts'
import {
  readBlockBody,
  readBlockHeader,
  writeBlockBody,
  writeBlockHeader,
  type BlockBody,
  type BlockHeader,
} from './block.ts'
import { PEER_SIGNATURE_BYTES } from './batch.ts'
import { readCertificate, writeCertificate, type Certificate } from './certificate.ts'

/** Skip certificates that a proposal carries; older ones are fetched by view range. */
export const SKIPS_PER_PROPOSAL_MAX = 16

/** A block with what justifies it. The proposer's ed25519 signature (peer key) is over the block hash. */
export interface Proposal {
  readonly header: BlockHeader
  readonly body: BlockBody
  /** A prepare or commit certificate of the parent; null exactly when the parent is the genesis block. */
  readonly parentCertificate: Certificate | null
  /** The newest skip certificates of the views between the parent's and this one, ascending. */
  readonly skipCertificates: readonly Certificate[]
  /** The commit certificate of header.lastCommitted; null exactly when that is the genesis block. */
  readonly commitCertificate: Certificate | null
  readonly signature: Uint8Array
}

export function writeProposal(writer: ByteWriter, proposal: Proposal): void {
  writeBlockHeader(writer, proposal.header)
  writeBlockBody(writer, proposal.body)
  writer.optional(proposal.parentCertificate, writeCertificate)
  writer.list(proposal.skipCertificates, writeCertificate)
  writer.optional(proposal.commitCertificate, writeCertificate)
  writer.raw(proposal.signature)
}

export function readProposal(reader: ByteReader): Proposal {
  return {
    header: readBlockHeader(reader),
    body: readBlockBody(reader),
    parentCertificate: reader.optional(readCertificate),
    skipCertificates: reader.list(SKIPS_PER_PROPOSAL_MAX, readCertificate),
    commitCertificate: reader.optional(readCertificate),
    signature: smallCopyOf(reader.raw(PEER_SIGNATURE_BYTES)),
  }
}
