/** A moment at which the wall clock ran away from the time that passed. */
export interface ClockJump {
  readonly atMs: number
  readonly byMs: number
}

/** Further apart than this between two looks, and the machine slept or its clock was set. A slewing clock stays below. */
const JUMP_MS_MIN = 1_000
const JUMPS_MAX = 100

/** Compares the clock that people set with the one that only runs. Pure: both readings come from outside. */
export class ClockWatch {
  readonly jumps: ClockJump[] = []
  #offsetMs: number | null = null

  /** Both clocks now; `elapsedMs` never goes back and stands still while the machine sleeps. */
  look(elapsedMs: number, wallMs: number): void {
    const offsetMs = wallMs - elapsedMs
    const byMs = offsetMs - (this.#offsetMs ?? offsetMs)
    // Small steps add up only if they keep coming, so each look starts from the last one.
    this.#offsetMs = offsetMs
    if (Math.abs(byMs) >= JUMP_MS_MIN && this.jumps.length < JUMPS_MAX)
      this.jumps.push({ atMs: Math.max(0, elapsedMs), byMs })
  }
}
