import { hash } from 'node:crypto'

/** 32 zero bytes: an absent leaf, an empty subtree of the state tree. */
export const ZERO_NODE: Uint8Array = new Uint8Array(32)

/** SHA-256 through OpenSSL, where the node hashes in WebAssembly: the audit shares not even that. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}

const pair = new Uint8Array(64)

/** SHA-256 of two 32-byte nodes side by side. */
export function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left)
  pair.set(right, 32)
  return sha256Of(pair)
}

/** Root of a binary tree over the leaves, padded with zero nodes to a power of two; one leaf is its own root. */
export function rootOfLeaves(leaves: readonly Uint8Array[]): Uint8Array {
  let level = [...leaves]
  while (level.length & (level.length - 1)) level.push(ZERO_NODE)
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let at = 0; at < level.length; at += 2)
      above.push(nodeOf(level[at] ?? ZERO_NODE, level[at + 1] ?? ZERO_NODE))
    level = above
  }
  return level[0] ?? ZERO_NODE
}

/** Root that a leaf and its siblings, lowest first, lead to. */
export function rootOfBranch(
  leaf: Uint8Array,
  index: number,
  siblings: readonly Uint8Array[],
): Uint8Array {
  let node = leaf
  for (const [height, sibling] of siblings.entries()) {
    node = Math.floor(index / 2 ** height) % 2 === 1 ? nodeOf(sibling, node) : nodeOf(node, sibling)
  }
  return node
}
