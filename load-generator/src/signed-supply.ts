import { mustHold } from '@shardnet/node/core'
import { LoadError } from './network.ts'
import { PLAN_COLUMNS, planColumn, planned, plannedBytes, type PlanRows } from './plan-row.ts'
import type { Planner } from './planner.ts'
import type { Departure } from './flight-table.ts'

/** Signs a plan; the pool in production, a plain function in tests. */
export type Sign = (rows: PlanRows) => Promise<Uint8Array<ArrayBuffer>>

/** How far ahead of the sending is signed. */
export interface SupplyLimits {
  /** Signed and unsent transactions to hold. */
  readonly aheadCount: number
  /** And their bytes. */
  readonly aheadBytes: number
  /** Transactions of the whole run; infinity for as many as the schedule asks for. */
  readonly totalCount: number
}

interface Lot {
  readonly rows: Float64Array
  readonly count: number
  readonly bytes: number
  transactions: Uint8Array | null
  taken: number
  takenBytes: number
}

const LOT_ROWS = 256
/** A lot of large transactions is a short one. */
const LOT_BYTES = 1_048_576

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
  #untakenBytes = 0
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
      if (this.#untakenBytes >= this.#limits.aheadBytes) return
      const rows = this.#planner.plan(wanted, this.#heights(), LOT_BYTES)
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

  /** Length of the next transaction in bytes; 0 while its lot is not signed. */
  get nextBytes(): number {
    const lot = this.#lots[0]
    return lot === undefined || lot.transactions === null ? 0 : plannedBytes(lot.rows, lot.taken)
  }

  /** The next transaction, as a view that is valid until lots are filled again; null while its lot is not signed. */
  take(): Departure | null {
    const lot = this.#lots[0]
    if (lot === undefined || lot.transactions === null) return null
    const { rows, taken, transactions: bytes, takenBytes: offset } = lot
    const length = plannedBytes(rows, taken)
    const payerShard = planned(rows, taken, planColumn.payerShard)
    lot.taken += 1
    lot.takenBytes += length
    if (lot.taken === lot.count) this.#lots.shift()
    this.#ready -= 1
    this.#untaken -= 1
    this.#untakenBytes -= length
    return {
      bytes,
      offset,
      length,
      account: this.#planner.accountOf(payerShard, planned(rows, taken, planColumn.payerIndex)),
      payerShard,
      nonce: planned(rows, taken, planColumn.nonce),
      validUntil: planned(rows, taken, planColumn.validUntil),
      creditsLeft: payerShard === planned(rows, taken, planColumn.payeeShard) ? 0 : 1,
    }
  }

  /** Gives back what was planned and never taken: its nonces are free for another supply of the same planner's accounts. */
  dispose(): void {
    for (const { rows, taken, count } of this.#lots.splice(0)) {
      for (let index = taken; index < count; index++) {
        const shard = planned(rows, index, planColumn.payerShard)
        const account = this.#planner.accountOf(shard, planned(rows, index, planColumn.payerIndex))
        this.#planner.nonces.giveBack(account, planned(rows, index, planColumn.nonce))
      }
    }
    this.#untaken = 0
    this.#untakenBytes = 0
  }

  #start(rows: PlanRows): void {
    const count = rows.length / PLAN_COLUMNS
    let bytes = 0
    for (let i = 0; i < count; i++) bytes += plannedBytes(rows, i)
    const lot: Lot = { rows, count, bytes, transactions: null, taken: 0, takenBytes: 0 }
    this.#lots.push(lot)
    this.#planned += count
    this.#untaken += count
    this.#untakenBytes += bytes
    void this.#signLot(lot, rows)
  }

  /** A failure is kept for the next `fill`, whose caller can act on it. */
  async #signLot(lot: Lot, rows: PlanRows): Promise<void> {
    try {
      lot.transactions = await this.#sign(rows)
      mustHold(lot.transactions.length === lot.bytes, 'signed lengths are those that were planned')
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
