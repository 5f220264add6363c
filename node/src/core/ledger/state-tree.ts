import { HASH_BYTES, hashOfBytes, type Hash } from '../primitives/hash.ts'
import { slotRangeOf } from '../wire/committee.ts'
import { ACCOUNT_TAG } from './account-leaf.ts'
import type { AccountRow, AccountTable } from './account-table.ts'
import { copyDigest, RowHasher } from './row-hasher.ts'
import { KeyTries, type TrieNode } from './key-trie.ts'
import { NodePages } from './node-pages.ts'

/** Levels above the slots: 2^16 slots are the leaves of the dense part. */
export const SLOT_DEPTH = 16
const HASH_WORDS = 8
const [TAG_HIGH, TAG_LOW] = tagWords()

/**
 * The sparse Merkle tree over a shard's accounts. Nodes at depth 16 stand for slots: zero when empty, else the head of the
 * slot's trie. Above them node = SHA-256(left || right), or zero when both are. Only the part above the shard's own slots
 * is stored. Changed paths are hashed level by level, all nodes of a level in one go.
 */
export class StateTree {
  readonly #accounts: AccountTable
  readonly #hasher = new RowHasher()
  readonly #tries: KeyTries
  readonly #slotFirst: number
  readonly #heads: Int32Array
  /** Per depth: index of the first stored node (even, so that siblings are neighbours) and where it lies in `#nodes`. */
  readonly #firsts: number[] = []
  readonly #starts: number[] = []
  readonly #nodes: NodePages
  #stamp = 0
  #linkedCount = 0
  #marked = new Int32Array(64)

  constructor(shard: number, shards: number, accounts: AccountTable) {
    const slots = slotRangeOf(shard, shards)
    this.#accounts = accounts
    this.#tries = new KeyTries(accounts, this.#hasher, SLOT_DEPTH)
    this.#slotFirst = slots.first
    this.#heads = new Int32Array(slots.end - slots.first)
    let total = 0
    for (let depth = 0; depth <= SLOT_DEPTH; depth++) {
      const shift = SLOT_DEPTH - depth
      const first = (slots.first >> shift) & ~1
      this.#firsts.push(first)
      this.#starts.push(total)
      total += (((slots.end - 1) >> shift) | 1) - first + 1
    }
    this.#nodes = new NodePages(total)
  }

  /** Brings the tree up to date with the table's new and touched rows. */
  update(): void {
    this.#stamp += 1
    this.#tries.beginBlock()
    this.#linkNewRows()
    this.#hashLeaves()
    let count = this.#markSlots()
    for (let depth = SLOT_DEPTH - 1; depth >= 0; depth--) count = this.#hashDense(depth, count)
  }

  root(): Hash {
    return this.#nodeAt(0, 0)
  }

  /** Siblings of a slot from depth 16 up to depth 1. */
  slotPath(slot: number): Hash[] {
    const path: Hash[] = []
    for (let depth = SLOT_DEPTH; depth > 0; depth--)
      path.push(this.#nodeAt(depth, (slot >> (SLOT_DEPTH - depth)) ^ 1))
    return path
  }

  /** What stands at a slot of this shard. */
  headOf(slot: number): TrieNode {
    return this.#heads[slot - this.#slotFirst] ?? 0
  }

  get tries(): KeyTries {
    return this.#tries
  }

  #nodeAt(depth: number, index: number): Hash {
    const position = (this.#starts[depth] ?? 0) + index - (this.#firsts[depth] ?? 0)
    const offset = this.#nodes.offsetOf(position)
    const words = this.#nodes.wordsAt(position).subarray(offset, offset + HASH_WORDS)
    return hashOfBytes(new Uint8Array(words.buffer, words.byteOffset, HASH_BYTES))
  }

  #linkNewRows(): void {
    for (; this.#linkedCount < this.#accounts.count; this.#linkedCount++) {
      const slot = this.#accounts.slotOf(this.#linkedCount) - this.#slotFirst
      this.#heads[slot] = this.#tries.insert(this.#heads[slot] ?? 0, this.#linkedCount)
    }
  }

