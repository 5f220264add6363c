import { mustHold, SIGNATURE_BYTES } from '@shardnet/node/core'
import { ByteSlab } from './byte-slab.ts'

/** What a transaction in flight waits for. */
export const flightState = { free: 0, pending: 1, debited: 2 } as const

/** No row has this number. */
export const NO_ROW = -1

/** What is known of a transaction when it leaves. */
export interface Departure {
  /** Signed bytes, from `offset` on; copied. The last 64 are the signature, its first 8 the tag. */
  readonly bytes: Uint8Array
  readonly offset: number
  readonly length: number
  readonly account: number
  readonly payerShard: number
  readonly nonce: number
  readonly validUntil: number
  /** Credits that other shards must report. */
  readonly creditsLeft: number
}

/** What a table may hold. */
export interface FlightLimits {
  readonly capacity: number
  readonly transactionBytesMax: number
  /** Memory for the bytes of all transactions in flight. */
  readonly bytesMax: number
}

/**
 * The transactions in flight, column by column in typed arrays, with their bytes for sending again. Rows are reused, the
 * last freed first, so memory follows what is in flight and not what was sent. The index goes from tag to row.
 */
export class FlightTable {
  readonly capacity: number
  readonly state: Uint8Array
  /** Grows each time a row is freed: tells a late answer from one to the row's present holder. */
  readonly generation: Uint32Array
  readonly account: Uint32Array
  readonly payerShard: Uint16Array
  readonly nonce: Uint32Array
  readonly validUntil: Uint32Array
  readonly creditsLeft: Uint8Array
  readonly crossShard: Uint8Array
  readonly scheduledMs: Float64Array
  /** When to send again without a fate; infinity while an answer of the network is being waited for. */
  readonly retryMs: Float64Array
  /** Validator that it was sent to last. */
  readonly validator: Uint8Array
  /** How often it was sent. */
  readonly sends: Uint16Array
  /** Which validator after the account's home is next. */
  readonly turn: Uint8Array
  readonly acknowledged: Uint8Array
  /** 1 + a result code that left no trace and that a later block may still change; 0 for none. */
  readonly tracelessResult: Uint8Array
  readonly #length: Uint32Array
  readonly #sizeClass: Uint8Array
  readonly #slot: Int32Array
  readonly #slab: ByteSlab
  readonly #freeRows: Int32Array
  #freeCount: number
  /** Rows that were in use at some time: all others are behind them. */
  #rowsTouched = 0
  readonly #index: Int32Array
  readonly #tagHigh: Uint32Array
  readonly #tagLow: Uint32Array

  constructor({ capacity, transactionBytesMax, bytesMax }: FlightLimits) {
    this.capacity = capacity
    this.state = new Uint8Array(capacity)
    this.generation = new Uint32Array(capacity)
    this.account = new Uint32Array(capacity)
    this.payerShard = new Uint16Array(capacity)
    this.nonce = new Uint32Array(capacity)
    this.validUntil = new Uint32Array(capacity)
    this.creditsLeft = new Uint8Array(capacity)
    this.crossShard = new Uint8Array(capacity)
    this.scheduledMs = new Float64Array(capacity)
    this.retryMs = new Float64Array(capacity)
    this.validator = new Uint8Array(capacity)
    this.sends = new Uint16Array(capacity)
    this.turn = new Uint8Array(capacity)
    this.acknowledged = new Uint8Array(capacity)
    this.tracelessResult = new Uint8Array(capacity)
    this.#length = new Uint32Array(capacity)
    this.#sizeClass = new Uint8Array(capacity)
    this.#slot = new Int32Array(capacity)
    this.#slab = new ByteSlab(transactionBytesMax, bytesMax)
    this.#freeRows = new Int32Array(capacity)
    this.#freeCount = 0
    this.#tagHigh = new Uint32Array(capacity)
    this.#tagLow = new Uint32Array(capacity)
    // At most half full, so that a probe is short.
    this.#index = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(4, capacity * 2))))
  }

  /** Transactions in flight. */
  get count(): number {
    return this.#rowsTouched - this.#freeCount
  }

