import { must } from '../core/errors.ts'
import { sha256Of, ZERO_NODE } from './own-hash.ts'
import { kinds, transactionLayout } from './transaction-form.ts'

/** What bringing a cell into being costs at least, and how many a shard may have: once more, from docs/protocol.md. */
const CREATION_FEE = 100n
const CELLS_MAX = 65_536
const VALUE_HASH_BYTES = 28
const CHILD_BYTES = 28
const CELL_TAG = Buffer.from('cell', 'latin1')
const BRANCH_TAG = Buffer.from('branch', 'latin1')

/** A cell or a branch over two subtrees; null is a hash that is out of date. */
type Node = Leaf | Fork
interface Leaf {
  readonly kind: 'leaf'
  readonly key: Buffer
  value: Buffer
  hash: Uint8Array | null
}
interface Fork {
  readonly kind: 'fork'
  readonly bit: number
  left: Node
  right: Node
  hash: Uint8Array | null
}

/** What a cell transaction came to. */
export interface CellEffect {
  readonly result: 'OK' | 'INSUFFICIENT' | 'CAS_MISMATCH' | 'BUSY'
  /** What a get read; null for everything else. */
  readonly read: Buffer | null
}

/**
 * A shard's cells in the audit's own execution, as a binary tree of objects. Leaf: SHA-256(key, 28 bytes of the value's SHA-256,
 * "cell"); branch over the first bit in which the keys below differ: SHA-256(28 bytes of left, 28 of right, "branch", bit u16).
 */
export class ReplayCells {
  readonly #leaves = new Map<string, Leaf>()
  #top: Node | null = null

  get count(): number {
    return this.#leaves.size
  }

  /** Executes one put, compareAndSet or get whose payer paid `feePaid`. */
  execute(transaction: Buffer, feePaid: bigint): CellEffect {
    const { cellKey, cellKeyBytes, expectedLength, valueLength, kind } = transactionLayout
    const key = transaction.subarray(cellKey, cellKey + cellKeyBytes)
    const cell = this.#leaves.get(key.toString('latin1'))
    const current = cell?.value ?? Buffer.alloc(0)
    const tag = transaction.readUInt8(kind)
    if (tag === kinds.get) return { result: 'OK', read: current }
    const middle = cellKey + cellKeyBytes + transaction.readUInt8(expectedLength)
    const expected = transaction.subarray(cellKey + cellKeyBytes, middle)
    const value = Buffer.from(
      transaction.subarray(middle, middle + transaction.readUInt8(valueLength)),
    )
    if (tag === kinds.compareAndSet && !expected.equals(current))
      return { result: 'CAS_MISMATCH', read: null }
    if (cell === undefined && feePaid < CREATION_FEE) return { result: 'INSUFFICIENT', read: null }
    if (cell === undefined && this.count >= CELLS_MAX) return { result: 'BUSY', read: null }
    this.#write(Buffer.from(key), value)
    return { result: 'OK', read: null }
  }

  root(): Uint8Array {
    return this.#top === null ? ZERO_NODE : hashOf(this.#top)
  }

  #write(key: Buffer, value: Buffer): void {
    const name = key.toString('latin1')
    const known = this.#leaves.get(name)
    if (known === undefined) {
      const leaf: Leaf = { kind: 'leaf', key, value, hash: null }
      this.#leaves.set(name, leaf)
      this.#top = this.#top === null ? leaf : inserted(this.#top, leaf)
      return
    }
    known.value = value
    let node: Node = must(this.#top, 'a known cell is below the top')
    while (node.kind === 'fork') {
      node.hash = null
      node = bitAt(key, node.bit) === 1 ? node.right : node.left
    }
    known.hash = null
  }
}

/** The tree with a new leaf: a fork goes where the leaf first differs from all that lies below. */
function inserted(node: Node, leaf: Leaf): Node {
  const bit = firstDifference(someKeyOf(node), leaf.key)
  if (node.kind === 'leaf' || bit < node.bit) {
    return bitAt(leaf.key, bit) === 1
      ? { kind: 'fork', bit, left: node, right: leaf, hash: null }
      : { kind: 'fork', bit, left: leaf, right: node, hash: null }
  }
  node.hash = null
  if (bitAt(leaf.key, node.bit) === 1) node.right = inserted(node.right, leaf)
  else node.left = inserted(node.left, leaf)
  return node
}

/** All keys below a fork are equal up to its bit, so any of them tells where a new one leaves them, down to that bit. */
function someKeyOf(node: Node): Buffer {
  return node.kind === 'leaf' ? node.key : someKeyOf(node.left)
}

function firstDifference(a: Buffer, b: Buffer): number {
  let bit = 0
  while (bitAt(a, bit) === bitAt(b, bit)) bit += 1
  return bit
}

function hashOf(node: Node): Uint8Array {
  node.hash ??= node.kind === 'leaf' ? leafHash(node) : forkHash(node)
  return node.hash
}

function leafHash({ key, value }: Leaf): Uint8Array {
  return sha256Of(Buffer.concat([key, sha256Of(value).subarray(0, VALUE_HASH_BYTES), CELL_TAG]))
}

function forkHash({ bit, left, right }: Fork): Uint8Array {
  const children = [left, right].map((child) => hashOf(child).subarray(0, CHILD_BYTES))
  return sha256Of(Buffer.concat([...children, BRANCH_TAG, Buffer.from([bit >> 8, bit & 0xff])]))
}

function bitAt(key: Buffer, bit: number): number {
  return ((key[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1
}
