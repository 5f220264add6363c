import { ArrivalClock } from '../arrival-clock.ts'
import type { Arrivals } from '../arrivals.ts'
import type { AccountSpace, Draft } from '../profiles/profile.ts'
import { sourceOf, type Workload } from '../workload.ts'
import { owns, type Share } from './share.ts'

/** A transaction of the schedule, and when it is to be sent. */
export interface ScheduledDraft {
  readonly scheduledMs: number
  readonly draft: Draft
}

/**
 * What one of several generators sends: every generator draws the same arrivals and the same transactions from the same seed,
 * and keeps those whose payer is its own. All parts together are the whole schedule, each transaction once.
 */
export class SchedulePart {
  readonly share: Share
  readonly #clock: ArrivalClock
  readonly #source: ReturnType<typeof sourceOf>
  #lastMs = 0

  constructor(workload: Workload, arrivals: Arrivals, space: AccountSpace, share: Share) {
    this.share = share
    this.#clock = new ArrivalClock(arrivals, workload.seed)
    this.#source = sourceOf(workload, space)
  }

  /** When the last transaction drawn so far is to be sent, whoever sends it. */
  get lastMs(): number {
    return this.#lastMs
  }

  /** Null when the schedule is over. */
  next(): ScheduledDraft | null {
    while (this.#clock.nextMs < Number.POSITIVE_INFINITY) {
      const scheduledMs = this.#clock.take()
      this.#lastMs = scheduledMs
      const draft = this.#source.next(scheduledMs)
      if (owns(this.share, draft.payerShard, draft.payerIndex)) return { scheduledMs, draft }
    }
    return null
  }
}

/** The times of a part, as `ArrivalClock` gives those of the whole. */
export class PartClock {
  readonly #part: SchedulePart
  #nextMs: number

  constructor(part: SchedulePart) {
    this.#part = part
    this.#nextMs = this.#draw()
  }

  get nextMs(): number {
    return this.#nextMs
  }

  take(): number {
    const now = this.#nextMs
    this.#nextMs = this.#draw()
    return now
  }

  /** A part is over with the whole, not with its own last transaction: it measures the same stretch of time. */
  isOver(nowMs: number): boolean {
    return this.#nextMs === Number.POSITIVE_INFINITY && nowMs >= this.#part.lastMs
  }

  #draw(): number {
    return this.#part.next()?.scheduledMs ?? Number.POSITIVE_INFINITY
  }
}
