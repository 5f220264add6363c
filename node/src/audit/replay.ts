import { must } from '../core/errors.ts'
import { bytesOfHash, hashOfBytes, ZERO_HASH, type Hash } from '../core/primitives/hash.ts'
import type { Roots } from '../core/wire/block.ts'
import { pairLeafOf, type PairState } from '../core/wire/import-bundle.ts'
import { messageLeafOf } from './message-tree.ts'
import type { ShardRules } from './network.ts'
import { nodeOf, rootOfLeaves, sha256Of, ZERO_NODE } from './own-hash.ts'
import { ReplayAccounts, type ReplayAccount } from './replay-accounts.ts'
import { emptyChannel, pairOf, type Channel } from './replay-channel.ts'
import { resultAfter, type BatchResult } from './replay-results.ts'
import { ReplayCells } from './replay-cells.ts'
import { kinds, transactionLayout } from './transaction-form.ts'

/** Results in the order of their codes. */
const RESULTS = [
  'OK',
  'EXPIRED',
  'STALE',
  'AHEAD',
  'UNKNOWN',
  'INSUFFICIENT',
  'CAS_MISMATCH',
  'BUSY',
] as const
type Result = (typeof RESULTS)[number]

const WINDOW = 64n
const SLOTS = 65_536
const MESSAGE_BYTES = 96
/** A pair's tree has 32 levels; its last place stays free. */
const MESSAGES_MAX = 2 ** 32 - 1
const ACCOUNT_ROW_BYTES = 64
const ADDRESS_TAG = Buffer.from('shardnet/address/v1'.padEnd(30, '\0'), 'latin1')

/** One transaction of a committed block, as the audit executed it. */
export interface ExecutedTransaction {
  readonly shard: number
  readonly height: number
  /** A view into a buffer: copy what is kept. */
  readonly transaction: Uint8Array
  readonly result: string
  /** What a `get` read, empty when there was no such cell; a view, too. Null for every other transaction. */
  readonly read: Uint8Array | null
}

/** What one transfer wants to send to a shard. */
interface Needed {
  readonly messages: number
  readonly amount: bigint
}

/** The rules of a shard that execution depends on. */
export type ReplayRules = Pick<
  ShardRules,
  'shard' | 'shards' | 'slotFirst' | 'outboxWindow' | 'balance' | 'accounts'
>

/** A committed block with the bytes of all that it names. */
export interface ReplayBlock {
  readonly height: number
  readonly imports: readonly {
    readonly source: number
    /** Messages of ours that the source says to have taken. */
    readonly acknowledged: number
    readonly messages: Buffer
  }[]
  readonly batches: readonly {
    readonly digest: Hash
    readonly body: Buffer
    /** Offsets and lengths of its transactions; null when the body breaks the form. */
    readonly rows: Uint32Array | null
  }[]
}

/** Result and read of one transaction. */
interface Effect {
  readonly result: Result
  readonly read: Buffer | null
}

/**
 * The audit's own executor: the rules of the ledger once more, as plainly as they can be said, over a Map and bigints.
 * One instance executes the committed blocks of one shard in order.
 */
export class Replay {
  readonly rules: ReplayRules
  readonly accounts = new ReplayAccounts()
  readonly cells = new ReplayCells()
  /** By shard; the own place stays unused. */
  readonly channels: readonly Channel[]
  readonly results: Record<Result, number>
  height = 0
  #lastBatches: readonly BatchResult[] = []
  #result: Hash = ZERO_HASH
  #resultBefore: Hash = ZERO_HASH
  readonly #feeKey: string
  readonly #onExecuted: ((executed: ExecutedTransaction) => void) | undefined
  readonly #addressOfPayer = new Map<string, string>()
  readonly #pairsAt = new Map<number, readonly (PairState | null)[]>()

  constructor(rules: ReplayRules, onExecuted?: (executed: ExecutedTransaction) => void) {
    this.rules = rules
    this.#onExecuted = onExecuted
    this.channels = Array.from({ length: rules.shards }, emptyChannel)
    this.results = {
      OK: 0,
      EXPIRED: 0,
      STALE: 0,
      AHEAD: 0,
      UNKNOWN: 0,
      INSUFFICIENT: 0,
      CAS_MISMATCH: 0,
      BUSY: 0,
    }
    const fee = Buffer.alloc(32)
    fee.writeUInt16BE(rules.slotFirst)
    fee.write('shardnet/fees/v1', 2, 'latin1')
    this.#feeKey = fee.toString('latin1')
    const rows = Buffer.from(
      rules.accounts.buffer,
      rules.accounts.byteOffset,
      rules.accounts.byteLength,
    )
    for (let at = 0; at < rows.length; at += ACCOUNT_ROW_BYTES) {
      this.accounts.findOrAdd(rows.toString('latin1', at + 32, at + 64)).balance = rules.balance
    }
  }

