/** The two clocks of a machine, in milliseconds. */
export interface Clocks {
  /** Never set, never behind: all figures come from it. */
  readonly monotonicMs: () => number
  /** Time of day: people and daemons set it. */
  readonly wallMs: () => number
}

export const machineClocks: Clocks = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
}

/** The time of day ran away from the time that passed. */
export interface ClockJump {
  /** After the start of the run. */
  readonly atMs: number
  /** Above zero: forward. */
  readonly byMs: number
}

/** Above what a daemon that slews a clock does between two looks, and below any sleep of a machine. */
const JUMP_MS_MIN = 250
const JUMPS_MAX = 100

/**
 * Compares the two clocks of the machine now and then. When they part, the machine slept (the monotonic clock of Linux
 * stands still then) or its clock was set: a rate over such a time is no rate of the testnet, and the verdict says so.
 */
export class ClockWatch {
  readonly jumps: ClockJump[] = []
  readonly #clocks: Clocks
  #apartMs = 0

  constructor(clocks: Clocks) {
    this.#clocks = clocks
    this.begin()
  }

  /** What lies before does not count. */
  begin(): void {
    this.#apartMs = this.#clocks.wallMs() - this.#clocks.monotonicMs()
  }

  look(nowMs: number): void {
    const apartMs = this.#clocks.wallMs() - this.#clocks.monotonicMs()
    const byMs = apartMs - this.#apartMs
    this.#apartMs = apartMs
    if (Math.abs(byMs) >= JUMP_MS_MIN && this.jumps.length < JUMPS_MAX)
      this.jumps.push({ atMs: Math.max(0, nowMs), byMs })
  }
}
