import { must } from '../errors.ts'
import { HASH_BYTES, bytesOfHash } from '../primitives/hash.ts'
import { pairLeafOf, type PairState } from '../wire/import-bundle.ts'
import { Outbox } from '../crossshard/outbox.ts'
import { merkleRootOf } from './merkle.ts'
import type { Hash } from '../primitives/hash.ts'

/** Executed heights whose pair states stay provable. */
const PAIR_HISTORY_HEIGHTS = 128

/** All pairs of this shard as of one executed height; the own shard's place is null and its leaf zero. */
export interface PairRecord {
  readonly height: number
  readonly pairs: readonly (PairState | null)[]
  /** Packed leaves under the outbox root, one per shard. */
  readonly leaves: Uint8Array
}

/** What this shard exchanged with every other: outboxes, what it took from theirs, and the authenticated summaries. */
export class PairTable {
  readonly outboxes: readonly (Outbox | null)[]
  /** Messages ever taken from each shard, and their amounts. */
  readonly inNext: Float64Array
  readonly totalIn: Float64Array
  readonly #changed: Uint8Array
  readonly #history: PairRecord[] = []

  constructor(shard: number, shards: number, restored: readonly (Outbox | undefined)[] = []) {
    this.outboxes = Array.from({ length: shards }, (_, other) =>
      other === shard ? null : (restored[other] ?? new Outbox()),
    )
    this.inNext = new Float64Array(shards)
    this.totalIn = new Float64Array(shards)
    this.#changed = new Uint8Array(shards).fill(1)
  }

  outboxOf(other: number): Outbox {
    return must(this.outboxes[other], 'outbox of another shard')
  }

  /** The pair's leaf must be made again. */
  touch(other: number): void {
    this.#changed[other] = 1
  }

  /** Closes a height: hashes new messages, keeps the summaries, returns the outbox root. */
  seal(height: number): Hash {
    const last = this.#history.at(-1)
    const pairs: (PairState | null)[] = []
    const leaves =
      last === undefined ? new Uint8Array(this.outboxes.length * HASH_BYTES) : last.leaves.slice()
    for (const [other, outbox] of this.outboxes.entries()) {
      const pair = this.#pairOf(other, outbox, last)
      pairs.push(pair)
      if (pair !== null && pair !== last?.pairs[other])
        leaves.set(bytesOfHash(pairLeafOf(pair)), other * HASH_BYTES)
    }
    this.#changed.fill(0)
    this.#history.push({ height, pairs, leaves })
    if (this.#history.length > PAIR_HISTORY_HEIGHTS) this.#history.shift()
    return merkleRootOf(leaves)
  }

  /** The summaries as of an executed height; null when it is too old, or not executed. */
  recordAt(height: number): PairRecord | null {
    const first = this.#history[0]?.height ?? 0
    return this.#history[height - first] ?? null
  }

  #pairOf(other: number, outbox: Outbox | null, last: PairRecord | undefined): PairState | null {
    if (outbox === null) return null
    const isNew = outbox.seal()
    const before = last?.pairs[other] ?? null
    if (before !== null && !isNew && this.#changed[other] === 0) return before
    return {
      accumulator: before !== null && !isNew ? before.accumulator : outbox.root(),
      outSequence: outbox.outSequence,
      inNext: this.inNext[other] ?? 0,
      totalOut: outbox.totalOut,
      totalIn: this.totalIn[other] ?? 0,
    }
  }
}
