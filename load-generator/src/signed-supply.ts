import { LoadError } from './network.ts'
import { PLAN_COLUMNS, planColumn, type Planner } from './planner.ts'

/** Signs a plan; the pool in production, a plain function in tests. */
export type Sign = (rows: Float64Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>

/** A signed transaction that waits to be sent. */
export interface SignedTransaction {
  /** A view into the buffer of its lot: copy what must stay. */
  readonly bytes: Uint8Array
  readonly account: number
  readonly payerShard: number
  readonly nonce: number
  readonly validUntil: number
  readonly creditsLeft: number
}

/** How far ahead of the sending is signed. */
export interface SupplyLimits {
  /** Signed and unsent transactions to hold. */
  readonly aheadCount: number
  /** Transactions of the whole run; infinity for as many as the schedule asks for. */
  readonly totalCount: number
}

interface Lot {
  readonly rows: Float64Array
  readonly count: number
  transactions: Uint8Array | null
  taken: number
}

const LOT_ROWS = 256

/**
 * Transactions signed ahead of their time, in the order they were planned, whatever the order in which the workers
 * finish. Holds at most what the limits say.
 */
export class SignedSupply {
  readonly #planner: Planner
  readonly #sign: Sign
  readonly #limits: SupplyLimits
  readonly #heights: () => readonly number[]
  readonly #lots: Lot[] = []
  #planned = 0
  #ready = 0
  #untaken = 0
  #failure: Error | null = null
  readonly #onReady: (() => void)[] = []

  constructor(
    planner: Planner,
    sign: Sign,
    limits: SupplyLimits,
    heights: () => readonly number[],
  ) {
    this.#planner = planner
    this.#sign = sign
    this.#limits = limits
    this.#heights = heights
  }

  /** How many, up to `countMax`, can be taken now: lots that are signed before an earlier one must wait for it. */
  readyCount(countMax: number): number {
    let count = 0
    for (const lot of this.#lots) {
      if (lot.transactions === null || count >= countMax) break
      count += lot.count - lot.taken
    }
    return Math.min(count, countMax)
  }

  /** True when nothing more will come. */
  get isExhausted(): boolean {
    return this.#planned >= this.#limits.totalCount && this.#untaken === 0
  }

  /** Plans and hands to the signers what is missing. Throws what a signer failed with. */
  fill(): void {
    if (this.#failure !== null) throw this.#failure
    for (;;) {
      const missing = this.#limits.aheadCount - this.#untaken
      const left = this.#limits.totalCount - this.#planned
      const wanted = Math.min(LOT_ROWS, missing, left)
      // Small lots waste a message each: wait until one is worth it, unless it is the last.
      if (wanted <= 0 || (wanted < LOT_ROWS / 4 && wanted < left && this.#untaken > 0)) return
      const rows = this.#planner.plan(wanted, this.#heights())
      if (rows.length === 0) return
      this.#start(rows)
    }
  }

  /** Resolves once `count` transactions, or all that there will be, are signed. */
  async whenReady(count: number): Promise<void> {
    this.fill()
    while (this.#ready < Math.min(count, this.#untaken)) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#onReady.push(resolve)
      await promise
      this.fill()
    }
  }

  /** The next transaction; null while its lot is not signed. */
  take(): SignedTransaction | null {
    const lot = this.#lots[0]
    if (lot === undefined || lot.transactions === null) return null
    const size = lot.transactions.length / lot.count
    const row = lot.taken * PLAN_COLUMNS
    const at = (column: number): number => lot.rows[row + column] ?? 0
    const bytes = lot.transactions.subarray(lot.taken * size, (lot.taken + 1) * size)
    const payerShard = at(planColumn.payerShard)
    lot.taken += 1
    if (lot.taken === lot.count) this.#lots.shift()
    this.#ready -= 1
    this.#untaken -= 1
    return {
      bytes,
      account: this.#planner.accountOf(payerShard, at(planColumn.payerIndex)),
      payerShard,
      nonce: at(planColumn.nonce),
      validUntil: at(planColumn.validUntil),
      creditsLeft: payerShard === at(planColumn.payeeShard) ? 0 : 1,
    }
  }

  #start(rows: Float64Array<ArrayBuffer>): void {
    const lot: Lot = { rows, count: rows.length / PLAN_COLUMNS, transactions: null, taken: 0 }
    this.#lots.push(lot)
    this.#planned += lot.count
    this.#untaken += lot.count
    void this.#signLot(lot, rows)
  }

  /** A failure is kept for the next `fill`, whose caller can act on it. */
  async #signLot(lot: Lot, rows: Float64Array<ArrayBuffer>): Promise<void> {
    try {
      lot.transactions = await this.#sign(rows)
      this.#ready += lot.count
    } catch (error) {
      this.#failure = error instanceof Error ? error : new LoadError('signing', String(error))
    }
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#onReady.splice(0)) resolve()
  }
}
