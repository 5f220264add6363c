import type { ByteReader } from '../primitives/byte-reader.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import { domainHash, type Hash } from '../primitives/hash.ts'
import { FormatError } from '../primitives/byte-reader.ts'
import { readBlockHeader, writeBlockHeader, type BlockHeader } from './block.ts'
import { readCertificate, writeCertificate, type Certificate } from './certificate.ts'
import { OUTBOX_MESSAGE_BYTES } from './outbox-message.ts'

/** Most messages in one bundle: 4,096 x 96 bytes = 384 KiB. */
export const MESSAGES_PER_BUNDLE_MAX = 4096
const PROOF_HASHES_MAX = 64
const PAIR_PATH_MAX = 16

/** The leaf of one pair (source -> destination) under the source's outbox root. */
export interface PairState {
  /** Root of the append-only accumulator over all messages source -> destination. */
  readonly accumulator: Hash
  /** Messages ever sent: the next sequence number of source -> destination. */
  readonly outSequence: number
  /** Messages ever taken from the destination: acknowledges the other direction up to here. */
  readonly inNext: number
  readonly totalOut: number
  readonly totalIn: number
}

/**
 * Messages first .. first + count - 1 of source -> destination, proved to anybody who knows the source's committee:
 * commit certificate -> header -> outbox root -> pair leaf -> accumulator -> messages. Count 0 only acknowledges.
 */
export interface ImportBundle {
  readonly header: BlockHeader
  readonly certificate: Certificate
  readonly destination: number
  readonly pair: PairState
  /** Siblings from the pair's leaf (index = destination) up to the outbox root. */
  readonly pairPath: readonly Hash[]
  readonly first: number
  readonly count: number
  /** count x 96 bytes. */
  readonly messages: Uint8Array
  /** Range proof under the accumulator, in the order in which the checker consumes it. */
  readonly proof: readonly Hash[]
}

export function writePairState(writer: ByteWriter, pair: PairState): void {
  writer
    .hash(pair.accumulator)
    .u64(pair.outSequence)
    .u64(pair.inNext)
    .u64(pair.totalOut)
    .u64(pair.totalIn)
}

export function readPairState(reader: ByteReader): PairState {
  return {
    accumulator: reader.hash(),
    outSequence: reader.u64(),
    inNext: reader.u64(),
    totalOut: reader.u64(),
    totalIn: reader.u64(),
  }
}

function writeContent(writer: ByteWriter, bundle: ImportBundle): void {
  writeBlockHeader(writer, bundle.header)
  writer.u16(bundle.destination)
  writePairState(writer, bundle.pair)
  writer.list(bundle.pairPath, (to, hash) => to.hash(hash))
  writer.u64(bundle.first).u32(bundle.count).raw(bundle.messages)
  writer.list(bundle.proof, (to, hash) => to.hash(hash))
}

export function writeImportBundle(writer: ByteWriter, bundle: ImportBundle): void {
  writeCertificate(writer, bundle.certificate)
  writeContent(writer, bundle)
}

export function readImportBundle(reader: ByteReader): ImportBundle {
  const certificate = readCertificate(reader)
  const header = readBlockHeader(reader)
  const destination = reader.u16()
  const pair = readPairState(reader)
  const pairPath = reader.list(PAIR_PATH_MAX, (from) => from.hash())
  const first = reader.u64()
  const count = reader.u32()
  if (count > MESSAGES_PER_BUNDLE_MAX) throw new FormatError(`bundle of ${count} messages`)
  const messages = reader.raw(count * OUTBOX_MESSAGE_BYTES).slice()
  const proof = reader.list(PROOF_HASHES_MAX, (from) => from.hash())
  return { header, certificate, destination, pair, pairPath, first, count, messages, proof }
}

/** Names the content; the certificate is outside, because honest relayers hold certificates with different signers. */
export function importDigestOf(bundle: ImportBundle): Hash {
  const writer = new ByteWriter(1024 + bundle.messages.length)
  writeContent(writer, bundle)
  return domainHash('shardnet/import/v1', writer.finish())
}

/** Leaf hash of a pair under the outbox root. */
export function pairLeafOf(pair: PairState): Hash {
  const writer = new ByteWriter(80)
  writePairState(writer, pair)
  return domainHash('shardnet/pair/v1', writer.finish())
}
