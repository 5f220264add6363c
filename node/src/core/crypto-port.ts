/**
 * Signatures as the core needs them: synchronous, deterministic, replaceable by a keyed hash in the simulator.
 * Keys are lower-case hexadecimal text as in the committee.
 */
export interface CryptoPort {
  /** BLS12-381 signature (96 bytes, min-pk, proof-of-possession ciphersuite) by this validator's key. */
  signVote(preimage: Uint8Array): Uint8Array
  /** True when `signature` is the aggregate of one signature on `preimage` by each of `blsKeys`; subgroup and identity checked. */
  verifyAggregate(blsKeys: readonly string[], preimage: Uint8Array, signature: Uint8Array): boolean
  /** Sum of signatures that decode; null when one of them is no point of the group. */
  aggregate(signatures: readonly Uint8Array[]): Uint8Array | null
  /** ed25519 signature (64 bytes) by this validator's peer key. */
  signPeer(message: Uint8Array): Uint8Array
  verifyPeer(peerKey: string, message: Uint8Array, signature: Uint8Array): boolean
}
