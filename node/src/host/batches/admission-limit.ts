/** What the door may hold, in milliseconds of its own work: less than clients wait before they try another validator. */
const WORK_MS = 1_500
/** Held whatever the pace: what a validator at rest can take at once. */
const COUNT_MIN = 2_048
/** Over how long the pace is averaged. */
const PACE_MS = 4_000
/** Over how long what it can do at most is averaged: known only while it turns clients away. */
const CAPACITY_MS = 1_000
/** What a validator is believed able to do before it has shown it, in transactions per millisecond. */
const CAPACITY_GUESSED = COUNT_MIN / WORK_MS
const RETRY_MS_MIN = 250
const RETRY_MS_MAX = 30_000

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
  /** The same, of the times at which more came than could be taken; null before the first. */
  #capacity: number | null = null
  #atMs: number | null = null
  #left = 0
  #hasTurnedAway = false
  /** Those who were turned away before were told to come until then. */
  #promisedMs = 0

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  /** Transactions left the door for a batch. */
  onLeft(count: number, nowMs: number): void {
    this.#atMs ??= nowMs
    this.#left += count
    const elapsedMs = nowMs - this.#atMs
    if (elapsedMs < PACE_MS / 16) return
    const pace = this.#left / elapsedMs
    this.#pace += weightOf(elapsedMs, PACE_MS) * (pace - this.#pace)
    if (this.#hasTurnedAway) {
      const known = this.#capacity ?? pace
      this.#capacity = known + weightOf(elapsedMs, CAPACITY_MS) * (pace - known)
    }
    this.#atMs = nowMs
    this.#left = 0
    this.#hasTurnedAway = false
  }

  /** Most transactions that may wait now. */
  get count(): number {
    return Math.min(this.#countMax, Math.max(COUNT_MIN, Math.round(this.#pace * WORK_MS)))
  }

  /**
   * Turns transactions away while others are pending, and says after how many milliseconds to ask again: when a part of what is
   * pending has left, and those who were turned away before have had their turn. Coming back then, each finds room, and an
   * overload is not made worse by the same clients asking over and over.
   */
  turnAway(count: number, pending: number, nowMs: number): number {
    this.#hasTurnedAway = true
    const perMs = this.#capacity ?? Math.max(this.#pace, CAPACITY_GUESSED)
    const roomMs = nowMs + Math.max(RETRY_MS_MIN, perMs > 0 ? pending / perMs / 4 : RETRY_MS_MAX)
    const turnMs = Math.min(nowMs + RETRY_MS_MAX, Math.max(roomMs, this.#promisedMs))
    this.#promisedMs = perMs > 0 ? turnMs + count / perMs : turnMs
    return Math.round(turnMs - nowMs)
  }
}

/** Weight of a new observation in an average over a time. */
function weightOf(elapsedMs: number, averagedMs: number): number {
  return 1 - Math.exp(-elapsedMs / averagedMs)
}
