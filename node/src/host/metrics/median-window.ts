/** The median of the last values, for a reading that single outliers must not move. */
export class MedianWindow {
  readonly #values: number[] = []
  readonly #size: number
  #next = 0

  /** `size` is odd, so that the median is one of the values. */
  constructor(size: number) {
    this.#size = size
  }

  add(value: number): void {
    this.#values[this.#next] = value
    this.#next = (this.#next + 1) % this.#size
  }

  /** 0 before the first value. */
  get median(): number {
    const sorted = this.#values.toSorted((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)] ?? 0
  }
}
