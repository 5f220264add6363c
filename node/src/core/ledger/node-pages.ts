const HASH_WORDS = 8
/** Nodes of one page. Even, so that siblings, which are neighbours from an even position on, lie in one page. */
const PAGE_NODES = 128
const PAGE_BITS = 7

/** Nodes of a tree at consecutive positions: hashes, and the stamp of the last update that touched each. */
interface Page {
  readonly words: Uint32Array
  readonly stamps: Int32Array
}

/**
 * Hashes of the nodes of a large, mostly empty tree. A page comes into being when something on it is written, so that a ledger with
 * few accounts costs little to make.
 */
export class NodePages {
  readonly #pages: (Page | undefined)[]

  constructor(nodes: number) {
    this.#pages = Array.from({ length: Math.ceil(nodes / PAGE_NODES) })
  }

  /** True once for each position and stamp. */
  stamp(position: number, stamp: number): boolean {
    const { stamps } = this.#pageAt(position)
    const index = position & (PAGE_NODES - 1)
    if (stamps[index] === stamp) return false
    stamps[index] = stamp
    return true
  }

  /** The array that holds the node at a position, for reading and writing, from word `offsetOf(position)` on. */
  wordsAt(position: number): Uint32Array {
    return this.#pageAt(position).words
  }

  offsetOf(position: number): number {
    return (position & (PAGE_NODES - 1)) * HASH_WORDS
  }

  #pageAt(position: number): Page {
    const number = position >> PAGE_BITS
    const known = this.#pages[number]
    if (known !== undefined) return known
    const page = {
      words: new Uint32Array(PAGE_NODES * HASH_WORDS),
      stamps: new Int32Array(PAGE_NODES),
    }
    this.#pages[number] = page
    return page
  }
}
