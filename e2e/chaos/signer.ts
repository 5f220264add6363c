import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { ACCOUNT_ROW_BYTES, accountSeed, accountsOfShard } from '@shardnet/node/config'
import { encodeTransfer, type Hash, SIGNATURE_BYTES, TAG_BYTES } from '@shardnet/node/core'

/** DER in front of a raw ed25519 seed (RFC 8410). */
const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const KEY_BYTES = 32

/** What signing needs to know of a network. */
export interface SigningNetwork {
  readonly networkId: Hash
  readonly seed: string
  readonly accountsPerShard: number
  readonly accountTable: Uint8Array
}

/** A signed transaction and the two names it goes by. */
export interface SignedTransaction {
  readonly bytes: Uint8Array
  /** Hash of the bytes: names it in the client's ledger. */
  readonly id: string
  /** Names it in commit events. */
  readonly tag: string
}

/** One account of the genesis that can pay. */
export class Payer {
  readonly shard: number
  readonly address: Uint8Array
  readonly #network: SigningNetwork
  readonly #key: Uint8Array
  readonly #privateKey: KeyObject
  #nonce = 0

  constructor(network: SigningNetwork, shard: number, index: number) {
    const rows = accountsOfShard(network.accountTable, network.accountsPerShard, shard)
    const row = rows.subarray(index * ACCOUNT_ROW_BYTES, (index + 1) * ACCOUNT_ROW_BYTES)
    this.shard = shard
    this.#network = network
    this.#key = row.subarray(0, KEY_BYTES)
    this.address = row.subarray(KEY_BYTES)
    const seed = accountSeed(network.seed, shard, index)
    this.#privateKey = createPrivateKey({
      key: Buffer.concat([SEED_PREFIX, seed]),
      format: 'der',
      type: 'pkcs8',
    })
  }

  get payerSlot(): number {
    return ((this.address[0] ?? 0) << 8) | (this.address[1] ?? 0)
  }

  /** One token to a payee, with the account's next nonce. */
  transfer(payee: Uint8Array, validUntil: number): SignedTransaction {
    return this.#signed(
      encodeTransfer({
        ...this.#header(validUntil),
        payees: [{ address: payee, amount: 1 }],
        payload: new Uint8Array(),
      }),
    )
  }

  #header(validUntil: number) {
    return {
      networkId: this.#network.networkId,
      payerSlot: this.payerSlot,
      payerKey: this.#key,
      nonce: this.#nonce++,
      validUntil,
      fee: 1,
    }
  }

  /** Puts the signature into its place at the end. */
  #signed(bytes: Uint8Array): SignedTransaction {
    const body = bytes.subarray(0, -SIGNATURE_BYTES)
    const message = Buffer.concat([Buffer.from(this.#network.networkId, 'hex'), body])
    const signature = sign(null, message, this.#privateKey)
    bytes.set(signature, bytes.length - SIGNATURE_BYTES)
    return { bytes, id: idOf(bytes), tag: signature.toString('hex', 0, TAG_BYTES) }
  }
}

/** The name of a transaction in the client's ledger. */
export function idOf(transaction: Uint8Array): string {
  return createHash('sha256').update(transaction).digest('hex')
}
