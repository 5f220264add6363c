import { digest2Bytes32 } from '@chainsafe/as-sha256'
import { equalBytes } from '../primitives/bytes.ts'
import { bytesOfHash, HASH_BYTES, hashOfBytes, ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { branchHashOf, CHILD_BYTES } from './key-trie.ts'

const KEY_BYTES = 32
const CHILD_PADDING = '00'.repeat(HASH_BYTES - CHILD_BYTES)

/** One step of a proof's walk: a sibling is the first 28 bytes of its hash and 4 zero bytes. */
export interface KeyBranch {
  readonly bit: number
  readonly sibling: Hash
}

/** Where a walk by a key's own bits ended, and what it passed, from the head downwards. */
export interface KeyWalk {
  readonly asked: Uint8Array
  readonly found: Uint8Array
  readonly branches: readonly KeyBranch[]
}

/** True when the walk is by the asked key's bits, which ascend from `firstBit`, and the found key lies at its end. */
export function isWalk({ asked, found, branches }: KeyWalk, firstBit: number): boolean {
  if (asked.length !== KEY_BYTES || found.length !== KEY_BYTES) return false
  let above = firstBit - 1
  for (const { bit, sibling } of branches) {
    if (!sibling.endsWith(CHILD_PADDING)) return false
    if (!Number.isInteger(bit) || bit <= above || bit > 255) return false
    if (bitOf(asked, bit) !== bitOf(found, bit)) return false
    above = bit
  }
  return true
}

/** The head that the leaf at the end of a walk leads to. */
export function headOfWalk(leaf: Uint8Array, { found, branches }: KeyWalk): Uint8Array {
  let node = leaf
  for (const { bit, sibling } of branches.toReversed()) {
    const other = bytesOfHash(sibling)
    node = bitOf(found, bit) === 1 ? branchHashOf(other, node, bit) : branchHashOf(node, other, bit)
  }
  return node
}

/** True when the walk ended at the key that was asked for. */
export function isPresent({ asked, found }: KeyWalk): boolean {
  return equalBytes(asked, found)
}

/** Bit counted from the most significant of the first byte. */
export function bitOf(bytes: Uint8Array, bit: number): number {
  return ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1
}

/** The state root over both trees of a shard; zero when there is neither an account nor a cell. */
export function stateRootOf(accounts: Hash, cells: Hash): Hash {
  if (accounts === ZERO_HASH && cells === ZERO_HASH) return ZERO_HASH
  return hashOfBytes(digest2Bytes32(bytesOfHash(accounts), bytesOfHash(cells)))
}
