import { HASH_BYTES, hashOfBytes, sha256, ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { bitOf, type KeyBranch } from './key-walk.ts'
import { CELL_TAG, CELL_VALUE_HASH_BYTES } from './cell-leaf.ts'
import type { CellTable } from './cell-table.ts'
import type { Row } from './key-table.ts'
import { KeyTries, type TrieNode } from './key-trie.ts'
import { copyDigest, RowHasher } from './row-hasher.ts'

const HASH_WORDS = 8
const ROW_BYTES = 64
const KEY_BYTES = 32

/** The tree over a shard's cells: one crit-bit trie from the first bit of the key on; zero when there is no cell. */
export class CellTree {
  readonly #cells: CellTable
  readonly #hasher = new RowHasher()
  readonly #tries: KeyTries
  #head: TrieNode = 0
  #linkedCount = 0
  #root: Hash = ZERO_HASH

  constructor(cells: CellTable) {
    this.#cells = cells
    this.#tries = new KeyTries(cells, this.#hasher, 0)
  }

  /** Brings the tree up to date with the table's new and touched rows. */
  update(): void {
    const { touched, touchedCount, count } = this.#cells
    if (touchedCount === 0) return
    this.#tries.beginBlock()
    for (; this.#linkedCount < count; this.#linkedCount++)
      this.#head = this.#tries.insert(this.#head, this.#linkedCount)
    this.#hashLeaves()
    for (let i = 0; i < touchedCount; i++) this.#tries.mark(this.#head, touched[i] ?? 0)
    this.#tries.hashMarked()
    const words = new Uint32Array(HASH_WORDS)
    this.#tries.copyHash(this.#head, words, 0)
    this.#root = hashOfBytes(new Uint8Array(words.buffer, 0, HASH_BYTES))
  }

  root(): Hash {
    return this.#root
  }

  /** The row that a walk by the key's bits ends at, and the branches on the way; null when there is no cell. */
  walk(key: Uint8Array): { readonly row: Row; readonly branches: readonly KeyBranch[] } | null {
    if (this.#head === 0) return null
    const branches: KeyBranch[] = []
    const row = this.#tries.leafTowards(
      this.#head,
      (bit) => bitOf(key, bit),
      ({ bit, sibling }) => branches.push({ bit, sibling: this.#tries.childHashOf(sibling) }),
    )
    return { row, branches }
  }

  #hashLeaves(): void {
    const { touched, touchedCount, keyWords, leafWords } = this.#cells
    const hasher = this.#hasher
    hasher.reserve(touchedCount)
    for (let i = 0; i < touchedCount; i++) {
      const row = touched[i] ?? 0
      const at = i * ROW_BYTES + KEY_BYTES
      copyDigest(hasher.rows, i * 16, keyWords, row * HASH_WORDS)
      const digest = sha256(this.#cells.valueAt(row))
      hasher.bytes.set(digest.subarray(0, CELL_VALUE_HASH_BYTES), at)
      hasher.bytes.set(CELL_TAG, at + CELL_VALUE_HASH_BYTES)
    }
    hasher.run(touchedCount)
    for (let i = 0; i < touchedCount; i++)
      copyDigest(leafWords, (touched[i] ?? 0) * HASH_WORDS, hasher.digests, i * HASH_WORDS)
  }
}
