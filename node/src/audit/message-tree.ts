import { nodeOf, sha256Of, ZERO_NODE } from './own-hash.ts'

/** Levels above a message's leaf. */
const DEPTH = 32
const HASH_BYTES = 32
const MESSAGE_DOMAIN = Buffer.from('\u0013shardnet/message/v1', 'latin1')

/** Roots of empty subtrees by height: 32 zero bytes, then each the hash of two of the one below. */
const EMPTY: readonly Uint8Array[] = emptySubtrees()

function emptySubtrees(): Uint8Array[] {
  const nodes = [ZERO_NODE]
  for (let height = 0; height < DEPTH; height++) {
    const below = nodes[height] ?? ZERO_NODE
    nodes.push(nodeOf(below, below))
  }
  return nodes
}

/** Leaf of a message: its hash under a domain of its own. */
export function messageLeafOf(message: Uint8Array): Uint8Array {
  return sha256Of(Buffer.concat([MESSAGE_DOMAIN, message]))
}

/**
 * All messages ever sent from one shard to another, as leaves of a tree of depth 32. Keeps every leaf, and one node per
 * height for the root, so appending and the root cost at most 32 hashes.
 */
export class MessageTree {
  #leaves = Buffer.alloc(64 * HASH_BYTES)
  #size = 0
  readonly #lefts: Uint8Array[] = []

  get size(): number {
    return this.#size
  }

  append(leaf: Uint8Array): void {
    const offset = this.#size * HASH_BYTES
    if (offset === this.#leaves.length)
      this.#leaves = Buffer.concat([this.#leaves, Buffer.alloc(offset)])
    this.#leaves.set(leaf, offset)
    let node = leaf
    let height = 0
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      node = nodeOf(this.#lefts[height] ?? ZERO_NODE, node)
      height += 1
    }
    this.#lefts[height] = node
    this.#size += 1
  }

  root(): Uint8Array {
    let node: Uint8Array = ZERO_NODE
    for (let height = 0; height < DEPTH; height++) {
      const hasLeft = Math.floor(this.#size / 2 ** height) % 2 === 1
      node = hasLeft
        ? nodeOf(this.#lefts[height] ?? ZERO_NODE, node)
        : nodeOf(node, EMPTY[height] ?? ZERO_NODE)
    }
    return node
  }

  /** Packed leaves first .. first + count - 1; shorter when fewer were sent. */
  leaves(first: number, count: number): Uint8Array {
    const end = Math.min(first + count, this.#size)
    return this.#leaves.subarray(Math.min(first, end) * HASH_BYTES, end * HASH_BYTES)
  }
}

/**
 * Root of the tree of `size` leaves that follows from the leaves `first`, `first + 1`, … and the siblings: height by height the
 * left one, if any, before the right one; a right one wholly beyond `size` is empty and not listed. Null when the list does not fit.
 */
export function rootOfMessages(
  size: number,
  first: number,
  leaves: readonly Uint8Array[],
  siblings: readonly Uint8Array[],
): Uint8Array | null {
  if (leaves.length === 0 || first + leaves.length > size) return null
  const rest = [...siblings]
  let level = [...leaves]
  let index = first
  for (let height = 0; height < DEPTH; height++) {
    if (index % 2 === 1) {
      const left = rest.shift()
      if (left === undefined) return null
      level.unshift(left)
      index -= 1
    }
    if (level.length % 2 === 1) {
      const isEmpty = (index + level.length) * 2 ** height >= size
      const right = isEmpty ? EMPTY[height] : rest.shift()
      if (right === undefined) return null
      level.push(right)
    }
    const above: Uint8Array[] = []
    for (let at = 0; at < level.length; at += 2)
      above.push(nodeOf(level[at] ?? ZERO_NODE, level[at + 1] ?? ZERO_NODE))
    level = above
    index /= 2
  }
  return rest.length === 0 ? (level[0] ?? null) : null
}
