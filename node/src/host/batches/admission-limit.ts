/** What the door may hold, in milliseconds of its own work: less than clients wait before they try another validator. */
const WORK_MS = 1_500
/** Held whatever the pace: what a validator at rest can take at once. */
const COUNT_MIN = 2_048
/** Over how long the pace is averaged. */
const PACE_MS = 4_000

/**
 * How many transactions the door holds at most: as many as leave it in a second and a half at its present pace, within
 * bounds. A queue counted in transactions alone would be a second's work on one machine and a minute's on another; and what
 * waits longer than clients do is sent again elsewhere, checked and ordered twice, so that an overloaded shard commits
 * less and less. Pure: time comes from outside.
 */
export class AdmissionLimit {
  readonly #countMax: number
  /** Transactions per millisecond. */
  #pace = 0
  #atMs: number | null = null
  #left = 0

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  /** Transactions left the door for a batch. */
  onLeft(count: number, nowMs: number): void {
    this.#atMs ??= nowMs
    this.#left += count
    const elapsedMs = nowMs - this.#atMs
    if (elapsedMs < PACE_MS / 16) return
    const weight = 1 - Math.exp(-elapsedMs / PACE_MS)
    this.#pace += weight * (this.#left / elapsedMs - this.#pace)
    this.#atMs = nowMs
    this.#left = 0
  }

  /** Most transactions that may wait now. */
  get count(): number {
    return Math.min(this.#countMax, Math.max(COUNT_MIN, Math.round(this.#pace * WORK_MS)))
  }

  /** When a client that was turned away should ask again: after some of what waits has left. */
  retryAfterMs(pending: number): number {
    const workMs = this.#pace > 0 ? pending / this.#pace : RETRY_MS_MIN
    return Math.round(Math.min(RETRY_MS_MAX, Math.max(RETRY_MS_MIN, workMs / 4)))
  }
}

const RETRY_MS_MIN = 250
const RETRY_MS_MAX = 2_000
