import type { ByteReader } from '../primitives/byte-reader.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import { domainHash, type Hash } from '../primitives/hash.ts'
import { smallCopyOf } from '../primitives/small-copy.ts'

export const PEER_SIGNATURE_BYTES = 64

/**
 * What an author signs about a batch: its place in the author's gapless sequence and its body.
 * The digest that blocks order is the hash of this header, so a batch is valid or not by its bytes alone.
 */
export interface BatchHeader {
  readonly networkId: Hash
  readonly shard: number
  readonly epoch: number
  readonly author: number
  /** 1, 2, 3, …; blocks name an author's batches only in this order, without a gap. */
  readonly sequence: number
  /** Transactions in the body. */
  readonly count: number
  /** Bytes of the body. */
  readonly length: number
  /** SHA-256 of the body. */
  readonly bodyHash: Hash
}

/** A header with the author's ed25519 signature by its peer key over the digest. */
export interface SignedBatchHeader {
  readonly header: BatchHeader
  readonly signature: Uint8Array
}

const HEADER_BYTES = 92
/** Length of a header with its signature. */
export const SIGNED_BATCH_HEADER_BYTES = HEADER_BYTES + PEER_SIGNATURE_BYTES

export function writeBatchHeader(writer: ByteWriter, header: BatchHeader): void {
  writer
    .hash(header.networkId)
    .u16(header.shard)
    .u64(header.epoch)
    .u16(header.author)
    .u64(header.sequence)
    .u32(header.count)
    .u32(header.length)
    .hash(header.bodyHash)
}

export function readBatchHeader(reader: ByteReader): BatchHeader {
  return {
    networkId: reader.hash(),
    shard: reader.u16(),
    epoch: reader.u64(),
    author: reader.u16(),
    sequence: reader.u64(),
    count: reader.u32(),
    length: reader.u32(),
    bodyHash: reader.hash(),
  }
}

export function writeSignedBatchHeader(writer: ByteWriter, signed: SignedBatchHeader): void {
  writeBatchHeader(writer, signed.header)
  writer.raw(signed.signature)
}

export function readSignedBatchHeader(reader: ByteReader): SignedBatchHeader {
  return {
    header: readBatchHeader(reader),
    signature: smallCopyOf(reader.raw(PEER_SIGNATURE_BYTES)),
  }
}

/** Canonical bytes of a batch header. */
export function encodeBatchHeader(header: BatchHeader): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES)
  writeBatchHeader(writer, header)
  return writer.finish()
}

/** A header does not change, and its digest is asked for by everybody that it reaches. */
const digestOfHeader = new WeakMap<BatchHeader, Hash>()

/** The digest that acknowledgements and blocks name; also the bytes that the author signs. */
export function batchDigestOf(header: BatchHeader): Hash {
  const known = digestOfHeader.get(header)
  if (known !== undefined) return known
  const digest = domainHash('shardnet/batch/v1', encodeBatchHeader(header))
  digestOfHeader.set(header, digest)
  return digest
}
