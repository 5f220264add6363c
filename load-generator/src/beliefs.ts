import { hash } from 'node:crypto'
import { decodeWith, faultyMaxOf, readCommitEvent, type CommitEvent } from '@shardnet/node/core'

/** How far above the next height reports are kept: bounds what a lying validator can make us hold. */
const HEIGHTS_AHEAD_MAX = 256

interface HeightReports {
  /** What each validator said first; a second, different word of the same validator changes nothing. */
  readonly digestOf: (string | undefined)[]
  /** Event bytes by digest. */
  readonly events: Map<string, Uint8Array>
}

/** A height that is held up, and who could help. */
export interface MissingHeight {
  readonly height: number
  /** f + 1 validators agree on a digest, only the bytes are missing: those who agree. Empty: reports are missing too. */
  readonly agreeing: readonly number[]
}

/**
 * What a client believes of one shard: an event counts as soon as f + 1 validators reported its digest, because then an
 * honest one did; heights come one after the other without a gap, so that "in none of the blocks" can be said.
 */
export class ShardBelief {
  readonly #validators: number
  readonly #reportsNeeded: number
  #nextHeight: number
  #highestAgreed = 0
  #highestClaimed = 0
  readonly #reports = new Map<number, HeightReports>()
  /** Validators caught saying two things about one height. */
  readonly contradictions = new Set<number>()

  /** `height`: the last height whose contents do not matter, because nothing was sent before it. */
  constructor(validators: number, height: number) {
    this.#validators = validators
    this.#reportsNeeded = faultyMaxOf(validators) + 1
    this.#nextHeight = height + 1
  }

  /** The newest height that is believed, with all below it. */
  get height(): number {
    return this.#nextHeight - 1
  }

  /** The highest height that f + 1 validators have reported, believed or not yet. */
  get highestAgreed(): number {
    return this.#highestAgreed
  }

  /** One validator said that the event at a height has this digest (hexadecimal). */
  reportDigest(validator: number, height: number, digest: string): void {
    const reports = this.#reportsAt(height)
    if (reports === null || validator >= this.#validators) return
    const earlier = reports.digestOf[validator]
    if (earlier !== undefined) {
      if (earlier !== digest) this.contradictions.add(validator)
      return
    }
    reports.digestOf[validator] = digest
    if (this.#agreeing(reports) !== null)
      this.#highestAgreed = Math.max(this.#highestAgreed, height)
  }

  /** One validator sent the whole event. False when its bytes are none of a height that is still open. */
  reportEvent(validator: number, shard: number, bytes: Uint8Array): boolean {
    const decoded = decodeWith(bytes, readCommitEvent)
    if (decoded.kind === 'malformed' || decoded.value.shard !== shard) return false
    const { height } = decoded.value
    const reports = this.#reportsAt(height)
    if (reports === null) return false
    const digest = hash('sha256', bytes)
    this.reportDigest(validator, height, digest)
    if (reports.digestOf[validator] === digest && !reports.events.has(digest))
      reports.events.set(digest, bytes)
    return true
  }

  /** The next event, once f + 1 validators agree on it and its bytes are here; null otherwise. Call until null. */
  takeBelieved(): CommitEvent | null {
    const reports = this.#reports.get(this.#nextHeight)
    const agreed = reports === undefined ? null : this.#agreeing(reports)
    const bytes = agreed === null ? undefined : reports?.events.get(agreed)
    if (bytes === undefined) return null
    const decoded = decodeWith(bytes, readCommitEvent)
    if (decoded.kind === 'malformed') return null
    this.#reports.delete(this.#nextHeight)
    this.#nextHeight += 1
    return decoded.value
  }

  /** What holds up the next height; null while nothing above it is known. */
  missing(): MissingHeight | null {
    const reports = this.#reports.get(this.#nextHeight)
    const agreed = reports === undefined ? null : this.#agreeing(reports)
    if (reports !== undefined && agreed !== null) {
      const agreeing = reports.digestOf.flatMap((digest, validator) =>
        digest === agreed ? [validator] : [],
      )
      return { height: this.#nextHeight, agreeing }
    }
    return this.#highestClaimed >= this.#nextHeight
      ? { height: this.#nextHeight, agreeing: [] }
      : null
  }

  #reportsAt(height: number): HeightReports | null {
    this.#highestClaimed = Math.max(this.#highestClaimed, height)
    if (height < this.#nextHeight || height >= this.#nextHeight + HEIGHTS_AHEAD_MAX) return null
    let reports = this.#reports.get(height)
    if (reports === undefined) {
      reports = {
        digestOf: Array.from<string | undefined>({ length: this.#validators }),
        events: new Map(),
      }
      this.#reports.set(height, reports)
    }
    return reports
  }

  /** The digest that enough validators agree on; at most one can have an honest reporter, the first found stands. */
  #agreeing(reports: HeightReports): string | null {
    const counts = new Map<string, number>()
    for (const digest of reports.digestOf) {
      if (digest === undefined) continue
      const count = (counts.get(digest) ?? 0) + 1
      if (count >= this.#reportsNeeded) return digest
      counts.set(digest, count)
    }
    return null
  }
}
