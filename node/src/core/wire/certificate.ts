import { FormatError, type ByteReader } from '../primitives/byte-reader.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import { asciiBytes } from '../primitives/bytes.ts'
import { bytesOfHash, domainHash, ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { smallCopyOf } from '../primitives/small-copy.ts'

/** The three votes; a certificate of each kind is a quorum of them on one value in one view. */
export type VoteKind = 'prepare' | 'commit' | 'skip'

export const BLS_SIGNATURE_BYTES = 96
export const BLS_KEY_BYTES = 48
const COMMITTEE_SIZE_MAX = 1024

const VOTE_KINDS: readonly VoteKind[] = ['prepare', 'commit', 'skip']

/** What every signature of a committee is bound to, as one hash: network, shard, epoch and the committee itself. */
export function contextHashOf(
  networkId: Hash,
  shard: number,
  epoch: number,
  committeeHash: Hash,
): Hash {
  const writer = new ByteWriter(80)
  writer.hash(networkId).u16(shard).u64(epoch).hash(committeeHash)
  return domainHash('shardnet/context/v1', writer.finish())
}

const VOTE_DOMAIN = asciiBytes('shardnet/vote/v1')

interface VoteBytes {
  readonly context: Hash
  readonly kind: VoteKind
  readonly view: number
  readonly value: Hash
  readonly bytes: Uint8Array
}

/** Whoever votes checks the certificate of the same votes soon after, so the last few are kept. */
const recentVoteBytes: VoteBytes[] = []
const RECENT_VOTE_BYTES = 16
let oldestVoteBytes = 0

/** The bytes that a vote's BLS signature is over: domain, kind, context, view, value (zero for SKIP). To be read only. */
export function votePreimage(context: Hash, kind: VoteKind, view: number, value: Hash): Uint8Array {
  for (const known of recentVoteBytes)
    if (
      known.view === view &&
      known.kind === kind &&
      known.value === value &&
      known.context === context
    )
      return known.bytes
  const bytes = new ByteWriter(96)
    .raw(VOTE_DOMAIN)
    .u8(VOTE_KINDS.indexOf(kind) + 1)
    .raw(bytesOfHash(context))
    .u64(view)
    .hash(value)
    .finish()
  recentVoteBytes[oldestVoteBytes] = { context, kind, view, value, bytes }
  oldestVoteBytes = (oldestVoteBytes + 1) % RECENT_VOTE_BYTES
  return bytes
}

/** n - f or more votes of one kind on one value in one view, as one BLS signature and the set of its signers. */
export interface Certificate {
  readonly kind: VoteKind
  readonly view: number
  /** Block hash; ZERO_HASH for a skip certificate. */
  readonly value: Hash
  /** Bit i (byte i >> 3, bit i & 7) is validator i. Length ceil(n / 8), no bit at or beyond n. */
  readonly signers: Uint8Array
  readonly signature: Uint8Array
}

export function writeVoteKind(writer: ByteWriter, kind: VoteKind): void {
  writer.u8(VOTE_KINDS.indexOf(kind) + 1)
}

export function readVoteKind(reader: ByteReader): VoteKind {
  const kind = VOTE_KINDS[reader.u8() - 1]
  if (kind === undefined) throw new FormatError('unknown vote kind')
  return kind
}

export function writeCertificate(writer: ByteWriter, certificate: Certificate): void {
  writeVoteKind(writer, certificate.kind)
  writer.u64(certificate.view).hash(certificate.value).u16(certificate.signers.length)
  writer.raw(certificate.signers).raw(certificate.signature)
}

export function readCertificate(reader: ByteReader): Certificate {
  const kind = readVoteKind(reader)
  const view = reader.u64()
  const value = reader.hash()
  const bitmapLength = reader.u16()
  if (bitmapLength > COMMITTEE_SIZE_MAX / 8) throw new FormatError('signer bitmap too long')
  if ((kind === 'skip') !== (value === ZERO_HASH))
    throw new FormatError('only a skip certificate has no value')
  return {
    kind,
    view,
    value,
    signers: smallCopyOf(reader.raw(bitmapLength)),
    signature: smallCopyOf(reader.raw(BLS_SIGNATURE_BYTES)),
  }
}

/** Indices of the signers in ascending order. */
export function signersOf(bitmap: Uint8Array): number[] {
  const signers: number[] = []
  for (let i = 0; i < bitmap.length * 8; i++)
    if (((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1) signers.push(i)
  return signers
}

/** The bitmap of the given signers in a committee of `size`. */
export function bitmapOf(signers: Iterable<number>, size: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(size / 8))
  for (const signer of signers)
    bitmap[signer >> 3] = (bitmap[signer >> 3] ?? 0) | (1 << (signer & 7))
  return bitmap
}
