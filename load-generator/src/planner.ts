import { NonceBook } from './nonces.ts'
import {
  draftBytes,
  PLAN_COLUMNS,
  writePlanRow,
  type PlanRows,
  type PlannedPayer,
} from './plan-row.ts'
import { draftKind, type AccountSpace, type Draft } from './profiles/profile.ts'
import type { SchedulePart } from './share/schedule-part.ts'
import { owns, type Share } from './share/share.ts'
import { sourceOf, type Workload } from './workload.ts'

/** How far from a drawn payer whose window is full a substitute is looked for. */
const SUBSTITUTES_MAX = 1_024

/** What a planner may be given beside the workload. */
export interface PlannerOptions {
  readonly nonces?: NonceBook
  /** When the transaction after those planned so far is to be sent; always the start, if not said. */
  readonly nextMs?: () => number
  /** What to plan, for one of several generators; the whole, if not said. */
  readonly part?: SchedulePart
}

/**
 * Turns what was drawn into rows that a worker signs: adds nonce and validity. Where the drawn payer has 64 in flight,
 * the next account of its shard with room pays instead, and that is counted: an open loop does not wait.
 */
export class Planner {
  readonly nonces: NonceBook
  substitutions = 0
  readonly #next: () => Draft | null
  readonly #share: Share | null
  /** Of a part, whose drafts are counted: one that nobody could pay for comes again. */
  #held: Draft | null = null
  readonly #space: AccountSpace
  readonly #validityHeights: number

  constructor(workload: Workload, space: AccountSpace, options: PlannerOptions = {}) {
    const { part, nextMs = () => 0 } = options
    const source = part === undefined ? sourceOf(workload, space) : null
    this.#next = () => (source === null ? (part?.next()?.draft ?? null) : source.next(nextMs()))
    this.#share = part?.share ?? null
    this.#space = space
    this.#validityHeights = workload.validityHeights
    this.nonces = options.nonces ?? new NonceBook(space.shards * space.accountsPerShard)
  }

  /** Number of an account in the nonce book. */
  accountOf(shard: number, index: number): number {
    return shard * this.#space.accountsPerShard + index
  }

  /**
   * Up to `countMax` rows; less when they reach `bytesMax` signed bytes, or when every account near a drawn payer has its
   * window full, or when the schedule of a part is over. `heights` holds the newest believed height of each shard.
   */
  plan(
    countMax: number,
    heights: readonly number[],
    bytesMax = Number.POSITIVE_INFINITY,
  ): PlanRows {
    const rows = new Float64Array(countMax * PLAN_COLUMNS)
    let count = 0
    let bytes = 0
    while (count < countMax && bytes < bytesMax) {
      const draft = this.#held ?? this.#next()
      this.#held = null
      const payer = draft === null ? null : this.#payerFor(draft, heights)
      if (draft === null || payer === null) {
        if (this.#share !== null) this.#held = draft
        break
      }
      writePlanRow(rows, count, draft, payer)
      bytes += draftBytes(draft)
      count += 1
    }
    return rows.slice(0, count * PLAN_COLUMNS)
  }

  #payerFor(draft: Draft, heights: readonly number[]): PlannedPayer | null {
    const { accountsPerShard } = this.#space
    const isLocal = draft.kind === draftKind.transfer && draft.payerShard === draft.payeeShard
    const tries = Math.min(SUBSTITUTES_MAX, accountsPerShard)
    for (let step = 0; step < tries; step++) {
      const index = (draft.payerIndex + step) % accountsPerShard
      if (isLocal && index === draft.payeeIndex) continue
      if (this.#share !== null && !owns(this.#share, draft.payerShard, index)) continue
      const nonce = this.nonces.take(this.accountOf(draft.payerShard, index))
      if (nonce === null) continue
      if (step > 0) this.substitutions += 1
      return { index, nonce, validUntil: (heights[draft.payerShard] ?? 0) + this.#validityHeights }
    }
    return null
  }
}
