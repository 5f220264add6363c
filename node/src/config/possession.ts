import blst from '@chainsafe/blst'
import { asciiBytes, bytesOfHex } from '../core/primitives/bytes.ts'
import { ByteWriter } from '../core/primitives/byte-writer.ts'
import type { Hash } from '../core/primitives/hash.ts'
import type { CommitteeMember } from '../core/wire/committee.ts'
import type { Secret } from './secret.ts'

const POSSESSION_DOMAIN = asciiBytes('shardnet/possession/v1')

/** What a possession proof signs: domain, network, both keys. Under another network or peer key it is worth nothing. */
export function possessionPreimage(networkId: Hash, member: CommitteeMember): Uint8Array {
  return new ByteWriter(160)
    .raw(POSSESSION_DOMAIN)
    .hash(networkId)
    .raw(bytesOfHex(member.blsKey))
    .raw(bytesOfHex(member.peerKey))
    .finish()
}

/**
 * Proof that the owner of a seat holds the seat's BLS secret key, without which aggregate signatures can be forged by
 * chosen keys (Ristenpart and Yilek, "The Power of Proofs-of-Possession", 2007). 96 bytes. The binding signs under one
 * ciphersuite tag only, BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_, so the domain in the bytes keeps proofs and votes apart.
 */
export function provePossession(
  networkId: Hash,
  member: CommitteeMember,
  blsSecret: Secret,
): Uint8Array {
  return blst.SecretKey.fromBytes(blsSecret.reveal())
    .sign(possessionPreimage(networkId, member))
    .toBytes()
}

/** True when the proof holds; keys and proofs that are no points of their groups, or zero, do not. */
export function isPossessionProven(
  networkId: Hash,
  member: CommitteeMember,
  proof: Uint8Array,
): boolean {
  try {
    const key = blst.PublicKey.fromBytes(bytesOfHex(member.blsKey), true)
    const signature = blst.Signature.fromBytes(proof, true)
    return blst.verify(possessionPreimage(networkId, member), key, signature)
  } catch {
    // The binding throws on every encoding that is not a point of the group.
    return false
  }
}

/** A seat with the proof that its file gives. */
export interface ClaimedSeat {
  readonly member: CommitteeMember
  readonly proof: Uint8Array
}

/** True when every proof holds; one batched pairing check, several times faster than one by one. */
export function areAllPossessionsProven(networkId: Hash, seats: readonly ClaimedSeat[]): boolean {
  try {
    const sets = seats.map(({ member, proof }) => ({
      msg: possessionPreimage(networkId, member),
      pk: blst.PublicKey.fromBytes(bytesOfHex(member.blsKey), true),
      sig: blst.Signature.fromBytes(proof, true),
    }))
    return blst.verifyMultipleAggregateSignatures(sets)
  } catch {
    // As above: some encoding is not a point of its group.
    return false
  }
}