  /** Executes the next committed block. */
  execute({ height, imports, batches }: ReplayBlock): void {
    this.height = height
    for (const { source, acknowledged, messages } of imports)
      this.#takeImport(source, acknowledged, messages)
    this.#lastBatches = batches.map(({ digest, body, rows }) => {
      const nothing = { results: new Uint8Array(0), reads: new Uint8Array(0) }
      const effects = rows === null ? nothing : this.#executeBatch(body, rows, height)
      return { digest, ...effects }
    })
    this.#resultBefore = this.#result
    this.#result = resultAfter(this.#result, this.#lastBatches)
  }

  /** Roots after the last executed block; pair summaries are remembered for `pairAt`. */
  roots(): Roots {
    const pairs = this.channels.map((channel, shard) =>
      shard === this.rules.shard ? null : pairOf(channel),
    )
    this.#pairsAt.set(this.height, pairs)
    const leaves = pairs.map((pair) => (pair === null ? ZERO_NODE : bytesOfHash(pairLeafOf(pair))))
    return {
      state: hashOfBytes(this.#stateRoot()),
      outbox: hashOfBytes(rootOfLeaves(leaves)),
      result: this.#result,
    }
  }

  /** What the result root would be if every transaction that was refused as used before had been executed again. */
  resultRootWithoutNonces(): Hash {
    const again = this.#lastBatches.map(({ digest, results, reads }) => {
      return {
        digest,
        reads,
        results: results.map((code) => (RESULTS[code] === 'STALE' ? RESULTS.indexOf('OK') : code)),
      }
    })
    return resultAfter(this.#resultBefore, again)
  }

  /** The summary of a pair as of a height whose roots were asked for. */
  pairAt(height: number, destination: number): PairState | null {
    return this.#pairsAt.get(height)?.[destination] ?? null
  }

  #stateRoot(): Uint8Array {
    const [accounts, cells] = [this.accounts.root(), this.cells.root()]
    return accounts === ZERO_NODE && cells === ZERO_NODE ? ZERO_NODE : nodeOf(accounts, cells)
  }

  #takeImport(source: number, acknowledged: number, messages: Buffer): void {
    const channel = must(this.channels[source], 'an import comes from a shard')
    channel.acknowledged = Math.min(Math.max(channel.acknowledged, acknowledged), channel.sent.size)
    for (let at = 0; at < messages.length; at += MESSAGE_BYTES) {
      const amount = messages.readBigUInt64BE(at + 88)
      this.#credit(messages.toString('latin1', at + 56, at + 88), amount)
      channel.taken += 1
      channel.totalTaken += amount
    }
  }

  #executeBatch(
    body: Buffer,
    rows: Uint32Array,
    height: number,
  ): Pick<BatchResult, 'results' | 'reads'> {
    const results = new Uint8Array(rows.length / 2)
    const reads: Buffer[] = []
    for (let index = 0; index < results.length; index++) {
      const offset = rows[2 * index] ?? 0
      const length = rows[2 * index + 1] ?? 0
      const transaction = body.subarray(offset, offset + length)
      const { result, read } = this.#execute(transaction, height)
      this.results[result] += 1
      results[index] = RESULTS.indexOf(result)
      this.#onExecuted?.({ shard: this.rules.shard, height, transaction, result, read })
      if (read === null) continue
      const head = Buffer.alloc(5)
      head.writeUInt32BE(index)
      head.writeUInt8(read.length, 4)
      reads.push(head, read)
    }
    return { results, reads: Buffer.concat(reads) }
  }

  #execute(transaction: Buffer, height: number): Effect {
    const payer = this.accounts.find(this.#payerKeyOf(transaction))
    const traceless = whyTraceless(payer, transaction, height)
    if (traceless !== null || payer === undefined)
      return { result: traceless ?? 'UNKNOWN', read: null }
    useNonce(payer, transaction.readBigUInt64BE(transactionLayout.nonce) - payer.nonceBase)
    this.accounts.touch(payer)
    const fee = this.#payFee(payer, BigInt(transaction.readUInt32BE(transactionLayout.fee)))
    if (transaction.readUInt8(transactionLayout.kind) !== kinds.transfer)
      return this.cells.execute(transaction, fee)
    return { result: this.#pay(payer, transaction), read: null }
  }

  /** What counts from here on is the balance after the fee. */
  #pay(payer: ReplayAccount, transfer: Buffer): Result {
    const { payees, payeeBytes, amountInPayee } = transactionLayout
    const count = transfer.readUInt8(60)
    let total = 0n
    const needed = new Map<number, Needed>()
    for (let index = 0; index < count; index++) {
      const at = payees + index * payeeBytes
      const amount = transfer.readBigUInt64BE(at + amountInPayee)
      total += amount
      const shard = this.#shardOf(transfer.readUInt16BE(at))
      if (shard === this.rules.shard) continue
      const before = needed.get(shard) ?? { messages: 0, amount: 0n }
      needed.set(shard, { messages: before.messages + 1, amount: before.amount + amount })
    }
    if (total > payer.balance) return 'INSUFFICIENT'
    for (const [shard, item] of needed) if (!this.#hasRoom(shard, item)) return 'BUSY'
    payer.balance -= total
    for (let index = 0; index < count; index++) this.#payOne(payer, transfer, index)
    return 'OK'
  }

  #hasRoom(shard: number, { messages, amount }: Needed): boolean {
    const { sent, acknowledged, totalSent } = must(this.channels[shard], 'a payee is in a shard')
    const end = sent.size + messages
    const isInWindow = end - acknowledged <= this.rules.outboxWindow && end <= MESSAGES_MAX
    return isInWindow && totalSent + amount <= BigInt(Number.MAX_SAFE_INTEGER)
  }

  #payOne(payer: ReplayAccount, transfer: Buffer, index: number): void {
    const at = transactionLayout.payees + index * transactionLayout.payeeBytes
    const amount = transfer.readBigUInt64BE(at + transactionLayout.amountInPayee)
    const shard = this.#shardOf(transfer.readUInt16BE(at))
    if (shard === this.rules.shard) {
      this.#credit(transfer.toString('latin1', at, at + 32), amount)
      return
    }
    const message = Buffer.alloc(MESSAGE_BYTES)
    message[0] = 1
    message[1] = index
    message.writeUInt16BE(this.rules.shard, 2)
    const signature = transfer.length - transactionLayout.signatureBytes
    message.set(transfer.subarray(signature, signature + 8), 8)
    message.set(transfer.subarray(transactionLayout.nonce, transactionLayout.nonce + 8), 16)
    message.set(payer.address, 24)
    message.set(transfer.subarray(at, at + 40), 56)
    const channel = must(this.channels[shard], 'a payee is in a shard')
    channel.sent.append(messageLeafOf(message))
    channel.amounts.push(Number(amount))
    channel.totalSent += amount
  }

  #payFee(payer: ReplayAccount, asked: bigint): bigint {
    const fee = asked < payer.balance ? asked : payer.balance
    if (fee === 0n) return fee
    payer.balance -= fee
    this.#credit(this.#feeKey, fee)
    return fee
  }

  #credit(key: string, amount: bigint): void {
    const account = this.accounts.findOrAdd(key)
    account.balance += amount
    this.accounts.touch(account)
  }

  #payerKeyOf(transfer: Buffer): string {
    const slot = transfer.toString(
      'latin1',
      transactionLayout.payerSlot,
      transactionLayout.payerSlot + 2,
    )
    const key = transfer.toString(
      'latin1',
      transactionLayout.payerKey,
      transactionLayout.payerKey + transactionLayout.keyBytes,
    )
    const name = slot + key
    const known = this.#addressOfPayer.get(name)
    if (known !== undefined) return known
    const rest = sha256Of(Buffer.concat([ADDRESS_TAG, Buffer.from(name, 'latin1')])).subarray(0, 30)
    const address = slot + Buffer.from(rest).toString('latin1')
    this.#addressOfPayer.set(name, address)
    return address
  }

  #shardOf(slot: number): number {
    return Math.floor((slot * this.rules.shards) / SLOTS)
  }
}

/** The result of a transaction that leaves no trace; null when it executes. */
function whyTraceless(
  payer: ReplayAccount | undefined,
  transaction: Buffer,
  height: number,
): Result | null {
  if (height > transaction.readUInt32BE(transactionLayout.validUntil)) return 'EXPIRED'
  if (payer === undefined) return 'UNKNOWN'
  const distance = transaction.readBigUInt64BE(transactionLayout.nonce) - payer.nonceBase
  if (distance < 0n) return 'STALE'
  if (distance >= WINDOW) return 'AHEAD'
  return (payer.nonceBitmap >> distance) % 2n === 1n ? 'STALE' : null
}

/** Marks the nonce and slides the window over all used ones at its start. */
function useNonce(account: ReplayAccount, distance: bigint): void {
  account.nonceBitmap |= 1n << distance
  account.noncesUsed += 1n
  while (account.nonceBitmap % 2n === 1n) {
    account.nonceBitmap >>= 1n
    account.nonceBase += 1n
  }
}
