/** Where a transaction was executed: the block's height and what became of it. */
export interface TransactionPlace {
  readonly height: number
  readonly batch: number
  readonly position: number
  readonly result: number
}

/** Two slots may hold a tag: its hash picks the first, linear probing the rest. */
const PROBES_MAX = 8

/**
 * Results of the latest transactions by tag, in a fixed amount of memory: 24 bytes a slot, the oldest are overwritten.
 * The first result of a tag with an effect stands; a later STALE never replaces it.
 */
export class TransactionIndex {
  readonly #mask: number
  /** Per slot: tag high, tag low, height, batch in the block, position in the batch, result + 1 (0 is empty). */
  readonly #slots: Uint32Array
  #size = 0

  /** @param slotsPower the index has 2^slotsPower slots. */
  constructor(slotsPower: number) {
    this.#mask = 2 ** slotsPower - 1
    this.#slots = new Uint32Array(6 * 2 ** slotsPower)
  }

  get size(): number {
    return this.#size
  }

  put(high: number, low: number, place: TransactionPlace): void {
    const at = this.#slotFor(high, low)
    if (this.#slots[at + 5] === 0) this.#size++
    this.#slots[at] = high
    this.#slots[at + 1] = low
    this.#slots[at + 2] = place.height
    this.#slots[at + 3] = place.batch
    this.#slots[at + 4] = place.position
    this.#slots[at + 5] = place.result + 1
  }

  get(high: number, low: number): TransactionPlace | null {
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const at = 6 * ((low + probe) & this.#mask)
      if (this.#slots[at + 5] === 0) return null
      if (this.#slots[at] !== high || this.#slots[at + 1] !== low) continue
      return {
        height: this.#slots[at + 2] ?? 0,
        batch: this.#slots[at + 3] ?? 0,
        position: this.#slots[at + 4] ?? 0,
        result: (this.#slots[at + 5] ?? 1) - 1,
      }
    }
    return null
  }

  /** The tag's own slot, an empty one, or that of the lowest height near it. */
  #slotFor(high: number, low: number): number {
    let oldest = 6 * (low & this.#mask)
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const at = 6 * ((low + probe) & this.#mask)
      if (this.#slots[at + 5] === 0 || (this.#slots[at] === high && this.#slots[at + 1] === low))
        return at
      if ((this.#slots[at + 2] ?? 0) < (this.#slots[oldest + 2] ?? 0)) oldest = at
    }
    return oldest
  }
}
