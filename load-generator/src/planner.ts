import { NonceBook } from './nonces.ts'
import { PaymentSource, type AccountSpace, type Draft } from './payments.ts'
import type { Workload } from './workload.ts'

/** Numbers per planned transaction in a row of a plan, in the order of `planColumn`. */
export const PLAN_COLUMNS = 8
export const planColumn = {
  payerShard: 0,
  payerIndex: 1,
  payeeShard: 2,
  payeeIndex: 3,
  amount: 4,
  nonce: 5,
  validUntil: 6,
  salt: 7,
} as const

/** How far from a drawn payer whose window is full a substitute is looked for. */
const SUBSTITUTES_MAX = 1_024

/**
 * Turns drawn transfers into rows that a worker signs: adds nonce and validity. Where the drawn payer has 64 in flight,
 * the next account of its shard with room pays instead, and that is counted: an open loop does not wait.
 */
export class Planner {
  readonly nonces: NonceBook
  substitutions = 0
  readonly #source: PaymentSource
  readonly #space: AccountSpace
  readonly #validityHeights: number

  constructor(
    workload: Workload,
    space: AccountSpace,
    nonces = new NonceBook(space.shards * space.accountsPerShard),
  ) {
    this.#source = new PaymentSource(workload, space)
    this.#space = space
    this.#validityHeights = workload.validityHeights
    this.nonces = nonces
  }

  /** Number of an account in the nonce book. */
  accountOf(shard: number, index: number): number {
    return shard * this.#space.accountsPerShard + index
  }

  /**
   * Up to `countMax` rows, less when every account near a drawn payer has its window full.
   * `heights` holds the newest believed height of each shard.
   */
  plan(countMax: number, heights: readonly number[]): Float64Array<ArrayBuffer> {
    const rows = new Float64Array(countMax * PLAN_COLUMNS)
    let count = 0
    while (count < countMax) {
      const draft = this.#source.next()
      const payer = this.#payerFor(draft)
      if (payer === null) break
      const row = count * PLAN_COLUMNS
      rows[row + planColumn.payerShard] = draft.payerShard
      rows[row + planColumn.payerIndex] = payer.index
      rows[row + planColumn.payeeShard] = draft.payeeShard
      rows[row + planColumn.payeeIndex] = draft.payeeIndex
      rows[row + planColumn.amount] = draft.amount
      rows[row + planColumn.nonce] = payer.nonce
      rows[row + planColumn.validUntil] = (heights[draft.payerShard] ?? 0) + this.#validityHeights
      rows[row + planColumn.salt] = draft.salt
      count += 1
    }
    return rows.slice(0, count * PLAN_COLUMNS)
  }

  #payerFor(draft: Draft): { readonly index: number; readonly nonce: number } | null {
    const { accountsPerShard } = this.#space
    const isLocal = draft.payerShard === draft.payeeShard
    const tries = Math.min(SUBSTITUTES_MAX, accountsPerShard)
    for (let step = 0; step < tries; step++) {
      const index = (draft.payerIndex + step) % accountsPerShard
      if (isLocal && index === draft.payeeIndex) continue
      const nonce = this.nonces.take(this.accountOf(draft.payerShard, index))
      if (nonce === null) continue
      if (step > 0) this.substitutions += 1
      return { index, nonce }
    }
    return null
  }
}