  /** Rows 0 … rowsUsed - 1 hold everything in flight (and free rows between). */
  get rowsUsed(): number {
    return this.#rowsTouched
  }

  /** Whether one more transaction of that length can leave. */
  hasRoomFor(length: number): boolean {
    return this.count < this.capacity && this.#slab.hasRoomFor(length)
  }

  /** Rows in use, of those that hold the condition. */
  countWhere(holds: (row: number) => boolean): number {
    let count = 0
    for (let row = 0; row < this.#rowsTouched; row++) {
      if (this.state[row] !== flightState.free && holds(row)) count += 1
    }
    return count
  }

  /** Takes a row for a transaction that is about to be sent. */
  add(departure: Departure, scheduledMs: number): number {
    const { bytes, offset, length } = departure
    mustHold(this.count < this.capacity, 'a full flight table takes nothing')
    const row = this.#freeCount > 0 ? (this.#freeRows[--this.#freeCount] ?? 0) : this.#rowsTouched++
    this.state[row] = flightState.pending
    this.account[row] = departure.account
    this.payerShard[row] = departure.payerShard
    this.nonce[row] = departure.nonce
    this.validUntil[row] = departure.validUntil
    this.creditsLeft[row] = departure.creditsLeft
    this.crossShard[row] = departure.creditsLeft > 0 ? 1 : 0
    this.scheduledMs[row] = scheduledMs
    this.retryMs[row] = 0
    this.validator[row] = 0
    this.sends[row] = 0
    this.turn[row] = 0
    this.acknowledged[row] = 0
    this.tracelessResult[row] = 0
    const { sizeClass, slot } = this.#slab.put(bytes, offset, length)
    this.#sizeClass[row] = sizeClass
    this.#slot[row] = slot
    this.#length[row] = length
    const tagAt = offset + length - SIGNATURE_BYTES
    this.#tagHigh[row] = u32At(bytes, tagAt)
    this.#tagLow[row] = u32At(bytes, tagAt + 4)
    this.#insert(row)
    return row
  }

  /** Frees the row of a transaction that has its fate. */
  remove(row: number): void {
    mustHold(this.state[row] !== flightState.free, 'a free row is not freed again')
    this.#delete(row)
    this.#slab.giveBack(this.#sizeClass[row] ?? 0, this.#slot[row] ?? 0)
    this.state[row] = flightState.free
    this.generation[row] = (this.generation[row] ?? 0) + 1
    this.#freeRows[this.#freeCount++] = row
  }

  /** The row whose transaction has the tag, or `NO_ROW`. */
  find(tagHigh: number, tagLow: number): number {
    const mask = this.#index.length - 1
    for (let at = tagLow & mask; ; at = (at + 1) & mask) {
      const entry = this.#index[at] ?? 0
      if (entry === 0) return NO_ROW
      const row = entry - 1
      if (this.#tagLow[row] === tagLow && this.#tagHigh[row] === tagHigh) return row
    }
  }

  /** The signed bytes; a view that is valid until the row is freed. */
  bytesOf(row: number): Uint8Array {
    return this.#slab.view(this.#sizeClass[row] ?? 0, this.#slot[row] ?? 0, this.#length[row] ?? 0)
  }

  #insert(row: number): void {
    const mask = this.#index.length - 1
    let at = (this.#tagLow[row] ?? 0) & mask
    while (this.#index[at] !== 0) at = (at + 1) & mask
    this.#index[at] = row + 1
  }

  /** Linear probing without tombstones: later entries of the run move into the hole when their place allows. */
  #delete(row: number): void {
    const mask = this.#index.length - 1
    let hole = (this.#tagLow[row] ?? 0) & mask
    while (this.#index[hole] !== row + 1) hole = (hole + 1) & mask
    for (let at = (hole + 1) & mask; this.#index[at] !== 0; at = (at + 1) & mask) {
      const entry = this.#index[at] ?? 0
      const wanted = (this.#tagLow[entry - 1] ?? 0) & mask
      if (((at - wanted) & mask) < ((at - hole) & mask)) continue
      this.#index[hole] = entry
      hole = at
    }
    this.#index[hole] = 0
  }
}

function u32At(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  return ((high << 16) | low) >>> 0
}
