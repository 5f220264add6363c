import type { Outbox } from '../crossshard/outbox.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import type { Roots } from '../wire/block.ts'
import { CELL_KEY_BYTES } from '../wire/cell-form.ts'
import { ADDRESS_BYTES } from '../wire/transaction.ts'
import type { AccountTable } from './account-table.ts'
import type { CellTable } from './cell-table.ts'
import { DirtyRows } from './dirty-rows.ts'
import type { LedgerParameters } from './ledger-parameters.ts'
import type { PairTable } from './pair-table.ts'
import type { ExecutedState } from './transaction-executor.ts'

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
export const ENTRY_KIND = {
  account: 0x61,
  cell: 0x63,
  head: 0x68,
  message: 0x6d,
  pair: 0x70,
} as const
/** Of the entries as a whole; the head carries it. */
export const STATE_FORMAT_VERSION = 2
/** Balance (u64), nonce base (u64), nonce bitmap (u64). */
const ACCOUNT_VALUE_BYTES = 24

/** Remembers what was stored last, so that a checkpoint writes differences only. */
export class Checkpoint {
  readonly #parameters: LedgerParameters
  readonly #accounts: AccountTable
  readonly #pairs: PairTable
  readonly #cells: CellTable
  readonly #dirtyAccounts = new DirtyRows()
  readonly #dirtyCells = new DirtyRows()
  /** Per shard: messages stored, from .. to - 1. */
  readonly #storedFrom: number[]
  readonly #storedTo: number[]

  constructor(parameters: LedgerParameters, { accounts, pairs, cells }: ExecutedState) {
    this.#parameters = parameters
    this.#accounts = accounts
    this.#pairs = pairs
    this.#cells = cells
    this.#storedFrom = Array.from<number>({ length: parameters.shards }).fill(0)
    this.#storedTo = Array.from<number>({ length: parameters.shards }).fill(0)
  }

  /** Takes over the rows that the block touched. */
  noteTouched(): void {
    this.#dirtyAccounts.note(this.#accounts)
    this.#dirtyCells.note(this.#cells)
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
    const puts: StateEntry[] = [
      { key: Uint8Array.of(ENTRY_KIND.head), value: this.#headOf(height, roots) },
    ]
    const deletes: Uint8Array[] = []
    this.#takeAccounts(puts)
    this.#takeCells(puts)
    for (const [other, outbox] of this.#pairs.outboxes.entries()) {
      if (outbox !== null) this.#takePair(other, outbox, { puts, deletes })
    }
    this.noteStored()
    return { height, puts, deletes }
  }

  #takePair(
    other: number,
    outbox: Outbox,
    to: { puts: StateEntry[]; deletes: Uint8Array[] },
  ): void {
    to.puts.push({
      key: new ByteWriter(3).u8(ENTRY_KIND.pair).u16(other).finish(),
      value: this.#pairValue(other, outbox),
    })
    const from = this.#storedFrom[other] ?? 0
    const end = this.#storedTo[other] ?? 0
    for (let sequence = from; sequence < Math.min(outbox.acknowledged, end); sequence++) {
      to.deletes.push(messageKey(other, sequence))
    }
    for (
      let sequence = Math.max(outbox.acknowledged, end);
      sequence < outbox.outSequence;
      sequence++
    ) {
      to.puts.push({ key: messageKey(other, sequence), value: outbox.messagesOf(sequence, 1) })
    }
  }

  #headOf(height: number, roots: Roots): Uint8Array {
    const { networkId, shard, shards } = this.#parameters
    const writer = new ByteWriter(160)
      .u8(STATE_FORMAT_VERSION)
      .hash(networkId)
      .u16(shard)
      .u16(shards)
      .u64(height)
    return writer.hash(roots.state).hash(roots.outbox).hash(roots.result).finish()
  }

  /** Keys and values of all dirty accounts in two allocations: there may be thousands, and consensus waits meanwhile. */
  #takeAccounts(puts: StateEntry[]): void {
    const accounts = this.#accounts
    const keyBytes = 1 + ADDRESS_BYTES
    const rows = this.#dirtyAccounts.take()
    const keys = new Uint8Array(rows.length * keyBytes)
    const values = new DataView(new ArrayBuffer(rows.length * ACCOUNT_VALUE_BYTES))
    const addresses = new Uint8Array(accounts.keyWords.buffer)
    for (const [i, row] of rows.entries()) {
      const key = keys.subarray(i * keyBytes, (i + 1) * keyBytes)
      key[0] = ENTRY_KIND.account
      key.set(addresses.subarray(row * ADDRESS_BYTES, (row + 1) * ADDRESS_BYTES), 1)
      const offset = i * ACCOUNT_VALUE_BYTES
      setSafeInteger(values, offset, accounts.balances[row] ?? 0)
      setSafeInteger(values, offset + 8, accounts.nonceBases[row] ?? 0)
      values.setUint32(offset + 16, accounts.nonceHighs[row] ?? 0)
      values.setUint32(offset + 20, accounts.nonceLows[row] ?? 0)
      puts.push({ key, value: new Uint8Array(values.buffer, offset, ACCOUNT_VALUE_BYTES) })
    }
  }

  #takeCells(puts: StateEntry[]): void {
    for (const row of this.#dirtyCells.take()) {
      const key = new Uint8Array(1 + CELL_KEY_BYTES)
      key[0] = ENTRY_KIND.cell
      key.set(this.#cells.keyOf(row), 1)
      puts.push({ key, value: this.#cells.valueAt(row).slice() })
    }
  }

  #pairValue(other: number, outbox: Outbox): Uint8Array {
    const writer = new ByteWriter(256)
      .u64(outbox.acknowledged)
      .u64(outbox.outSequence)
      .u64(outbox.totalOut)
    writer.u64(this.#pairs.inNext[other] ?? 0).u64(this.#pairs.totalIn[other] ?? 0)
    return writer.list(outbox.frontier(), (to, hash) => to.hash(hash)).finish()
  }
}

function setSafeInteger(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value / 0x1_0000_0000)
  view.setUint32(offset + 4, value % 0x1_0000_0000)
}

function messageKey(other: number, sequence: number): Uint8Array {
  return new ByteWriter(11).u8(ENTRY_KIND.message).u16(other).u64(sequence).finish()
}
