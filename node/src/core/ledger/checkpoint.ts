import { FormatError, ByteReader } from '../primitives/byte-reader.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import { joinBytes } from '../primitives/bytes.ts'
import type { Hash } from '../primitives/hash.ts'
import type { Roots } from '../wire/block.ts'
import { OUTBOX_MESSAGE_BYTES } from '../wire/outbox-message.ts'
import { ADDRESS_BYTES } from '../wire/transaction.ts'
import { AccountTable } from './account-table.ts'
import type { LedgerParameters } from './ledger-parameters.ts'
import { Outbox } from '../crossshard/outbox.ts'
import { ACCUMULATOR_DEPTH } from '../crossshard/accumulator.ts'
import { PairTable } from './pair-table.ts'

/** The stored state is not one that this code wrote for this shard, or is damaged; the log can rebuild it. */
export class StateStoreError extends Error {
  override readonly name = 'StateStoreError'
}

/** One pair of a key-value store. */
export interface StateEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Everything that turns the stored state of an earlier height into that of `height`. */
export interface StateChanges {
  readonly height: number
  readonly puts: readonly StateEntry[]
  readonly deletes: readonly Uint8Array[]
}

/** First byte of a key: what the entry is. */
const KEY = { account: 0x61, head: 0x68, message: 0x6d, pair: 0x70 } as const
const STATE_FORMAT_VERSION = 1

/** Remembers what was stored last, so that a checkpoint writes differences only. */
export class Checkpoint {
  readonly #parameters: LedgerParameters
  readonly #accounts: AccountTable
  readonly #pairs: PairTable
  #dirtyRows: number[] = []
  #isDirty = new Uint8Array(0)
  /** Per shard: messages stored, from .. to - 1. */
  readonly #storedFrom: number[]
  readonly #storedTo: number[]

  constructor(parameters: LedgerParameters, accounts: AccountTable, pairs: PairTable) {
    this.#parameters = parameters
    this.#accounts = accounts
    this.#pairs = pairs
    this.#storedFrom = Array.from<number>({ length: parameters.shards }).fill(0)
    this.#storedTo = Array.from<number>({ length: parameters.shards }).fill(0)
  }

