/**
 * Chance as a stream that a seed and a name give: sfc32 (Doty-Humphrey, PractRand). Each subject draws from a stream of its own, so
 * that one more draw in the network does not move everything that a disk does.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, name: string) {
    this.#a = mixed(seed >>> 0, 0x9e37_79b9)
    this.#b = mixed(Math.floor(seed / 0x1_0000_0000) >>> 0, 0x85eb_ca6b)
    this.#c = 0x243f_6a88
    for (let i = 0; i < name.length; i++) this.#c = mixed(this.#c, name.charCodeAt(i))
    for (let i = 0; i < 12; i++) this.uint32()
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** In [0, 1). */
  float(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** An integer in [0, end). */
  below(end: number): number {
    return Math.floor(this.float() * end)
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + this.float() * (to - from)
  }

  chance(probability: number): boolean {
    return this.float() < probability
  }

  /** Waiting times of independent events with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.float())
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('picked from nothing')
    return item
  }

  /** `count` different items in a drawn order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const left = [...items]
    for (let i = 0; i < count; i++) {
      const j = i + this.below(left.length - i)
      const moved = left[j]
      const fixed = left[i]
      if (moved === undefined || fixed === undefined)
        throw new RangeError('sample above the number')
      left[i] = moved
      left[j] = fixed
    }
    return left.slice(0, count)
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.uint32() >>> 24
    return bytes
  }
}

function mixed(state: number, value: number): number {
  let next = Math.imul(state ^ value, 0x85eb_ca6b)
  next = Math.imul(next ^ (next >>> 13), 0xc2b2_ae35)
  return (next ^ (next >>> 16)) >>> 0
}
