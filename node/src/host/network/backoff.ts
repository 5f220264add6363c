/** Bounds of the pause between attempts. */
export interface BackoffRules {
  readonly firstMs: number
  readonly maxMs: number
  /** A success that lasted less than this does not reset the pause: a peer that accepts and hangs up must not be dialled in a loop. */
  readonly settledMs: number
}

/** Pause before the next attempt: doubles up to a maximum, with jitter, for ever. */
export class Backoff {
  readonly #rules: BackoffRules
  #attempts = 0
  #succeededAtMs: number | null = null

  constructor(rules: BackoffRules) {
    this.#rules = rules
  }

  succeeded(nowMs: number): void {
    this.#succeededAtMs = nowMs
  }

  /** Milliseconds to wait after a failure at `nowMs`; `chance` in [0, 1) spreads peers that failed together. */
  nextDelayMs(nowMs: number, chance: number): number {
    const { firstMs, maxMs, settledMs } = this.#rules
    if (this.#succeededAtMs !== null && nowMs - this.#succeededAtMs >= settledMs) this.#attempts = 0
    this.#succeededAtMs = null
    const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(this.#attempts, 20))
    this.#attempts++
    return Math.ceil(fullMs * (0.5 + chance / 2))
  }
}
