import { asciiBytes } from '../primitives/bytes.ts'
import { hashOfBytes, sha256, type Hash } from '../primitives/hash.ts'
import type { KeyTable, Row } from './key-table.ts'
import { copyDigest, type RowHasher } from './row-hasher.ts'

const HASH_WORDS = 8
const FIRST_CAPACITY = 256
/** A branch for each bit of a key at most. */
const LEVELS_MAX = 256

/** Bytes of a child's hash that a branch takes in; the rest of its row is the tag and the bit. */
export const CHILD_BYTES = 28
const CHILD_WORDS = CHILD_BYTES / 4
/** Stands where an account's row has "account1", so that the two never meet. */
const BRANCH_TAG = asciiBytes('branch')

/** What stands at a place in a trie: 0 nothing, n > 0 row n - 1, n < 0 branch -n - 1. */
export type TrieNode = number

/**
 * Rows by key as crit-bit tries (one per slot for accounts, one for all cells): a branch names the first bit in which its keys
 * differ, so every branch has two non-empty children and nobody makes paths longer than their own keys are many.
 * branch = SHA-256 of one 64-byte row: first 28 bytes of left, first 28 bytes of right, "branch", bit (u16).
 */
export class KeyTries {
  readonly #rows: KeyTable
  readonly #hasher: RowHasher
  readonly #firstBit: number
  #lefts = new Int32Array(FIRST_CAPACITY)
  #rights = new Int32Array(FIRST_CAPACITY)
  #bits = new Uint8Array(FIRST_CAPACITY)
  #hashes = new Uint32Array(FIRST_CAPACITY * HASH_WORDS)
  #stamps = new Int32Array(FIRST_CAPACITY)
  #stamp = 0
  #count = 0
  /** Branches to hash again, by how many branches lie above them. */
  readonly #dirty: number[][] = []

  /** `firstBit`: all keys of one trie are equal in the bits before it. */
  constructor(rows: KeyTable, hasher: RowHasher, firstBit: number) {
    this.#firstBit = firstBit
    this.#rows = rows
    this.#hasher = hasher
  }

