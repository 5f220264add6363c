import type { SubmitListener } from '../rpc/validator-door.ts'

/** Checked client transactions that go into one batch, with who waits for each. Transaction i ends at `ends[i]`. */
export interface PackedBatch {
  readonly body: Uint8Array
  readonly ends: readonly number[]
  readonly references: readonly number[]
  /** Null for a transaction that is packed again: its client was told already. */
  readonly listeners: readonly (SubmitListener | null)[]
  readonly packedAtMs: number
}

/** Gathers transactions until a batch is full or old enough. */
export class BatchPacker {
  readonly #bytesMax: number
  #body: Uint8Array
  #length = 0
  #ends: number[] = []
  #references: number[] = []
  #listeners: (SubmitListener | null)[] = []
  #firstAtMs = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
    this.#body = new Uint8Array(Math.min(bytesMax, 65_536))
  }

  get count(): number {
    return this.#ends.length
  }

  /** Monotonic milliseconds at which the oldest transaction came. */
  get firstAtMs(): number {
    return this.#firstAtMs
  }

  hasRoomFor(bytes: number): boolean {
    return this.#length + bytes <= this.#bytesMax
  }

  add(
    transaction: Uint8Array,
    reference: number,
    listener: SubmitListener | null,
    nowMs: number,
  ): void {
    if (this.#ends.length === 0) this.#firstAtMs = nowMs
    const end = this.#length + transaction.length
    if (end > this.#body.length) this.#grow(end)
    this.#body.set(transaction, this.#length)
    this.#length = end
    this.#ends.push(end)
    this.#references.push(reference)
    this.#listeners.push(listener)
  }

  /** What was gathered; the packer is empty afterwards. */
  take(nowMs: number): PackedBatch {
    const packed: PackedBatch = {
      body: this.#body.slice(0, this.#length),
      ends: this.#ends,
      references: this.#references,
      listeners: this.#listeners,
      packedAtMs: nowMs,
    }
    this.#length = 0
    this.#ends = []
    this.#references = []
    this.#listeners = []
    return packed
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.min(this.#bytesMax, Math.max(needed, this.#body.length * 2)))
    grown.set(this.#body.subarray(0, this.#length))
    this.#body = grown
  }
}

/** Tells every client which of its transactions are durable, in ranges of consecutive references. */
export function acknowledgePacked(packed: PackedBatch): void {
  for (let at = 0; at < packed.references.length;) {
    const listener = packed.listeners[at] ?? null
    const first = packed.references[at] ?? 0
    let end = at + 1
    while (
      end < packed.references.length &&
      packed.listeners[end] === listener &&
      packed.references[end] === first + end - at
    )
      end++
    listener?.onAcknowledged(first, end - at)
    at = end
  }
}
