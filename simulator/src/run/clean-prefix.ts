import type { Job } from './job.ts'

/**
 * Jobs end out of order; only numbers without a gap before them count as clean. Keeps what is beyond a gap until the gap closes.
 */
export class CleanPrefix<T> {
  #next: number
  readonly #beyond = new Map<number, { readonly job: Job; readonly totals: T }>()
  readonly #merge: (totals: T) => void

  /** `merge` takes the totals of each job when its turn has come. */
  constructor(first: number, merge: (totals: T) => void) {
    this.#next = first
    this.#merge = merge
  }

  /** The first number that is not known to be clean. */
  get next(): number {
    return this.#next
  }

  add(job: Job, totals: T): void {
    this.#beyond.set(job.first, { job, totals })
    for (
      let found = this.#beyond.get(this.#next);
      found !== undefined;
      found = this.#beyond.get(this.#next)
    ) {
      this.#beyond.delete(this.#next)
      this.#next += found.job.count
      this.#merge(found.totals)
    }
  }
}