  /** Puts a new row below `head`; returns the new head. */
  insert(head: TrieNode, row: Row): TrieNode {
    if (head === 0) return row + 1
    const nearest = this.leafTowards(head, (bit) => this.#rows.bitOf(row, bit))
    const bit = this.#firstDifference(nearest, row)
    const side = this.#rows.bitOf(row, bit)
    let parent = 0
    let node = head
    while (node < 0 && (this.#bits[-node - 1] ?? 0) < bit) {
      parent = node
      node = this.#childOf(node, row)
    }
    const branch = this.#addBranch(bit, side === 0 ? row + 1 : node, side === 0 ? node : row + 1)
    if (parent === 0) return branch
    const siblings =
      this.#rows.bitOf(row, this.#bits[-parent - 1] ?? 0) === 0 ? this.#lefts : this.#rights
    siblings[-parent - 1] = branch
    return head
  }

  /** The row that a walk from `head` ends at; `bitAt` answers for the key looked for. */
  leafTowards(
    head: TrieNode,
    bitAt: (bit: number) => number,
    onBranch?: (branch: Branch) => void,
  ): Row {
    let node = head
    while (node < 0) {
      const index = -node - 1
      const bit = this.#bits[index] ?? 0
      const isRight = bitAt(bit) === 1
      const next = (isRight ? this.#rights[index] : this.#lefts[index]) ?? 0
      onBranch?.({ bit, sibling: (isRight ? this.#lefts[index] : this.#rights[index]) ?? 0 })
      node = next
    }
    return node - 1
  }

  /** Forgets what was marked. */
  beginBlock(): void {
    this.#stamp += 1
  }

  /** Marks the branches between `head` and the row for hashing. */
  mark(head: TrieNode, row: Row): void {
    let node = head
    for (let depth = 0; node < 0 && depth < LEVELS_MAX; depth++) {
      const index = -node - 1
      if (this.#stamps[index] !== this.#stamp) {
        this.#stamps[index] = this.#stamp
        const list = this.#dirty[depth]
        if (list === undefined) this.#dirty[depth] = [index]
        else list.push(index)
      }
      node = this.#childOf(node, row)
    }
  }

  /** Hashes all marked branches, deepest first; the leaf hashes below them must be up to date. */
  hashMarked(): void {
    for (const list of this.#dirty.toReversed()) {
      if (list.length > 0) this.#hashLevel(list)
      list.length = 0
    }
  }

  /** Copies the hash of a node (not 0) to `to`. */
  copyHash(node: TrieNode, to: Uint32Array, toOffset: number): void {
    if (node > 0) copyDigest(to, toOffset, this.#rows.leafWords, (node - 1) * HASH_WORDS)
    else copyDigest(to, toOffset, this.#hashes, (-node - 1) * HASH_WORDS)
  }

  /** What a branch takes in of a node (not 0), zero-padded to 32 bytes. */
  childHashOf(node: TrieNode): Hash {
    const words = new Uint32Array(HASH_WORDS)
    this.#copyChild(node, words, 0)
    return hashOfBytes(new Uint8Array(words.buffer))
  }

  #hashLevel(branches: readonly number[]): void {
    const hasher = this.#hasher
    hasher.reserve(branches.length)
    for (const [i, index] of branches.entries()) {
      this.#copyChild(this.#lefts[index] ?? 0, hasher.rows, i * 16)
      this.#copyChild(this.#rights[index] ?? 0, hasher.rows, i * 16 + CHILD_WORDS)
      for (let j = 0; j < BRANCH_TAG.length; j++)
        hasher.bytes[i * 64 + 2 * CHILD_BYTES + j] = BRANCH_TAG[j] ?? 0
      hasher.view.setUint16(i * 64 + 62, this.#bits[index] ?? 0)
    }
    hasher.run(branches.length)
    for (const [i, index] of branches.entries())
      copyDigest(this.#hashes, index * HASH_WORDS, hasher.digests, i * HASH_WORDS)
  }

  #copyChild(node: TrieNode, to: Uint32Array, toOffset: number): void {
    const from = node > 0 ? this.#rows.leafWords : this.#hashes
    const offset = (node > 0 ? node - 1 : -node - 1) * HASH_WORDS
    for (let j = 0; j < CHILD_WORDS; j++) to[toOffset + j] = from[offset + j] ?? 0
  }

  #childOf(node: TrieNode, row: Row): TrieNode {
    const index = -node - 1
    const children =
      this.#rows.bitOf(row, this.#bits[index] ?? 0) === 0 ? this.#lefts : this.#rights
    return children[index] ?? 0
  }

  #firstDifference(a: Row, b: Row): number {
    let bit = this.#firstBit
    while (this.#rows.bitOf(a, bit) === this.#rows.bitOf(b, bit)) bit += 1
    return bit
  }

  #addBranch(bit: number, left: TrieNode, right: TrieNode): TrieNode {
    const index = this.#count
    if (index === this.#bits.length) this.#grow()
    this.#lefts[index] = left
    this.#rights[index] = right
    this.#bits[index] = bit
    this.#count = index + 1
    return -index - 1
  }

  #grow(): void {
    const capacity = this.#bits.length * 2
    const [lefts, rights, bits] = [this.#lefts, this.#rights, this.#bits]
    const [hashes, stamps] = [this.#hashes, this.#stamps]
    this.#lefts = new Int32Array(capacity)
    this.#lefts.set(lefts)
    this.#rights = new Int32Array(capacity)
    this.#rights.set(rights)
    this.#bits = new Uint8Array(capacity)
    this.#bits.set(bits)
    this.#hashes = new Uint32Array(capacity * HASH_WORDS)
    this.#hashes.set(hashes)
    this.#stamps = new Int32Array(capacity)
    this.#stamps.set(stamps)
  }
}

/** One step of a walk: the bit decided on, and the node on the other side. */
export interface Branch {
  readonly bit: number
  readonly sibling: TrieNode
}

/** The hash of a branch over its children's. */
export function branchHashOf(left: Uint8Array, right: Uint8Array, bit: number): Uint8Array {
  const row = new Uint8Array(64)
  row.set(left.subarray(0, CHILD_BYTES))
  row.set(right.subarray(0, CHILD_BYTES), CHILD_BYTES)
  row.set(BRANCH_TAG, 2 * CHILD_BYTES)
  row[63] = bit
  return sha256(row)
}
