import { mustHold } from '../errors.ts'
import { ADDRESS_BYTES } from '../wire/transaction.ts'

const ADDRESS_WORDS = ADDRESS_BYTES / 4
const FIRST_CAPACITY = 1024

/** A row's number; rows are never removed. */
export type AccountRow = number
export const NO_ACCOUNT = -1

/**
 * All accounts of a shard as columns, found by address through an open-addressing index.
 * Balances and nonces are safe integers (the genesis bounds the supply by 2^53 - 1); columns are replaced when the table grows.
 */
export class AccountTable {
  balances = new Float64Array(FIRST_CAPACITY)
  nonceBases = new Float64Array(FIRST_CAPACITY)
  /** Bits 0..31 and 32..63 of the used nonces above the base; bit 0 is never set. */
  nonceLows = new Uint32Array(FIRST_CAPACITY)
  nonceHighs = new Uint32Array(FIRST_CAPACITY)
  addressWords = new Uint32Array(FIRST_CAPACITY * ADDRESS_WORDS)
  /** Leaf hashes as the state tree last computed them. */
  leafWords = new Uint32Array(FIRST_CAPACITY * ADDRESS_WORDS)
  /** Rows touched in this block, each once. */
  touched = new Int32Array(FIRST_CAPACITY)
  touchedCount = 0
  count = 0
  #addressView = new DataView(this.addressWords.buffer)
  #index = new Int32Array(FIRST_CAPACITY * 4)
  #stamps = new Int32Array(FIRST_CAPACITY)
  #stamp = 1

  /** Forgets which rows were touched. */
  beginBlock(): void {
    this.#stamp += 1
    this.touchedCount = 0
  }

  /** Remembers that the row's leaf must be hashed again. */
  touch(row: AccountRow): void {
    if (this.#stamps[row] === this.#stamp) return
    this.#stamps[row] = this.#stamp
    this.touched[this.touchedCount++] = row
  }

  /** The row of the address at `offset`, or NO_ACCOUNT. */
  find(view: DataView, offset: number): AccountRow {
    const entry = this.#index[this.#probe(view, offset)] ?? 0
    return entry - 1
  }

  /** The row of the address at `offset`, made with balance 0 and nonce 0 when there was none. */
  findOrAdd(view: DataView, offset: number): AccountRow {
    const position = this.#probe(view, offset)
    const entry = this.#index[position] ?? 0
    return entry === 0 ? this.#add(view, offset, position) : entry - 1
  }

  addressOf(row: AccountRow): Uint8Array {
    const start = row * ADDRESS_BYTES
    return new Uint8Array(this.addressWords.buffer).slice(start, start + ADDRESS_BYTES)
  }

  slotOf(row: AccountRow): number {
    return this.#addressView.getUint16(row * ADDRESS_BYTES)
  }

  /** Bit `bit` of the address, counted from the most significant of the first byte. */
  bitOf(row: AccountRow, bit: number): number {
    return (this.#addressView.getUint8(row * ADDRESS_BYTES + (bit >> 3)) >> (7 - (bit & 7))) & 1
  }

  #add(view: DataView, offset: number, position: number): AccountRow {
    const row = this.count
    if (row === this.balances.length) this.#growColumns()
    for (let i = 0; i < ADDRESS_BYTES; i += 4) {
      this.#addressView.setInt32(row * ADDRESS_BYTES + i, view.getInt32(offset + i))
    }
    this.#index[position] = row + 1
    this.count = row + 1
    if (this.count * 2 > this.#index.length) this.#growIndex()
    return row
  }

  /** Index position that holds the address, or the free one where it belongs. */
  #probe(view: DataView, offset: number): number {
    const mask = this.#index.length - 1
    let position = mixAddress(view, offset) & mask
    for (;;) {
      const entry = this.#index[position] ?? 0
      if (entry === 0 || this.#isAt(entry - 1, view, offset)) return position
      position = (position + 1) & mask
    }
  }

  #isAt(row: AccountRow, view: DataView, offset: number): boolean {
    const start = row * ADDRESS_BYTES
    const own = this.#addressView
    for (let i = 0; i < ADDRESS_BYTES; i += 4) {
      if (own.getInt32(start + i) !== view.getInt32(offset + i)) return false
    }
    return true
  }

  #growColumns(): void {
    const capacity = this.balances.length * 2
    mustHold(capacity <= 2 ** 26, 'a shard has at most 2^26 accounts')
    this.balances = grown(this.balances, new Float64Array(capacity))
    this.nonceBases = grown(this.nonceBases, new Float64Array(capacity))
    this.nonceLows = grown(this.nonceLows, new Uint32Array(capacity))
    this.nonceHighs = grown(this.nonceHighs, new Uint32Array(capacity))
    this.addressWords = grown(this.addressWords, new Uint32Array(capacity * ADDRESS_WORDS))
    this.leafWords = grown(this.leafWords, new Uint32Array(capacity * ADDRESS_WORDS))
    this.touched = grown(this.touched, new Int32Array(capacity))
    this.#stamps = grown(this.#stamps, new Int32Array(capacity))
    this.#addressView = new DataView(this.addressWords.buffer)
  }

  #growIndex(): void {
    this.#index = new Int32Array(this.#index.length * 2)
    for (let row = 0; row < this.count; row++) {
      this.#index[this.#probe(this.#addressView, row * ADDRESS_BYTES)] = row + 1
    }
  }
}

function grown<T extends Float64Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}

/** Uses every byte, because payees' addresses are chosen freely by strangers. */
function mixAddress(view: DataView, offset: number): number {
  let mixed = 0x2545_f491
  for (let i = 0; i < ADDRESS_BYTES; i += 4) {
    mixed = Math.imul(mixed ^ view.getInt32(offset + i), 0x9e37_79b1)
    mixed ^= mixed >>> 15
  }
  return mixed
}
