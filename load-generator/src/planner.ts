import { NonceBook } from './nonces.ts'
import {
  draftBytes,
  PLAN_COLUMNS,
  writePlanRow,
  type PlanRows,
  type PlannedPayer,
} from './plan-row.ts'
import { draftKind, type AccountSpace, type Draft, type DraftSource } from './profiles/profile.ts'
import { sourceOf, type Workload } from './workload.ts'

/** How far from a drawn payer whose window is full a substitute is looked for. */
const SUBSTITUTES_MAX = 1_024

/** What a planner may be given beside the workload. */
export interface PlannerOptions {
  readonly nonces?: NonceBook
  /** When the transaction after those planned so far is to be sent; always the start, if not said. */
  readonly nextMs?: () => number
}

/**
 * Turns what was drawn into rows that a worker signs: adds nonce and validity. Where the drawn payer has 64 in flight,
 * the next account of its shard with room pays instead, and that is counted: an open loop does not wait.
 */
export class Planner {
  readonly nonces: NonceBook
  substitutions = 0
  readonly #source: DraftSource
  readonly #space: AccountSpace
  readonly #validityHeights: number
  readonly #nextMs: () => number

  constructor(workload: Workload, space: AccountSpace, options: PlannerOptions = {}) {
    this.#source = sourceOf(workload, space)
    this.#space = space
    this.#validityHeights = workload.validityHeights
    this.#nextMs = options.nextMs ?? (() => 0)
    this.nonces = options.nonces ?? new NonceBook(space.shards * space.accountsPerShard)
  }

  /** Number of an account in the nonce book. */
  accountOf(shard: number, index: number): number {
    return shard * this.#space.accountsPerShard + index
  }

  /**
   * Up to `countMax` rows; less when they reach `bytesMax` signed bytes, or when every account near a drawn payer has its
   * window full. `heights` holds the newest believed height of each shard.
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
      const draft = this.#source.next(this.#nextMs())
      const payer = this.#payerFor(draft, heights)
      if (payer === null) break
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
      const nonce = this.nonces.take(this.accountOf(draft.payerShard, index))
      if (nonce === null) continue
      if (step > 0) this.substitutions += 1
      return { index, nonce, validUntil: (heights[draft.payerShard] ?? 0) + this.#validityHeights }
    }
    return null
  }
}
