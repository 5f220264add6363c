import { ACCUMULATOR_DEPTH } from '../crossshard/accumulator.ts'
import { Outbox } from '../crossshard/outbox.ts'
import { ByteReader, FormatError } from '../primitives/byte-reader.ts'
import { joinBytes } from '../primitives/bytes.ts'
import type { Hash } from '../primitives/hash.ts'
import type { Roots } from '../wire/block.ts'
import { OUTBOX_MESSAGE_BYTES } from '../wire/outbox-message.ts'
import { ADDRESS_BYTES } from '../wire/transaction.ts'
import { CELL_KEY_BYTES, CELL_VALUE_BYTES_MAX } from '../wire/cell-form.ts'
import { AccountTable } from './account-table.ts'
import { CELLS_MAX } from './cell-limits.ts'
import { CellTable } from './cell-table.ts'
import { ENTRY_KIND, STATE_FORMAT_VERSION, StateStoreError, type StateEntry } from './checkpoint.ts'
import type { LedgerParameters } from './ledger-parameters.ts'
import { PairTable } from './pair-table.ts'
import type { ExecutedState } from './transaction-executor.ts'

/** A state as it was stored, with the roots that it must lead to. */
export interface LoadedState extends ExecutedState {
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
  const cells = new CellTable()
  const pairs = new Map<number, StoredPair>()
  const messages = new Map<number, Map<number, Uint8Array>>()
  let head: { height: number; roots: Roots } | null = null
  try {
    for (const { key, value } of stored) {
      const keyReader = new ByteReader(key)
      const kind = keyReader.u8()
      const reader = new ByteReader(value)
      if (kind === ENTRY_KIND.account) readAccount(accounts, keyReader, reader)
      else if (kind === ENTRY_KIND.cell) readCell(cells, keyReader.raw(CELL_KEY_BYTES), value)
      else if (kind === ENTRY_KIND.head) head = readHead(parameters, reader)
      else if (kind === ENTRY_KIND.pair) pairs.set(keyReader.u16(), readPair(reader))
      else if (kind === ENTRY_KIND.message) addMessage(messages, keyReader, value)
      else throw new StateStoreError(`unknown entry kind ${kind}`)
    }
  } catch (error) {
    if (error instanceof FormatError) throw new StateStoreError(error.message, { cause: error })
    throw error
  }
  if (head === null) throw new StateStoreError('no height is stored')
  const { height, roots } = head
  return {
    accounts,
    cells,
    pairs: pairTableOf(parameters, pairs, messages),
    height,
    roots,
    mustMatch: (now) => mustMatch(now, roots),
  }
}

function mustMatch(recomputed: Roots, stored: Roots): void {
  if (recomputed.state !== stored.state)
    throw new StateStoreError('the stored accounts and cells have another state root')
  if (recomputed.outbox !== stored.outbox)
    throw new StateStoreError('the stored outboxes have another root')
}

function readHead(
  parameters: LedgerParameters,
  reader: ByteReader,
): { height: number; roots: Roots } {
  const version = reader.u8()
  if (version !== STATE_FORMAT_VERSION)
    throw new StateStoreError(`state format version ${version} is not known`)
  const isOurs =
    reader.hash() === parameters.networkId &&
    reader.u16() === parameters.shard &&
    reader.u16() === parameters.shards
  if (!isOurs) throw new StateStoreError('the state is of another network or shard')
  return {
    height: reader.u64(),
    roots: { state: reader.hash(), outbox: reader.hash(), result: reader.hash() },
  }
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

function readCell(cells: CellTable, key: Uint8Array, value: Uint8Array): void {
  if (value.length === 0 || value.length > CELL_VALUE_BYTES_MAX)
    throw new StateStoreError('a cell has another length')
  const view = new DataView(key.buffer, key.byteOffset, CELL_KEY_BYTES)
  if (cells.isFull) throw new StateStoreError(`more than ${CELLS_MAX} cells are stored`)
  cells.setValue(cells.findOrAdd(view, 0), value, 0, value.length)
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

function addMessage(
  messages: Map<number, Map<number, Uint8Array>>,
  key: ByteReader,
  value: Uint8Array,
): void {
  if (value.length !== OUTBOX_MESSAGE_BYTES)
    throw new StateStoreError('a message has another length')
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
  if (messages.size !== outSequence - acknowledged)
    throw new StateStoreError('messages of an outbox are missing')
  if (frontier.length !== bitCountOf(acknowledged))
    throw new StateStoreError('the frontier of an outbox is damaged')
  const packed: Uint8Array[] = []
  for (let sequence = acknowledged; sequence < outSequence; sequence++) {
    const message = messages.get(sequence)
    if (message === undefined)
      throw new StateStoreError(`message ${sequence} of an outbox is missing`)
    packed.push(message)
  }
  return new Outbox({ acknowledged, frontier, totalOut, messages: joinBytes(packed) })
}

function bitCountOf(value: number): number {
  let count = 0
  for (let rest = value; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}
