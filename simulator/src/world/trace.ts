/**
 * A running hash over everything that happened, so that two runs of one seed can be compared, and lines for people when somebody
 * reads along. Lines are made only then: they must not have effects.
 */
export class Trace {
  readonly #print: ((line: string) => void) | null
  #high = 0x6a09_e667
  #low = 0xbb67_ae85

  constructor(print: ((line: string) => void) | null = null) {
    this.#print = print
  }

  get isPrinting(): boolean {
    return this.#print !== null
  }

  /** Takes a number into the hash: 32 bits of it, and how large it is. */
  mix(value: number): void {
    this.#high = Math.imul(this.#high ^ value, 0x85eb_ca6b)
    this.#low = Math.imul(this.#low ^ (value / 4096) ^ (this.#high >>> 15), 0xc2b2_ae35)
    this.#high ^= this.#low >>> 13
  }

  mixText(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i))
  }

  line(make: () => string): void {
    this.#print?.(make())
  }

  /** 16 hexadecimal characters. */
  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0')
    return hex(this.#high) + hex(this.#low)
  }
}
