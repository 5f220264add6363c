import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { bytesOfHash, type Hash } from '../core/primitives/hash.ts'
import {
  cellKeyOf,
  encodeCellTransaction,
  type CellOperation,
} from '../core/wire/cell-operation.ts'
import { encodeTransfer, SIGNATURE_BYTES, type Payee } from '../core/wire/transaction.ts'

/** DER in front of a raw ed25519 seed (RFC 8410). */
const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const KEY_BYTES = 32
const NO_PAYLOAD = new Uint8Array(0)

/** What the payer decides about each transaction. */
export interface TransactionTerms {
  readonly nonce: number
  /** Last height of the payer's shard at which it may execute. */
  readonly validUntil: number
  readonly fee: number
  readonly payload?: Uint8Array
}

/** Makes signed transactions of one account: bytes for `RpcClient.sendTransaction` or a stream's `submit`. */
export class AccountSigner {
  /** The account's ed25519 key. */
  readonly key: Uint8Array
  readonly slot: number
  readonly #networkId: Hash
  readonly #networkBytes: Uint8Array
  readonly #privateKey: KeyObject

  /** `seed`: the 32 bytes that the account's ed25519 key comes from; `slot`: the first two bytes of its address. */
  constructor(networkId: Hash, seed: Uint8Array, slot: number) {
    this.slot = slot
    this.#networkId = networkId
    this.#networkBytes = bytesOfHash(networkId)
    const der = Buffer.concat([SEED_PREFIX, seed])
    this.#privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const publicKey = createPublicKey(this.#privateKey).export({ format: 'der', type: 'spki' })
    this.key = new Uint8Array(publicKey.subarray(-KEY_BYTES))
  }

  transfer(terms: TransactionTerms, payees: readonly Payee[]): Uint8Array {
    return this.#signed(encodeTransfer({ ...this.#headerOf(terms), payees }))
  }

  /** A put, compareAndSet or get on a cell of the account's own shard. */
  cellTransaction(terms: TransactionTerms, operation: CellOperation): Uint8Array {
    return this.#signed(encodeCellTransaction({ ...this.#headerOf(terms), operation }))
  }

  /** The key of a named cell in the account's own slot, which is always of its shard. */
  ownCell(name: string): Uint8Array {
    return cellKeyOf(this.slot, Buffer.from(name))
  }

  #headerOf({ nonce, validUntil, fee, payload = NO_PAYLOAD }: TransactionTerms) {
    const payer = { networkId: this.#networkId, payerSlot: this.slot, payerKey: this.key }
    return { ...payer, nonce, validUntil, fee, payload }
  }

  #signed(transaction: Uint8Array): Uint8Array {
    const end = transaction.length - SIGNATURE_BYTES
    const message = Buffer.concat([this.#networkBytes, transaction.subarray(0, end)])
    transaction.set(sign(null, message, this.#privateKey), end)
    return transaction
  }
}
