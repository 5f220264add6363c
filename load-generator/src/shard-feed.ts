import type { EventDetail } from '@shardnet/node/client'
import type { CommitEvent } from '@shardnet/node/core'
import { ShardBelief } from './beliefs.ts'

/** What a feed needs of a validator's link; a plain object in tests. */
export interface FeedLink {
  readonly isReady: boolean
  subscribe(detail: EventDetail, fromHeight: number): void
  requestEvent(height: number): void
}

/** How long a height may be held up before it is asked for. */
const STALLED_MS = 300
/** After so many askings another validator sends the whole events. */
const STRIKES_MAX = 2
const HEIGHTS_PER_REQUEST = 8

/**
 * The commit events of one shard, in order and without gaps: the whole events from one validator, digests from the
 * others. What does not come is asked for elsewhere, and a validator that falls silent is replaced.
 */
export class ShardFeed {
  readonly shard: number
  readonly #links: readonly FeedLink[]
  readonly #belief: ShardBelief
  #full = 0
  #stalledHeight = -1
  #askedMs = 0
  #strikes = 0

  /** `height`: nothing of ours lies at or below it. */
  constructor(shard: number, links: readonly FeedLink[], height: number) {
    this.shard = shard
    this.#links = links
    this.#belief = new ShardBelief(links.length, height)
    this.#full = Math.max(
      0,
      links.findIndex((link) => link.isReady),
    )
    links.forEach((_, validator) => this.subscribe(validator))
  }

  get height(): number {
    return this.#belief.height
  }

  get contradictions(): number {
    return this.#belief.contradictions.size
  }

  /** A validator is there (again): it continues where belief stands. */
  subscribe(validator: number): void {
    const link = this.#links[validator]
    if (link?.isReady !== true) return
    link.subscribe(validator === this.#full ? 'full' : 'digests', this.#belief.height + 1)
  }

  onDigest(validator: number, height: number, digest: string): void {
    this.#belief.reportDigest(validator, height, digest)
  }

  onEvent(validator: number, bytes: Uint8Array): void {
    this.#belief.reportEvent(validator, this.shard, bytes)
  }

  /** Believed events that were not taken yet, in order. */
  *believed(): Generator<CommitEvent> {
    for (
      let event = this.#belief.takeBelieved();
      event !== null;
      event = this.#belief.takeBelieved()
    )
      yield event
  }

  /** A validator's connection closed. */
  onLost(validator: number): void {
    if (validator === this.#full) this.#replaceFull()
  }

  /** Asks for what holds up the next height. Called a few times a second. */
  tick(nowMs: number): void {
    const missing = this.#belief.missing()
    if (missing === null || missing.height !== this.#stalledHeight) {
      this.#stalledHeight = missing?.height ?? -1
      this.#askedMs = nowMs
      return
    }
    if (nowMs - this.#askedMs < STALLED_MS) return
    this.#askedMs = nowMs
    this.#strikes += 1
    if (this.#strikes % STRIKES_MAX === 0) this.#replaceFull()
    const helpers = this.#helpers(missing.agreeing)
    const last = Math.max(
      missing.height,
      Math.min(this.#belief.highestAgreed, missing.height + HEIGHTS_PER_REQUEST - 1),
    )
    for (const link of helpers)
      for (let height = missing.height; height <= last; height++) link.requestEvent(height)
  }

  /** One of those who agree, another at each asking; without agreement everybody, as digests are missing too. */
  #helpers(agreeing: readonly number[]): FeedLink[] {
    const ready = (validators: readonly number[]): FeedLink[] =>
      validators.flatMap((validator) => this.#links[validator] ?? []).filter((link) => link.isReady)
    const able = ready(agreeing)
    if (able.length === 0) return ready(this.#links.map((_, validator) => validator))
    const chosen = able[this.#strikes % able.length]
    return chosen === undefined ? [] : [chosen]
  }

  #replaceFull(): void {
    const former = this.#full
    for (let step = 1; step < this.#links.length; step++) {
      const candidate = (former + step) % this.#links.length
      if (this.#links[candidate]?.isReady !== true) continue
      this.#full = candidate
      this.subscribe(former)
      this.subscribe(candidate)
      return
    }
  }
}
