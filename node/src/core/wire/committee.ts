import { mustHold } from '../errors.ts'
import { bytesOfHex } from '../primitives/bytes.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import { domainHash, type Hash } from '../primitives/hash.ts'

/** One seat: the keys that a validator votes and speaks with, as lower-case hexadecimal text. */
export interface CommitteeMember {
  /** BLS12-381 public key, 48 bytes compressed. */
  readonly blsKey: string
  /** ed25519 public key, 32 bytes: signs proposals and batch headers, and is the peer identity. */
  readonly peerKey: string
}

/** The validators of one shard in one epoch, in the order that votes and bitmaps use. */
export interface Committee {
  readonly shard: number
  readonly epoch: number
  readonly members: readonly CommitteeMember[]
}

/** f: members that may be faulty. */
export function faultyMaxOf(size: number): number {
  return Math.floor((size - 1) / 3)
}

/** n - f: any two such sets share an honest member, and the honest alone make one. Not 2f + 1, which is too small at n = 5 and 6. */
export function quorumOf(size: number): number {
  mustHold(size >= 1, 'a committee has at least one member')
  return size - faultyMaxOf(size)
}

const hashOfCommittee = new WeakMap<Committee, Hash>()

/** Binds a signature to exactly this committee. */
export function committeeHashOf(committee: Committee): Hash {
  const known = hashOfCommittee.get(committee)
  if (known !== undefined) return known
  const writer = new ByteWriter(32 + 80 * committee.members.length)
  writer.u16(committee.shard).u64(committee.epoch).u16(committee.members.length)
  for (const member of committee.members)
    writer.raw(bytesOfHex(member.blsKey)).raw(bytesOfHex(member.peerKey))
  const hash = domainHash('shardnet/committee/v1', writer.finish())
  hashOfCommittee.set(committee, hash)
  return hash
}

/** Slots of the 65,536 that a shard owns at genesis: first <= slot < end, from owner[slot] = floor(slot x shards / 65,536). */
export function slotRangeOf(
  shard: number,
  shards: number,
): { readonly first: number; readonly end: number } {
  return {
    first: Math.ceil((shard * SLOTS) / shards),
    end: Math.ceil(((shard + 1) * SLOTS) / shards),
  }
}

const SLOTS = 65_536

/** The shard that owns a slot at genesis. */
export function ownerOfSlot(slot: number, shards: number): number {
  return Math.floor((slot * shards) / SLOTS)
}

/** The validator whose turn a view is. */
export function proposerOf(view: number, size: number): number {
  return view % size
}
