import { must, mustHold } from '../errors.ts'
import {
  ADDRESS_BYTES,
  ADDRESS_TAG,
  offsetOf,
  SIGNATURE_BYTES,
  transactionLengthAt,
  type Arena,
} from '../wire/transaction.ts'
import { RowHasher } from './row-hasher.ts'

/**
 * Finds the transactions of a batch body and computes all their payers' addresses with one hashing call.
 * Valid until the next `read`.
 */
export class PayerAddresses {
  /** Byte offset of each transaction, and the end of the last one behind them. */
  offsets = new Int32Array(64)
  /** Address i at byte 32 i. */
  view = new DataView(new ArrayBuffer(0))
  #bytes = new Uint8Array(0)
  readonly #hasher = new RowHasher()

  /** Returns the number of transactions. */
  read(arena: Arena): number {
    const count = this.#findOffsets(arena)
    this.#hasher.reserve(count)
    if (this.#bytes.length < count * ADDRESS_BYTES) this.#growAddresses(count)
    for (let i = 0; i < count; i++) this.#writeRow(arena, i)
    this.#hasher.run(count)
    const digests = this.#hasher.digestBytes
    for (let i = 0; i < count; i++) {
      const offset = must(this.offsets[i], 'offset of a transaction')
      const to = i * ADDRESS_BYTES
      this.view.setUint16(to, arena.view.getUint16(offset + offsetOf.payerSlot))
      for (let j = 0; j < 30; j++) this.#bytes[to + 2 + j] = digests[to + j] ?? 0
    }
    return count
  }

  #findOffsets(arena: Arena): number {
    let count = 0
    let offset = 0
    while (offset < arena.bytes.length) {
      const length = transactionLengthAt(arena, offset)
      mustHold(
        length > SIGNATURE_BYTES && offset + length <= arena.bytes.length,
        'a batch body is whole transactions',
      )
      if (count + 2 > this.offsets.length) this.#growOffsets()
      this.offsets[count++] = offset
      offset += length
    }
    this.offsets[count] = offset
    return count
  }

  #writeRow(arena: Arena, i: number): void {
    const { bytes } = this.#hasher
    const from = must(this.offsets[i], 'offset of a transaction')
    const to = i * 64
    for (let j = 0; j < 30; j++) bytes[to + j] = ADDRESS_TAG[j] ?? 0
    bytes[to + 30] = arena.bytes[from + offsetOf.payerSlot] ?? 0
    bytes[to + 31] = arena.bytes[from + offsetOf.payerSlot + 1] ?? 0
    for (let j = 0; j < 32; j++) bytes[to + 32 + j] = arena.bytes[from + offsetOf.payerKey + j] ?? 0
  }

  #growOffsets(): void {
    const grown = new Int32Array(this.offsets.length * 2)
    grown.set(this.offsets)
    this.offsets = grown
  }

  #growAddresses(count: number): void {
    this.#bytes = new Uint8Array(count * 2 * ADDRESS_BYTES)
    this.view = new DataView(this.#bytes.buffer)
  }
}
