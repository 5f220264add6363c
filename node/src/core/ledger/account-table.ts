import { grown, KeyTable, NO_ROW, type Row } from './key-table.ts'

const FIRST_CAPACITY = 64
const ACCOUNTS_MAX = 2 ** 26

export type AccountRow = Row
export const NO_ACCOUNT = NO_ROW

/**
 * All accounts of a shard as columns, found by address. A new one has balance 0 and nonce 0.
 * Balances and nonces are safe integers (the genesis bounds the supply by 2^53 - 1).
 */
export class AccountTable extends KeyTable {
  balances = new Float64Array(FIRST_CAPACITY)
  nonceBases = new Float64Array(FIRST_CAPACITY)
  /** Bits 0..31 and 32..63 of the used nonces above the base; bit 0 is never set. */
  nonceLows = new Uint32Array(FIRST_CAPACITY)
  nonceHighs = new Uint32Array(FIRST_CAPACITY)

  constructor() {
    super(FIRST_CAPACITY, ACCOUNTS_MAX)
  }

  protected override growColumns(capacity: number): void {
    this.balances = grown(this.balances, new Float64Array(capacity))
    this.nonceBases = grown(this.nonceBases, new Float64Array(capacity))
    this.nonceLows = grown(this.nonceLows, new Uint32Array(capacity))
    this.nonceHighs = grown(this.nonceHighs, new Uint32Array(capacity))
  }
}
