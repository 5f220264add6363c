import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import {
  ADDRESS_BYTES,
  bytesOfHash,
  encodeTransfer,
  hashOfBytes,
  bytesOfHex,
  CELL_CREATION_FEE,
  cellKeyOf,
  encodeCellTransaction,
  must,
  SIGNATURE_BYTES,
  slotRangeOf,
  type CellOperation,
  type Hash,
} from '@shardnet/node/core'
import { ACCOUNT_ROW_BYTES } from './network.ts'
import {
  CELL_VALUE_BYTES,
  PLAN_COLUMNS,
  planColumn,
  planned,
  plannedBytes,
  type PlanRows,
} from './plan-row.ts'
import { draftKind } from './profiles/profile.ts'
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

  sign({ rows, seeds }: SigningJob): Uint8Array<ArrayBuffer> {
    const count = rows.length / PLAN_COLUMNS
    let bytes = 0
    for (let i = 0; i < count; i++) bytes += plannedBytes(rows, i)
    const transactions = new Uint8Array(bytes)
    let offset = 0
    for (let i = 0; i < count; i++) {
      const signed = this.#signOne(rows, i, seeds.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES))
      transactions.set(signed, offset)
      offset += signed.length
    }
    return transactions
  }

  #signOne(rows: PlanRows, i: number, seed: Uint8Array): Uint8Array {
    const payer = this.#accountNumber(
      planned(rows, i, planColumn.payerShard),
      planned(rows, i, planColumn.payerIndex),
    )
    const transaction = this.#encoded(rows, i, payer)
    const signedBytes = transaction.subarray(0, -SIGNATURE_BYTES)
    const message = Buffer.concat([this.#networkBytes, signedBytes])
    transaction.set(sign(null, message, this.#keyOf(payer, seed)), signedBytes.length)
    return transaction
  }

  #encoded(rows: PlanRows, i: number, payer: number): Uint8Array {
    const header = {
      networkId: this.#networkId,
      payerSlot: slotOf(this.#addressOf(payer)),
      payerKey: this.#table.slice(payer * ACCOUNT_ROW_BYTES, payer * ACCOUNT_ROW_BYTES + KEY_BYTES),
      nonce: planned(rows, i, planColumn.nonce),
      validUntil: planned(rows, i, planColumn.validUntil),
      fee: this.#settings.fee,
    }
    const payload = this.#payloadOf(
      planned(rows, i, planColumn.salt),
      planned(rows, i, planColumn.payloadBytes),
    )
    const kind = planned(rows, i, planColumn.kind)
    if (kind !== draftKind.transfer) {
      const operation = this.#operationOf(rows, i)
      const fee = operation.kind === 'get' ? header.fee : Math.max(header.fee, CELL_CREATION_FEE)
      return encodeCellTransaction({ ...header, fee, operation, payload })
    }
    const payee = this.#accountNumber(
      planned(rows, i, planColumn.payeeShard),
      planned(rows, i, planColumn.payeeIndex),
    )
    const amount = planned(rows, i, planColumn.amount)
    return encodeTransfer({
      ...header,
      payees: [{ address: this.#addressOf(payee), amount }],
      payload,
    })
  }

  #operationOf(rows: PlanRows, i: number): CellOperation {
    const shard = planned(rows, i, planColumn.payerShard)
    const cell = this.#cellKeyOf(shard, planned(rows, i, planColumn.cell))
    const value = numberBytes(planned(rows, i, planColumn.value))
    switch (planned(rows, i, planColumn.kind)) {
      case draftKind.put:
        return { kind: 'put', cell, value }
      case draftKind.compareAndSet: {
        const expected = numberBytes(planned(rows, i, planColumn.expected))
        return { kind: 'compareAndSet', cell, expected, value }
      }
      default:
        return { kind: 'get', cell }
    }
  }

  /** Cells go round the slots of their shard; whoever pays, one number is one cell. */
  #cellKeyOf(shard: number, cell: number): Uint8Array {
    const { first, end } = slotRangeOf(shard, this.#settings.shards)
    return cellKeyOf(first + (cell % (end - first)), Buffer.from(`load/${cell}`))
  }

  #accountNumber(shard: number, index: number): number {
    return shard * this.#settings.accountsPerShard + index
  }

  #addressOf(account: number): Uint8Array {
    const from = account * ACCOUNT_ROW_BYTES + KEY_BYTES
    return this.#table.slice(from, from + ADDRESS_BYTES)
  }

  #payloadOf(salt: number, length: number): Uint8Array {
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
  const noise = new Uint8Array(2 * settings.payloadBytesMax + 1)
  for (let i = 0; i < noise.length; i++) noise[i] = random.u32() & 0xff
  return noise
}

function slotOf(address: Uint8Array): number {
  return ((address[0] ?? 0) << 8) | (address[1] ?? 0)
}

/** A value as 8 bytes; nothing for 0, which stands for no cell. */
function numberBytes(value: number): Uint8Array {
  if (value === 0) return new Uint8Array(0)
  const bytes = Buffer.alloc(CELL_VALUE_BYTES)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
