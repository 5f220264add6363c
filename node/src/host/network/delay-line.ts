import { clearTimeout, setTimeout as planTimeout } from 'node:timers'

interface Waiting {
  readonly releaseMs: number
  readonly deliver: () => void
}

/** Frames of one link that are held back, in the order of their release. One timer, whatever waits. */
export class DelayLine {
  readonly #nowMs: () => number
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | null = null
  #timerMs = Number.POSITIVE_INFINITY

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Of two with the same release the one that was put first goes first. */
  put(releaseMs: number, deliver: () => void): void {
    let at = this.#waiting.length
    while (at > 0 && (this.#waiting[at - 1]?.releaseMs ?? 0) > releaseMs) at--
    this.#waiting.splice(at, 0, { releaseMs, deliver })
    this.#plan()
  }

  /** Lets everything go now, in order. */
  flush(): void {
    this.#releaseUntil(Number.POSITIVE_INFINITY)
  }

  #plan(): void {
    const [first] = this.#waiting
    if (first === undefined || first.releaseMs >= this.#timerMs) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timerMs = first.releaseMs
    // Rounded up: a timer that fires a fraction early would find nothing to do.
    this.#timer = planTimeout(
      () => this.#releaseUntil(this.#nowMs()),
      Math.ceil(Math.max(0, first.releaseMs - this.#nowMs())),
    )
    this.#timer.unref()
  }

  #releaseUntil(nowMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#timerMs = Number.POSITIVE_INFINITY
    const count = this.#waiting.findIndex(({ releaseMs }) => releaseMs > nowMs)
    const due = this.#waiting.splice(0, count === -1 ? this.#waiting.length : count)
    for (const { deliver } of due) deliver()
    this.#plan()
  }
}