  #hashLeaves(): void {
    const accounts = this.#accounts
    const hasher = this.#hasher
    const count = accounts.touchedCount
    hasher.reserve(count)
    for (let i = 0; i < count; i++) this.#writeLeafRow(i, accounts.touched[i] ?? 0)
    hasher.run(count)
    for (let i = 0; i < count; i++) {
      copyDigest(
        accounts.leafWords,
        (accounts.touched[i] ?? 0) * HASH_WORDS,
        hasher.digests,
        i * HASH_WORDS,
      )
    }
  }

  #writeLeafRow(i: number, row: AccountRow): void {
    const { view, rows } = this.#hasher
    const accounts = this.#accounts
    copyDigest(rows, i * 16, accounts.keyWords, row * HASH_WORDS)
    const balance = accounts.balances[row] ?? 0
    const base = accounts.nonceBases[row] ?? 0
    const offset = i * 64
    view.setUint32(offset + 32, balance / 0x1_0000_0000)
    view.setUint32(offset + 36, balance % 0x1_0000_0000)
    view.setUint32(offset + 40, base / 0x1_0000_0000)
    view.setUint32(offset + 44, base % 0x1_0000_0000)
    view.setUint32(offset + 48, accounts.nonceHighs[row] ?? 0)
    view.setUint32(offset + 52, accounts.nonceLows[row] ?? 0)
    view.setUint32(offset + 56, TAG_HIGH)
    view.setUint32(offset + 60, TAG_LOW)
  }

  /** Writes the touched slots' hashes; returns how many slots were marked. */
  #markSlots(): number {
    const accounts = this.#accounts
    const start = (this.#starts[SLOT_DEPTH] ?? 0) - (this.#firsts[SLOT_DEPTH] ?? 0)
    if (this.#marked.length < accounts.touchedCount)
      this.#marked = new Int32Array(accounts.touched.length)
    let count = 0
    let branches = false
    for (let i = 0; i < accounts.touchedCount; i++) {
      const row = accounts.touched[i] ?? 0
      const slot = accounts.slotOf(row)
      const head = this.headOf(slot)
      if (head < 0) {
        this.#tries.mark(head, row)
        branches = true
      }
      if (!this.#nodes.stamp(start + slot, this.#stamp)) continue
      this.#marked[count++] = slot
    }
    if (branches) this.#tries.hashMarked()
    for (let i = 0; i < count; i++) {
      const slot = this.#marked[i] ?? 0
      const nodes = this.#nodes.wordsAt(start + slot)
      this.#tries.copyHash(this.headOf(slot), nodes, this.#nodes.offsetOf(start + slot))
    }
    return count
  }

  /** Hashes the parents, at `depth`, of the `count` marked nodes below; they become the marked ones. */
  #hashDense(depth: number, count: number): number {
    const own = (this.#starts[depth] ?? 0) - (this.#firsts[depth] ?? 0)
    const below = (this.#starts[depth + 1] ?? 0) - (this.#firsts[depth + 1] ?? 0)
    const hasher = this.#hasher
    const pages = this.#nodes
    hasher.reserve(count)
    let parents = 0
    for (let i = 0; i < count; i++) {
      const parent = (this.#marked[i] ?? 0) >> 1
      if (!pages.stamp(own + parent, this.#stamp)) continue
      this.#marked[parents] = parent
      const nodes = pages.wordsAt(below + parent * 2)
      const children = pages.offsetOf(below + parent * 2)
      copyDigest(hasher.rows, parents * 16, nodes, children)
      copyDigest(hasher.rows, parents * 16 + HASH_WORDS, nodes, children + HASH_WORDS)
      parents += 1
    }
    hasher.run(parents)
    for (let i = 0; i < parents; i++) {
      const position = own + (this.#marked[i] ?? 0)
      copyDigest(pages.wordsAt(position), pages.offsetOf(position), hasher.digests, i * HASH_WORDS)
    }
    return parents
  }
}

function tagWords(): readonly [number, number] {
  const view = new DataView(ACCOUNT_TAG.buffer)
  return [view.getUint32(0), view.getUint32(4)]
}
