import { createHash } from 'node:crypto'

/** Draws of one stream of one seed: SHA-256 of seed, stream and count. Slow and plain; a schedule needs a few hundred. */
export class Draws {
  readonly #name: string
  #count = 0

  constructor(seed: number, stream: string) {
    this.#name = `${seed} ${stream}`
  }

  /** From [0, 1). */
  fraction(): number {
    const hash = createHash('sha256').update(`${this.#name} ${this.#count++}`)
    return hash.digest().readUIntBE(0, 6) / 2 ** 48
  }

  /** A whole number from `min` to `max`, both possible. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1))
  }

  /** The same items in another order (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let left = result.length; left > 1; left--) {
      const from = this.whole(0, left - 1)
      const [one, other] = [result[left - 1], result[from]]
      if (one === undefined || other === undefined) continue
      result[left - 1] = other
      result[from] = one
    }
    return result
  }
}
