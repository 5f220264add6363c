import type { ClientGuard } from './client-guard.ts'
import type { CommitNotice, Unsubscribe, ValidatorDoor } from './validator-door.ts'

/** Bytes in flight to one subscriber before the feed waits for it. */
const FEED_BUFFER_BYTES = 1_048_576

/**
 * Sends commits to one client at the client's pace, out of the validator's ring: a slow reader costs no memory of its own,
 * and is hung up on when what it needs next has left the ring.
 */
export class EventFeed {
  readonly #guard: ClientGuard
  readonly #door: ValidatorDoor
  readonly #encode: (notice: CommitNotice) => string | Uint8Array
  readonly #unsubscribe: Unsubscribe
  #nextHeight: number
  /** Until the first commit is sent the ring may start anywhere: a subscriber gets what there still is. */
  #hasSent = false
  #isOver = false

  constructor(parts: {
    readonly guard: ClientGuard
    readonly door: ValidatorDoor
    /** 0: from now on. */
    readonly fromHeight: number
    readonly encode: (notice: CommitNotice) => string | Uint8Array
  }) {
    this.#guard = parts.guard
    this.#door = parts.door
    this.#encode = parts.encode
    this.#nextHeight =
      parts.fromHeight === 0 ? parts.door.status().executedHeight + 1 : parts.fromHeight
    this.#unsubscribe = parts.door.subscribeCommits(() => this.#pump())
    this.#pump()
  }

  stop(): void {
    this.#isOver = true
    this.#unsubscribe()
  }

  #pump(): void {
    while (!this.#isOver && this.#guard.isOpen) {
      const notice = this.#next()
      if (notice === null || this.#guard.bufferedBytes > FEED_BUFFER_BYTES) return
      this.#hasSent = true
      this.#nextHeight = notice.height + 1
      this.#guard.send(this.#encode(notice), () => this.#pump())
    }
  }

  /** The next commit, or null when there is none yet or, for a reader that is too slow, no longer. */
  #next(): CommitNotice | null {
    const notice = this.#door.event(this.#nextHeight)
    if (notice !== null) return notice
    const oldest = this.#door.events(this.#nextHeight)[0]
    if (oldest === undefined) return null
    if (!this.#hasSent) return oldest
    this.stop()
    this.#guard.disconnect('slowReader')
    return null
  }
}
