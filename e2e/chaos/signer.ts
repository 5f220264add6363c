import { createHash } from 'node:crypto'
import { AccountSigner } from '@shardnet/node/client'
import { ACCOUNT_ROW_BYTES, accountSeed, accountsOfShard } from '@shardnet/node/config'
import {
  CELL_CREATION_FEE,
  type CellOperation,
  type Hash,
  hexOf,
  SIGNATURE_BYTES,
  TAG_BYTES,
} from '@shardnet/node/core'

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

/** One account of the genesis that can pay. Each of its transactions has the next nonce. */
export class Payer {
  readonly shard: number
  readonly address: Uint8Array
  readonly #signer: AccountSigner
  #nonce = 0

  constructor(network: SigningNetwork, shard: number, index: number) {
    const rows = accountsOfShard(network.accountTable, network.accountsPerShard, shard)
    const row = rows.subarray(index * ACCOUNT_ROW_BYTES, (index + 1) * ACCOUNT_ROW_BYTES)
    this.shard = shard
    this.address = row.subarray(KEY_BYTES)
    const seed = accountSeed(network.seed, shard, index)
    this.#signer = new AccountSigner(network.networkId, seed, slotOf(this.address))
  }

  /** The key of a named cell in this account's slot. */
  cell(name: string): Uint8Array {
    return this.#signer.ownCell(name)
  }

  /** One token to a payee. */
  transfer(payee: Uint8Array, validUntil: number): SignedTransaction {
    const terms = { nonce: this.#nonce++, validUntil, fee: 1 }
    return signed(this.#signer.transfer(terms, [{ address: payee, amount: 1 }]))
  }

  /** An operation on a cell of this account's shard. */
  onCell(operation: CellOperation, validUntil: number): SignedTransaction {
    const terms = { nonce: this.#nonce++, validUntil, fee: CELL_CREATION_FEE }
    return signed(this.#signer.cellTransaction(terms, operation))
  }
}

function slotOf(address: Uint8Array): number {
  return ((address[0] ?? 0) << 8) | (address[1] ?? 0)
}

function signed(bytes: Uint8Array): SignedTransaction {
  const signature = bytes.subarray(bytes.length - SIGNATURE_BYTES)
  return { bytes, id: idOf(bytes), tag: hexOf(signature.subarray(0, TAG_BYTES)) }
}

/** The name of a transaction in the client's ledger. */
export function idOf(transaction: Uint8Array): string {
  return createHash('sha256').update(transaction).digest('hex')
}
