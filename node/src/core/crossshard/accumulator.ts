import { digest2Bytes32, hashInto } from '@chainsafe/as-sha256'
import { mustHold } from '../errors.ts'
import { bytesOfHash, HASH_BYTES, hashOfBytes, type Hash } from '../primitives/hash.ts'
import { RowDeque } from './row-deque.ts'

/** Levels of hashing between a message leaf and the root. */
export const ACCUMULATOR_DEPTH = 32
/** Most messages that one pair of shards ever exchanges in one direction. */
export const ACCUMULATOR_SIZE_MAX = 2 ** ACCUMULATOR_DEPTH - 1

const ZERO_NODES = zeroNodes()

/** Node over an empty subtree of this height: 32 zero bytes at height 0, SHA-256(zero || zero) above. */
export function zeroNodeOf(height: number): Uint8Array {
  const node = ZERO_NODES[height]
  mustHold(node !== undefined, 'height of the accumulator')
  return node
}

/**
 * Append-only Merkle tree of fixed depth 32 over message hashes, zero-padded. Keeps the full subtrees at and right of the
 * acknowledged boundary and the left frontier, which is all that a range proof above the boundary needs, for the
 * tree of now and for every smaller one of the past: a tree of size n is this one with the leaves from n on taken as zero.
 */
export class Accumulator {
  /** Per height: hashes of full subtrees. */
  readonly #levels: RowDeque[] = []
  #acknowledged: number

  /** Starts at a boundary with the frontier of everything before it (see `frontier`). */
  constructor(acknowledged = 0, frontier: readonly Hash[] = []) {
    this.#acknowledged = acknowledged
    let next = 0
    for (let height = 0; height < ACCUMULATOR_DEPTH; height++) {
      const boundary = acknowledged >>> height
      const level = new RowDeque(HASH_BYTES, evenOf(boundary))
      const hash = boundary & 1 ? frontier[next++] : undefined
      if (hash !== undefined) {
        const offset = level.extend(1)
        level.bytes.set(bytesOfHash(hash), offset)
      }
      mustHold(level.end === boundary, 'frontier fits the boundary')
      this.#levels.push(level)
    }
    mustHold(next === frontier.length, 'frontier fits the boundary')
  }

  get size(): number {
    return this.#levelAt(0).end
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  /** Appends packed leaf hashes. */
  append(leaves: Uint8Array): void {
    const base = this.#levelAt(0)
    const offset = base.extend(leaves.length / HASH_BYTES)
    base.bytes.set(leaves, offset)
    mustHold(base.end <= ACCUMULATOR_SIZE_MAX, 'accumulator is not full')
    for (let height = 1; height < ACCUMULATOR_DEPTH; height++) {
      const below = this.#levelAt(height - 1)
      const level = this.#levelAt(height)
      const end = Math.floor(below.end / 2)
      const from = level.end
      if (end === from) return
      const to = level.extend(end - from)
      const children = below.view(from * 2, end * 2)
      hashInto(children, level.bytes.subarray(to, to + (end - from) * HASH_BYTES))
    }
  }

  /** Moves the boundary up; what only older ranges need is dropped. */
  acknowledge(boundary: number): void {
    mustHold(
      boundary >= this.#acknowledged && boundary <= this.size,
      'acknowledged up to what was sent',
    )
    this.#acknowledged = boundary
    for (let height = 0; height < ACCUMULATOR_DEPTH; height++) {
      this.#levelAt(height).dropBefore(evenOf(boundary >>> height))
    }
  }

  /** Root of the tree of the first `size` leaves; `size` at or above the boundary. */
  rootAt(size: number): Hash {
    return hashOfBytes(this.#nodeAt(ACCUMULATOR_DEPTH, 0, size))
  }

  /** Hashes of the full subtrees that cover exactly the leaves below the boundary, smallest first. */
  frontier(): Hash[] {
    const frontier: Hash[] = []
    for (let height = 0; height < ACCUMULATOR_DEPTH; height++) {
      const boundary = this.#acknowledged >>> height
      if (boundary & 1)
        frontier.push(hashOfBytes(this.#levelAt(height).view(boundary - 1, boundary)))
    }
    return frontier
  }

  /**
   * Siblings that lead from leaves first .. first + count - 1 to the root of the tree of `size` leaves: height by height,
   * left before right; siblings over leaves at or beyond `size` are known to be zero nodes and left out.
   */
  proveRange(first: number, count: number, size: number): Hash[] {
    mustHold(
      first >= this.#acknowledged && count >= 1 && first + count <= size && size <= this.size,
      'range is provable',
    )
    const proof: Hash[] = []
    let from = first
    let to = first + count
    for (let height = 0; height < ACCUMULATOR_DEPTH; height++) {
      if (from % 2 === 1) proof.push(hashOfBytes(this.#nodeAt(height, from - 1, size)))
      if (to % 2 === 1 && to * 2 ** height < size)
        proof.push(hashOfBytes(this.#nodeAt(height, to, size)))
      from = Math.floor(from / 2)
      to = Math.ceil(to / 2)
    }
    return proof
  }

  /** A node of the tree of the first `size` leaves. Only one node of each height is neither full nor empty, so this is at most 32 hashes. */
  #nodeAt(height: number, index: number, size: number): Uint8Array {
    const width = 2 ** height
    if (index * width >= size) return zeroNodeOf(height)
    if (height < ACCUMULATOR_DEPTH && (index + 1) * width <= size)
      return this.#levelAt(height).view(index, index + 1)
    return digest2Bytes32(
      this.#nodeAt(height - 1, index * 2, size),
      this.#nodeAt(height - 1, index * 2 + 1, size),
    )
  }

  #levelAt(height: number): RowDeque {
    const level = this.#levels[height]
    mustHold(level !== undefined, 'height of the accumulator')
    return level
  }
}

function evenOf(index: number): number {
  return index - (index % 2)
}

function zeroNodes(): Uint8Array[] {
  let node: Uint8Array = new Uint8Array(HASH_BYTES)
  const nodes = [node]
  for (let height = 1; height <= ACCUMULATOR_DEPTH; height++) {
    node = digest2Bytes32(node, node)
    nodes.push(node)
  }
  return nodes
}