  /** Takes over the rows that the block touched. */
  noteTouched(): void {
    const { touched, touchedCount, count } = this.#accounts
    if (this.#isDirty.length < count) {
      const grown = new Uint8Array(count * 2)
      grown.set(this.#isDirty)
      this.#isDirty = grown
    }
    for (let i = 0; i < touchedCount; i++) {
      const row = touched[i] ?? 0
      if (this.#isDirty[row] === 1) continue
      this.#isDirty[row] = 1
      this.#dirtyRows.push(row)
    }
  }

  /** Everything in memory is stored already. */
  noteStored(): void {
    for (const [other, outbox] of this.#pairs.outboxes.entries()) {
      this.#storedFrom[other] = outbox?.acknowledged ?? 0
      this.#storedTo[other] = outbox?.outSequence ?? 0
    }
  }

  /** The changes since the last call. */
  take(height: number, roots: Roots): StateChanges {
    const puts: StateEntry[] = [{ key: Uint8Array.of(KEY.head), value: this.#headOf(height, roots) }]
    const deletes: Uint8Array[] = []
    for (const row of this.#dirtyRows) {
      puts.push(this.#accountEntry(row))
      this.#isDirty[row] = 0
    }
    this.#dirtyRows = []
    for (const [other, outbox] of this.#pairs.outboxes.entries()) {
      if (outbox !== null) this.#takePair(other, outbox, { puts, deletes })
    }
    this.noteStored()
    return { height, puts, deletes }
  }

  #takePair(other: number, outbox: Outbox, to: { puts: StateEntry[]; deletes: Uint8Array[] }): void {
    to.puts.push({ key: new ByteWriter(3).u8(KEY.pair).u16(other).finish(), value: this.#pairValue(other, outbox) })
    const from = this.#storedFrom[other] ?? 0
    const end = this.#storedTo[other] ?? 0
    for (let sequence = from; sequence < Math.min(outbox.acknowledged, end); sequence++) {
      to.deletes.push(messageKey(other, sequence))
    }
    for (let sequence = Math.max(outbox.acknowledged, end); sequence < outbox.outSequence; sequence++) {
      to.puts.push({ key: messageKey(other, sequence), value: outbox.messagesOf(sequence, 1) })
    }
  }

  #headOf(height: number, roots: Roots): Uint8Array {
    const { networkId, shard, shards } = this.#parameters
    const writer = new ByteWriter(160).u8(STATE_FORMAT_VERSION).hash(networkId).u16(shard).u16(shards).u64(height)
    return writer.hash(roots.state).hash(roots.outbox).hash(roots.result).finish()
  }

  #accountEntry(row: number): StateEntry {
    const accounts = this.#accounts
    const writer = new ByteWriter(24).u64(accounts.balances[row] ?? 0).u64(accounts.nonceBases[row] ?? 0)
    writer.u32(accounts.nonceHighs[row] ?? 0).u32(accounts.nonceLows[row] ?? 0)
    return { key: joinBytes([Uint8Array.of(KEY.account), accounts.addressOf(row)]), value: writer.finish() }
  }

  #pairValue(other: number, outbox: Outbox): Uint8Array {
    const writer = new ByteWriter(256).u64(outbox.acknowledged).u64(outbox.outSequence).u64(outbox.totalOut)
    writer.u64(this.#pairs.inNext[other] ?? 0).u64(this.#pairs.totalIn[other] ?? 0)
    return writer.list(outbox.frontier(), (to, hash) => to.hash(hash)).finish()
  }
}

function messageKey(other: number, sequence: number): Uint8Array {
  return new ByteWriter(11).u8(KEY.message).u16(other).u64(sequence).finish()
}

/** A state as it was stored, with the roots that it must lead to. */
export interface LoadedState {
  readonly accounts: AccountTable
  readonly pairs: PairTable
  readonly height: number
  readonly roots: Roots
  /** @throws StateStoreError when the recomputed roots are others. */
  mustMatch(recomputed: Roots): void
}

interface StoredPair {
  readonly acknowledged: number
  readonly outSequence: number
  readonly totalOut: number
  readonly inNext: number
  readonly totalIn: number
  readonly frontier: readonly Hash[]
}

/** Reads entries in any order. */
export function loadState(parameters: LedgerParameters, stored: Iterable<StateEntry>): LoadedState {
  const accounts = new AccountTable()
  const pairs = new Map<number, StoredPair>()
  const messages = new Map<number, Map<number, Uint8Array>>()
  let head: { height: number; roots: Roots } | null = null
  try {
    for (const { key, value } of stored) {
      const keyReader = new ByteReader(key)
      const kind = keyReader.u8()
      const reader = new ByteReader(value)
      if (kind === KEY.account) readAccount(accounts, keyReader, reader)
      else if (kind === KEY.head) head = readHead(parameters, reader)
      else if (kind === KEY.pair) pairs.set(keyReader.u16(), readPair(reader))
      else if (kind === KEY.message) addMessage(messages, keyReader, value)
      else throw new StateStoreError(`unknown entry kind ${kind}`)
    }
  } catch (error) {
    if (error instanceof FormatError) throw new StateStoreError(error.message, { cause: error })
    throw error
  }
  if (head === null) throw new StateStoreError('no height is stored')
  const { height, roots } = head
  return { accounts, pairs: pairTableOf(parameters, pairs, messages), height, roots, mustMatch: (now) => mustMatch(now, roots) }
}

function mustMatch(recomputed: Roots, stored: Roots): void {
  if (recomputed.state !== stored.state) throw new StateStoreError('the stored accounts have another state root')
  if (recomputed.outbox !== stored.outbox) throw new StateStoreError('the stored outboxes have another root')
}

function readHead(parameters: LedgerParameters, reader: ByteReader): { height: number; roots: Roots } {
  const version = reader.u8()
  if (version !== STATE_FORMAT_VERSION) throw new StateStoreError(`state format version ${version} is not known`)
  const isOurs =
    reader.hash() === parameters.networkId && reader.u16() === parameters.shard && reader.u16() === parameters.shards
  if (!isOurs) throw new StateStoreError('the state is of another network or shard')
  return { height: reader.u64(), roots: { state: reader.hash(), outbox: reader.hash(), result: reader.hash() } }
}

function readAccount(accounts: AccountTable, key: ByteReader, reader: ByteReader): void {
  const address = key.raw(ADDRESS_BYTES)
  const row = accounts.findOrAdd(new DataView(address.buffer, address.byteOffset, ADDRESS_BYTES), 0)
  accounts.balances[row] = reader.u64()
  accounts.nonceBases[row] = reader.u64()
  accounts.nonceHighs[row] = reader.u32()
  accounts.nonceLows[row] = reader.u32()
  accounts.touch(row)
}

function readPair(reader: ByteReader): StoredPair {
  return {
    acknowledged: reader.u64(),
    outSequence: reader.u64(),
    totalOut: reader.u64(),
    inNext: reader.u64(),
    totalIn: reader.u64(),
    frontier: reader.list(ACCUMULATOR_DEPTH, (from) => from.hash()),
  }
}

function addMessage(messages: Map<number, Map<number, Uint8Array>>, key: ByteReader, value: Uint8Array): void {
  if (value.length !== OUTBOX_MESSAGE_BYTES) throw new StateStoreError('a message has another length')
  const other = key.u16()
  const ofPair = messages.get(other) ?? new Map<number, Uint8Array>()
  ofPair.set(key.u64(), value)
  messages.set(other, ofPair)
}

function pairTableOf(
  parameters: LedgerParameters,
  pairs: ReadonlyMap<number, StoredPair>,
  messages: ReadonlyMap<number, ReadonlyMap<number, Uint8Array>>,
): PairTable {
  const { shard, shards } = parameters
  const outboxes = Array.from({ length: shards }, (_, other) => {
    if (other === shard) return undefined
    const pair = pairs.get(other)
    if (pair === undefined) throw new StateStoreError(`no outbox to shard ${other} is stored`)
    return outboxOf(pair, messages.get(other) ?? new Map<number, Uint8Array>())
  })
  const table = new PairTable(shard, shards, outboxes)
  for (const [other, pair] of pairs) {
    table.inNext[other] = pair.inNext
    table.totalIn[other] = pair.totalIn
  }
  return table
}

function outboxOf(pair: StoredPair, messages: ReadonlyMap<number, Uint8Array>): Outbox {
  const { acknowledged, outSequence, totalOut, frontier } = pair
  if (messages.size !== outSequence - acknowledged) throw new StateStoreError('messages of an outbox are missing')
  if (frontier.length !== bitCountOf(acknowledged)) throw new StateStoreError('the frontier of an outbox is damaged')
  const packed: Uint8Array[] = []
  for (let sequence = acknowledged; sequence < outSequence; sequence++) {
    const message = messages.get(sequence)
    if (message === undefined) throw new StateStoreError(`message ${sequence} of an outbox is missing`)
    packed.push(message)
  }
  return new Outbox({ acknowledged, frontier, totalOut, messages: joinBytes(packed) })
}

function bitCountOf(value: number): number {
  let count = 0
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}
