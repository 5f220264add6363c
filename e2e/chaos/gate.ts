/**
 * Steps of different shards go on beside each other; a step that hits all of them has the testnet for itself: it waits for those
 * under way, and those that come wait for it.
 */
export class Gate {
  #shared = 0
  #isExclusive = false
  #waiting: (() => void)[] = []

  /** Runs work beside others of its kind. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isExclusive) await this.#change()
    this.#shared++
    try {
      return await work()
    } finally {
      this.#shared--
      this.#changed()
    }
  }

  /** Runs work alone. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    while (this.#isExclusive) await this.#change()
    this.#isExclusive = true
    try {
      while (this.#shared > 0) await this.#change()
      return await work()
    } finally {
      this.#isExclusive = false
      this.#changed()
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
