import { digest2Bytes32, hashInto } from '@chainsafe/as-sha256'
import { mustHold } from '../errors.ts'
import { bytesOfHash, HASH_BYTES, hashOfBytes, ZERO_HASH, type Hash } from '../primitives/hash.ts'

/**
 * Binary Merkle trees over a short list: leaves padded with zero hashes to a power of two, node = SHA-256(left || right).
 * Levels are packed bytes, leaves first, root last. One leaf is its own root.
 */
function merkleLevelsOf(leaves: Uint8Array): Uint8Array[] {
  mustHold(
    leaves.length >= HASH_BYTES && leaves.length % HASH_BYTES === 0,
    'a Merkle tree has at least one leaf',
  )
  const width = 2 ** Math.ceil(Math.log2(leaves.length / HASH_BYTES))
  let level = new Uint8Array(width * HASH_BYTES)
  level.set(leaves)
  const levels = [level]
  while (level.length > HASH_BYTES) {
    const above = new Uint8Array(level.length / 2)
    hashInto(level, above)
    levels.push(above)
    level = above
  }
  return levels
}

/** Root of packed leaves. */
export function merkleRootOf(leaves: Uint8Array): Hash {
  const levels = merkleLevelsOf(leaves)
  return hashOfBytes(levels[levels.length - 1] ?? leaves)
}

/** Siblings from leaf `index` up to the root. */
export function merklePathOf(leaves: Uint8Array, index: number): Hash[] {
  const levels = merkleLevelsOf(leaves)
  const path: Hash[] = []
  for (let i = 0, at = index; i < levels.length - 1; i++, at >>>= 1) {
    const start = (at ^ 1) * HASH_BYTES
    path.push(hashOfBytes((levels[i] ?? leaves).subarray(start, start + HASH_BYTES)))
  }
  return path
}

/** The root that a leaf, its index and its path lead to; null when the index does not fit the path. */
export function rootOfPath(leaf: Hash, index: number, path: readonly Hash[]): Hash | null {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** path.length) return null
  let node = bytesOfHash(leaf)
  let at = index
  for (const sibling of path) {
    const other = bytesOfHash(sibling)
    node = at & 1 ? digest2Bytes32(other, node) : digest2Bytes32(node, other)
    at >>>= 1
  }
  return hashOfBytes(node)
}

/** Length of a path in a tree over `leaves` leaves. */
export function merkleDepthOf(leaves: number): number {
  return Math.ceil(Math.log2(leaves))
}

/** Packs hashes as bytes. */
export function packHashes(hashes: readonly Hash[]): Uint8Array {
  const packed = new Uint8Array(hashes.length * HASH_BYTES)
  for (const [i, hash] of hashes.entries())
    if (hash !== ZERO_HASH) packed.set(bytesOfHash(hash), i * HASH_BYTES)
  return packed
}
