import { mustHold } from '../../core/errors.ts'
import type { CommitNotice, Unsubscribe } from './validator-door.ts'

/** Bounds of a ring. */
export interface CommitRingRules {
  readonly noticesMax: number
  readonly bytesMax: number
}

/** The newest commit events, bounded in number and bytes, and those who listen for more. Serves the event part of a ValidatorDoor. */
export class CommitRing {
  readonly #rules: CommitRingRules
  readonly #listeners = new Set<(notice: CommitNotice) => void>()
  #notices: CommitNotice[] = []
  #bytes = 0

  constructor(rules: CommitRingRules) {
    this.#rules = rules
  }

  /** Takes the next height and tells every listener. */
  push(notice: CommitNotice): void {
    const newest = this.#notices.at(-1)
    mustHold(
      newest === undefined || notice.height === newest.height + 1,
      `event ${notice.height} out of order`,
    )
    this.#notices.push(notice)
    this.#bytes += notice.event.length
    this.#trim()
    for (const listener of this.#listeners) listener(notice)
  }

  /** What is left from a height on, ascending. */
  from(height: number): readonly CommitNotice[] {
    const oldest = this.#notices[0]
    return oldest === undefined ? [] : this.#notices.slice(Math.max(0, height - oldest.height))
  }

  at(height: number): CommitNotice | null {
    const oldest = this.#notices[0]
    return oldest === undefined ? null : (this.#notices[height - oldest.height] ?? null)
  }

  subscribe(listener: (notice: CommitNotice) => void): Unsubscribe {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #trim(): void {
    let surplus = Math.max(0, this.#notices.length - this.#rules.noticesMax)
    for (let i = 0; i < surplus; i++) this.#bytes -= this.#notices[i]?.event.length ?? 0
    while (this.#bytes > this.#rules.bytesMax && surplus < this.#notices.length - 1) {
      this.#bytes -= this.#notices[surplus]?.event.length ?? 0
      surplus++
    }
    if (surplus > 0) this.#notices.splice(0, surplus)
  }
}
