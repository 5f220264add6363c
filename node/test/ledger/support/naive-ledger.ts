import { createHash } from 'node:crypto'
import { ownerOfSlot, slotRangeOf } from '../../../src/core/wire/committee.ts'

/** A transfer as the twin sees it: nothing but its meaning. */
export interface NaiveTransfer {
  readonly payer: string
  readonly nonce: bigint
  readonly validUntil: number
  readonly fee: bigint
  readonly payees: readonly { readonly address: string; readonly amount: bigint }[]
  readonly tag: string
  /** Not a transfer but this, all as hexadecimal text. */
  readonly operation?: NaiveOperation
}

/** `expected` undefined: not compared. `value` undefined: only read. */
export interface NaiveOperation {
  readonly cell: string
  readonly expected?: string
  readonly value?: string
}

export interface NaiveResult {
  readonly name: string
  readonly read: string | null
}

interface NaiveAccount {
  balance: bigint
  readonly used: Set<bigint>
}

const ZERO = Buffer.alloc(32)

function sha(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function tagged(domain: string, ...parts: Uint8Array[]): Buffer {
  return sha(Buffer.from([domain.length]), Buffer.from(domain, 'ascii'), ...parts)
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function bit(address: string, index: number): number {
  return (
    (Number.parseInt(address.slice((index >> 3) * 2, (index >> 3) * 2 + 2), 16) >>
      (7 - (index & 7))) &
    1
  )
}

/**
 * The ledger's rules again, as dumb as they can be said: maps of bigints, every message for ever, and every root computed
 * from nothing by its definition. Shares no code with the ledger but the slot table.
 */
export class NaiveLedger {
  readonly accounts = new Map<string, NaiveAccount>()
  readonly cells = new Map<string, string>()
  readonly sent: Buffer[][]
  readonly acknowledged: number[]
  readonly inNext: number[]
  readonly totalOut: bigint[]
  readonly totalIn: bigint[]
  readonly feeAddress: string
  height = 0
  readonly #shard: number
  readonly #shards: number
  readonly #window: number

  constructor(shard: number, shards: number, window: number) {
    this.#shard = shard
    this.#shards = shards
    this.#window = window
    this.sent = Array.from({ length: shards }, () => [])
    this.acknowledged = Array.from({ length: shards }, () => 0)
    this.inNext = Array.from({ length: shards }, () => 0)
    this.totalOut = Array.from({ length: shards }, () => 0n)
    this.totalIn = Array.from({ length: shards }, () => 0n)
    const slot = slotRangeOf(shard, shards).first.toString(16).padStart(4, '0')
    this.feeAddress = slot + Buffer.from('shardnet/fees/v1').toString('hex').padEnd(60, '0')
  }

  credit(address: string, amount: bigint): void {
    const account = this.accounts.get(address) ?? { balance: 0n, used: new Set<bigint>() }
    account.balance += amount
    this.accounts.set(address, account)
  }

  baseOf(account: NaiveAccount): bigint {
    let base = 0n
    while (account.used.has(base)) base += 1n
    return base
  }

  execute(transaction: NaiveTransfer): NaiveResult {
    const isFresh = this.#charge(transaction)
    if (typeof isFresh === 'string') return { name: isFresh, read: null }
    if (transaction.operation !== undefined) return this.#operate(transaction.operation, isFresh)
    return { name: this.#pay(transaction), read: null }
  }

  #operate({ cell, expected, value }: NaiveOperation, feePaid: bigint): NaiveResult {
    const current = this.cells.get(cell) ?? ''
    if (value === undefined) return { name: 'OK', read: current }
    if (expected !== undefined && expected !== current) return { name: 'CAS_MISMATCH', read: null }
    if (current === '' && feePaid < 100n) return { name: 'INSUFFICIENT', read: null }
    this.cells.set(cell, value)
    return { name: 'OK', read: null }
  }

  /** The fee that was paid, or why the transaction leaves no trace. */
  #charge(transfer: NaiveTransfer): bigint | string {
    if (this.height > transfer.validUntil) return 'EXPIRED'
    const account = this.accounts.get(transfer.payer)
    if (account === undefined) return 'UNKNOWN'
    const base = this.baseOf(account)
    if (account.used.has(transfer.nonce) || transfer.nonce < base) return 'STALE'
    if (transfer.nonce >= base + 64n) return 'AHEAD'
    account.used.add(transfer.nonce)
    const fee = transfer.fee < account.balance ? transfer.fee : account.balance
    if (fee > 0n) {
      account.balance -= fee
      this.credit(this.feeAddress, fee)
    }
    return fee
  }

  #pay(transfer: NaiveTransfer): string {
    const account = this.accounts.get(transfer.payer)
    if (account === undefined) throw new Error('no such payer')
    const sum = transfer.payees.reduce((total, payee) => total + payee.amount, 0n)
    if (sum > account.balance) return 'INSUFFICIENT'
    for (let other = 0; other < this.#shards; other++) {
      const needed = transfer.payees.filter(
        (payee) => this.#ownerOf(payee.address) === other,
      ).length
      const waiting = (this.sent[other]?.length ?? 0) - (this.acknowledged[other] ?? 0)
      if (other !== this.#shard && needed > 0 && waiting + needed > this.#window) return 'BUSY'
    }
    account.balance -= sum
    for (const [index, payee] of transfer.payees.entries()) {
      const owner = this.#ownerOf(payee.address)
      if (owner === this.#shard) this.credit(payee.address, payee.amount)
      else this.#send(owner, transfer, index)
    }
    return 'OK'
  }

  import(source: number, messages: readonly Buffer[], acknowledged: number): void {
    for (const message of messages) {
      this.credit(message.subarray(56, 88).toString('hex'), message.readBigUInt64BE(88))
      this.totalIn[source] = (this.totalIn[source] ?? 0n) + message.readBigUInt64BE(88)
    }
    this.inNext[source] = (this.inNext[source] ?? 0) + messages.length
    const before = this.acknowledged[source] ?? 0
    this.acknowledged[source] = Math.max(
      before,
      Math.min(acknowledged, this.sent[source]?.length ?? 0),
    )
  }

  #ownerOf(address: string): number {
    return ownerOfSlot(Number.parseInt(address.slice(0, 4), 16), this.#shards)
  }

  #send(owner: number, transfer: NaiveTransfer, index: number): void {
    const payee = transfer.payees[index]
    if (payee === undefined) throw new Error('no such payee')
    const head = Buffer.from([1, index, this.#shard >> 8, this.#shard & 255, 0, 0, 0, 0])
    const parts = [
      head,
      Buffer.from(transfer.tag, 'hex'),
      u64(transfer.nonce),
      Buffer.from(transfer.payer, 'hex'),
    ]
    this.sent[owner]?.push(
      Buffer.concat([...parts, Buffer.from(payee.address, 'hex'), u64(payee.amount)]),
    )
    this.totalOut[owner] = (this.totalOut[owner] ?? 0n) + payee.amount
  }

  stateRoot(): string {
    const accounts = this.#dense(0, [...this.accounts.keys()])
    const cells = this.#trie([...this.cells.keys()], 0, (key) => this.#cellLeaf(key))
    return sha(accounts, cells).toString('hex')
  }

  #dense(depth: number, addresses: string[]): Buffer {
    if (addresses.length === 0) return ZERO
    if (depth === 16) return this.#trie(addresses, 16, (address) => this.#leaf(address))
    const [left, right] = [0, 1].map((side) =>
      addresses.filter((address) => bit(address, depth) === side),
    )
    return sha(this.#dense(depth + 1, left ?? []), this.#dense(depth + 1, right ?? []))
  }

  #trie(addresses: string[], from: number, leafOf: (key: string) => Buffer): Buffer {
    const [first] = addresses
    if (first === undefined) return ZERO
    if (addresses.length === 1) return leafOf(first)
    let index = from
    while (addresses.every((address) => bit(address, index) === bit(first, index))) index += 1
    const [left, right] = [0, 1].map((side) =>
      addresses.filter((address) => bit(address, index) === side),
    )
    const [one, other] = [left ?? [], right ?? []].map((side) => this.#trie(side, from, leafOf))
    if (one === undefined || other === undefined) throw new Error('two sides')
    return sha(
      one.subarray(0, 28),
      other.subarray(0, 28),
      Buffer.from('branch'),
      Buffer.from([0, index]),
    )
  }

  #cellLeaf(key: string): Buffer {
    const value = sha(Buffer.from(this.cells.get(key) ?? '', 'hex'))
    return sha(Buffer.from(key, 'hex'), value.subarray(0, 28), Buffer.from('cell'))
  }

  #leaf(address: string): Buffer {
    const account = this.accounts.get(address)
    if (account === undefined) throw new Error('no such account')
    const base = this.baseOf(account)
    let bitmap = 0n
    for (const nonce of account.used) if (nonce > base) bitmap |= 1n << (nonce - base)
    return sha(
      Buffer.from(address, 'hex'),
      u64(account.balance),
      u64(base),
      u64(bitmap),
      Buffer.from('account1'),
    )
  }

  accumulatorRoot(other: number): string {
    const leaves = (this.sent[other] ?? []).map((message) => tagged('shardnet/message/v1', message))
    return accumulate(32, leaves).toString('hex')
  }

  outboxRoot(): string {
    const width = 2 ** Math.ceil(Math.log2(this.#shards))
    let level: Buffer[] = Array.from({ length: width }, (_, other) => {
      if (other === this.#shard || other >= this.#shards) return ZERO
      const numbers = [this.sent[other]?.length ?? 0, this.inNext[other] ?? 0].map(BigInt)
      const amounts = [this.totalOut[other] ?? 0n, this.totalIn[other] ?? 0n]
      return tagged(
        'shardnet/pair/v1',
        Buffer.from(this.accumulatorRoot(other), 'hex'),
        ...[...numbers, ...amounts].map(u64),
      )
    })
    while (level.length > 1) {
      level = level.flatMap((left, i) => (i % 2 === 0 ? [sha(left, level[i + 1] ?? ZERO)] : []))
    }
    return (level[0] ?? ZERO).toString('hex')
  }
}

const zeros: Buffer[] = [ZERO]
for (let height = 1; height <= 32; height++)
  zeros.push(sha(zeros[height - 1] ?? ZERO, zeros[height - 1] ?? ZERO))

function accumulate(height: number, leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return zeros[height] ?? ZERO
  if (height === 0) return leaves[0] ?? ZERO
  const half = 2 ** (height - 1)
  return sha(
    accumulate(height - 1, leaves.slice(0, half)),
    accumulate(height - 1, leaves.slice(half)),
  )
}

/** Result root after a block, by definition: the one before, chained with the root over one leaf per batch. */
export function naiveResultRoot(
  before: string,
  batches: readonly { digest: string; results: Uint8Array; reads: readonly [number, string][] }[],
): string {
  let level: Buffer[] = batches.map(({ digest, results, reads }) => {
    const packed = Buffer.concat(
      reads.map(([position, value]) =>
        Buffer.concat([u32(position), Buffer.of(value.length / 2), Buffer.from(value, 'hex')]),
      ),
    )
    const sized = [u32(results.length), results, u32(packed.length), packed]
    return tagged('shardnet/result/v1', Buffer.from(digest, 'hex'), ...sized)
  })
  if (level.length === 0) return before
  while (level.length & (level.length - 1)) level.push(ZERO)
  while (level.length > 1)
    level = level.flatMap((left, i) => (i % 2 === 0 ? [sha(left, level[i + 1] ?? ZERO)] : []))
  return tagged('shardnet/results/v1', Buffer.from(before, 'hex'), level[0] ?? ZERO).toString('hex')
}
