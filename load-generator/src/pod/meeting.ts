import { RunAborted } from './gathering.ts'

/** Where a number of generators wait until all of them are there, or one of them will never be. */
export class Meeting {
  readonly over: Promise<void>
  readonly #of: number
  readonly #lack: string
  readonly #there = new Set<number>()
  readonly #resolve: () => void
  readonly #reject: (why: Error) => void

  /** `lack`: what to say of one that did not come. */
  constructor(of: number, lack: string) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.over = promise
    this.#of = of
    this.#lack = lack
    this.#resolve = resolve
    this.#reject = reject
    // It may be lost before anybody waits for it.
    promise.catch(() => undefined)
  }

  arrive(index: number): void {
    this.#there.add(index)
    if (this.#there.size === this.#of) this.#resolve()
  }

  /** One that had come has gone. */
  leave(index: number): void {
    this.giveUp(`generator ${index} of ${this.#of} ended before the start`)
  }

  giveUp(why: string): void {
    this.#reject(new RunAborted(why))
  }

  giveUpAfter(limitMs: number): void {
    const missing = Array.from({ length: this.#of }, (_, index) => index).filter(
      (index) => !this.#there.has(index),
    )
    const names = `${missing.length === 1 ? 'generator' : 'generators'} ${missing.join(', ')}`
    this.giveUp(`${names} of ${this.#of} ${this.#lack} within ${limitMs / 1_000} s`)
  }
}
