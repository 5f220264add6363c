import { offsetOf } from '../../core/wire/transaction.ts'

const NONCE_BYTES = 8

/** Payer and nonce of every transaction that this door has taken and no executed block has settled: first seen wins. */
export class PendingNonces {
  readonly #taken = new Set<string>()

  get size(): number {
    return this.#taken.size
  }

  /** False when the payer's nonce is taken already. */
  take(bytes: Buffer, offset: number): boolean {
    const key = keyAt(bytes, offset)
    if (this.#taken.has(key)) return false
    this.#taken.add(key)
    return true
  }

  release(bytes: Buffer, offset: number): void {
    this.#taken.delete(keyAt(bytes, offset))
  }
}

/** Payer key and nonce lie side by side in a transaction. */
function keyAt(bytes: Buffer, offset: number): string {
  return bytes.toString('latin1', offset + offsetOf.payerKey, offset + offsetOf.nonce + NONCE_BYTES)
}
