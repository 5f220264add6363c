import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import {
  ADDRESS_BYTES,
  bytesOfHash,
  encodeTransfer,
  hashOfBytes,
  bytesOfHex,
  must,
  SIGNATURE_BYTES,
  type Hash,
} from '@shardnet/node/core'
import { ACCOUNT_ROW_BYTES } from './network.ts'
import { PLAN_COLUMNS, planColumn } from './planner.ts'
import { Random } from './random.ts'
import type { SigningJob, SigningSettings } from './signing-job.ts'

const KEY_BYTES = 32
/** Keys kept ready: a key object costs as much to make as a signature. */
const KEYS_MAX = 65_536
/** What RFC 8410 puts in front of the 32 bytes of an ed25519 seed. */
const PKCS8_PREFIX = bytesOfHex('302e020100300506032b657004220420')

/** Encodes and signs planned transfers: same plan, same bytes. */
export class Signer {
  readonly #settings: SigningSettings
  readonly #networkId: Hash
  readonly #networkBytes: Uint8Array
  readonly #table: Uint8Array
  readonly #noise: Uint8Array
  readonly #keys = new Map<number, KeyObject>()

  constructor(settings: SigningSettings) {
    this.#settings = settings
    this.#networkBytes = bytesOfHex(settings.networkId)
    this.#networkId = hashOfBytes(this.#networkBytes)
    this.#networkBytes = bytesOfHash(this.#networkId)
    this.#table = new Uint8Array(settings.accountTable)
    this.#noise = noiseOf(settings)
  }

  sign(job: SigningJob): Uint8Array<ArrayBuffer> {
    const count = job.rows.length / PLAN_COLUMNS
    let transactions = new Uint8Array(0)
    for (let i = 0; i < count; i++) {
      const row = job.rows.subarray(i * PLAN_COLUMNS, (i + 1) * PLAN_COLUMNS)
      const seed = job.seeds.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES)
      const signed = this.#signOne(row, seed)
      if (i === 0) transactions = new Uint8Array(count * signed.length)
      transactions.set(signed, i * signed.length)
    }
    return transactions
  }

  #signOne(row: Float64Array, seed: Uint8Array): Uint8Array {
    const at = (column: number): number => row[column] ?? 0
    const payer = this.#accountNumber(at(planColumn.payerShard), at(planColumn.payerIndex))
    const payee = this.#accountNumber(at(planColumn.payeeShard), at(planColumn.payeeIndex))
    const payerKey = this.#table.slice(
      payer * ACCOUNT_ROW_BYTES,
      payer * ACCOUNT_ROW_BYTES + KEY_BYTES,
    )
    const transaction = encodeTransfer({
      networkId: this.#networkId,
      payerSlot: slotOf(this.#addressOf(payer)),
      payerKey,
      nonce: at(planColumn.nonce),
      validUntil: at(planColumn.validUntil),
      fee: this.#settings.fee,
      payees: [{ address: this.#addressOf(payee), amount: at(planColumn.amount) }],
      payload: this.#payloadOf(at(planColumn.salt)),
    })
    const signedBytes = transaction.subarray(0, -SIGNATURE_BYTES)
    const message = Buffer.concat([this.#networkBytes, signedBytes])
    transaction.set(sign(null, message, this.#keyOf(payer, seed)), signedBytes.length)
    return transaction
  }

  #accountNumber(shard: number, index: number): number {
    return shard * this.#settings.accountsPerShard + index
  }

  #addressOf(account: number): Uint8Array {
    const from = account * ACCOUNT_ROW_BYTES + KEY_BYTES
    return this.#table.slice(from, from + ADDRESS_BYTES)
  }

  #payloadOf(salt: number): Uint8Array {
    const length = this.#settings.payloadBytes
    const from = length === 0 ? 0 : salt % (this.#noise.length - length)
    return this.#noise.subarray(from, from + length)
  }

  #keyOf(account: number, seed: Uint8Array): KeyObject {
    const known = this.#keys.get(account)
    if (known !== undefined) return known
    if (this.#keys.size >= KEYS_MAX)
      this.#keys.delete(must(this.#keys.keys().next().value, 'a full map has a first key'))
    const key = createPrivateKey({
      key: Buffer.concat([PKCS8_PREFIX, seed]),
      format: 'der',
      type: 'pkcs8',
    })
    this.#keys.set(account, key)
    return key
  }
}

/** Payloads are stretches of one random text twice as long: nothing repeats in one, and none costs a draw per byte. */
function noiseOf(settings: SigningSettings): Uint8Array {
  const random = new Random(settings.seed, 'payload')
  const noise = new Uint8Array(2 * settings.payloadBytes + 1)
  for (let i = 0; i < noise.length; i++) noise[i] = random.u32() & 0xff
  return noise
}

function slotOf(address: Uint8Array): number {
  return ((address[0] ?? 0) << 8) | (address[1] ?? 0)
}
