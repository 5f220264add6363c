import { type StatusChange, writeAtMs } from '../plan/status-writing.ts'

/** Keeps a controller from writing the figures of its objects too often. */
export class StatusPace {
  readonly #now: () => number
  readonly #writtenAt = new Map<string, number>()

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** After how long the status of an object may be written; null when nothing of it changed. */
  dueInMs<Status extends object>(key: string, change: StatusChange<Status>): number | null {
    const now = this.#now()
    const writtenAt = this.#writtenAt.get(key) ?? now
    // Who was here before may have written it a moment ago.
    this.#writtenAt.set(key, writtenAt)
    const at = writeAtMs(change, writtenAt)
    return at === null ? null : Math.max(0, at - now)
  }

  wrote(key: string): void {
    this.#writtenAt.set(key, this.#now())
  }

  forget(key: string): void {
    this.#writtenAt.delete(key)
  }
}
