/**
 * A small seeded generator: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018),
 * its state filled by splitmix32. Not for keys. One label is one independent stream, so that a change in how arrivals
 * draw never changes what is drawn for transactions.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number, label: string) {
    let mixed = hashText(label, Math.floor(seed / 0x1_0000_0000) ^ 0x9e37_79b9)
    mixed = hashText(String(seed), mixed)
    const next = (): number => {
      mixed = (mixed + 0x9e37_79b9) | 0
      let z = mixed
      z = Math.imul(z ^ (z >>> 16), 0x85eb_ca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2_ae35)
      return z ^ (z >>> 16)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    // The all-zero state is the one that never moves.
    this.#d = next() | 1
  }

  /** Uniform over 0 … 2^32 - 1. */
  u32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = rotateLeft(this.#d, 11)
    return result >>> 0
  }

  /** Uniform over [0, 1) in steps of 2^-53. */
  unit(): number {
    const high = this.u32() >>> 5
    const low = this.u32() >>> 6
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000
  }

  /** Uniform over 0 … bound - 1; the bias of at most bound / 2^53 is far below what a load could show. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound)
  }

  /** Time to the next of events that come at `rate` per unit of time. */
  exponential(rate: number): number {
    return -Math.log1p(-this.unit()) / rate
  }
}

function rotateLeft(value: number, count: number): number {
  return (value << count) | (value >>> (32 - count))
}

function hashText(text: string, start: number): number {
  let hash = start | 0
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193)
    hash ^= hash >>> 15
  }
  return hash
}
