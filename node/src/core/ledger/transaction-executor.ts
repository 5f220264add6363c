import { must } from '../errors.ts'
import { ownerOfSlot, slotRangeOf } from '../wire/committee.ts'
import { OUTBOX_MESSAGE_BYTES, outboxMessageKind } from '../wire/outbox-message.ts'
import { resultCode, type ResultCode } from '../wire/result-code.ts'
import {
  ADDRESS_BYTES,
  amountAt,
  arenaOf,
  offsetOf,
  PAYEE_BYTES,
  SIGNATURE_BYTES,
  TAG_BYTES,
  type Arena,
} from '../wire/transaction.ts'
import { transactionKind } from '../wire/transaction-kind.ts'
import { NO_ACCOUNT, type AccountRow, type AccountTable } from './account-table.ts'
import { CellExecutor } from './cell-executor.ts'
import type { CellTable } from './cell-table.ts'
import { feeAddressOf, type LedgerParameters } from './ledger-parameters.ts'
import { consumeNonce, judgeNonce } from './nonce-window.ts'
import type { PairTable } from './pair-table.ts'
import { PayerAddresses } from './payer-addresses.ts'

const AMOUNT_OFFSET = ADDRESS_BYTES

/** What a batch did: one tag and one code per transaction, and what its gets read, packed. */
export interface BatchResults {
  readonly count: number
  readonly tags: Uint8Array
  readonly results: Uint8Array
  readonly reads: Uint8Array
}

/** The parts of the state that transactions change. */
export interface ExecutedState {
  readonly accounts: AccountTable
  readonly pairs: PairTable
  readonly cells: CellTable
}

/**
 * Executes transactions in place; what is done to cells is the cell executor's. Bodies passed the static check when they were ordered, so amounts are 1 .. 2^53 - 1,
 * payers are of this shard, and the sum of a transfer is a safe integer.
 */
export class TransactionExecutor {
  readonly #accounts: AccountTable
  readonly #pairs: PairTable
  readonly #cells: CellExecutor
  readonly #parameters: LedgerParameters
  readonly #slotFirst: number
  readonly #slotEnd: number
  readonly #feeView: DataView
  readonly #payers = new PayerAddresses()
  /** Messages and amounts that the running transaction needs per destination. */
  readonly #needed: Int32Array
  readonly #neededAmounts: Float64Array

  constructor(parameters: LedgerParameters, { accounts, pairs, cells }: ExecutedState) {
    const slots = slotRangeOf(parameters.shard, parameters.shards)
    this.#parameters = parameters
    this.#accounts = accounts
    this.#pairs = pairs
    this.#cells = new CellExecutor(cells)
    this.#slotFirst = slots.first
    this.#slotEnd = slots.end
    this.#feeView = new DataView(feeAddressOf(parameters.shard, parameters.shards).buffer)
    this.#needed = new Int32Array(parameters.shards)
    this.#neededAmounts = new Float64Array(parameters.shards)
  }

  /** Executes a batch's transactions in order at `height`. */
  executeBatch(body: Uint8Array, height: number): BatchResults {
    const arena = arenaOf(body)
    const count = this.#payers.read(arena)
    const tags = new Uint8Array(count * TAG_BYTES)
    const results = new Uint8Array(count)
    const { offsets } = this.#payers
    for (let i = 0; i < count; i++) {
      results[i] = this.#execute(arena, i, height)
      const signature = must(offsets[i + 1], 'end of a transaction') - SIGNATURE_BYTES
      for (let j = 0; j < TAG_BYTES; j++) tags[i * TAG_BYTES + j] = body[signature + j] ?? 0
    }
    return { count, tags, results, reads: this.#cells.takeReads() }
  }

  /** Adds an amount to the address at `offset`, which comes into being if need be. Cannot fail. */
  credit(view: DataView, offset: number, amount: number): void {
    const row = this.#accounts.findOrAdd(view, offset)
    const { balances } = this.#accounts
    balances[row] = (balances[row] ?? 0) + amount
    this.#accounts.touch(row)
  }

  /** The rules in their fixed order: the first that applies gives the result. */
  #execute(arena: Arena, i: number, height: number): ResultCode {
    const { view } = arena
    const offset = this.#payers.offsets[i] ?? 0
    if (height > view.getUint32(offset + offsetOf.validUntil)) return resultCode.expired
    const payer = this.#accounts.find(this.#payers.view, i * ADDRESS_BYTES)
    if (payer === NO_ACCOUNT) return resultCode.unknown
    const nonce = amountAt(arena, offset + offsetOf.nonce)
    const judgement = judgeNonce(this.#accounts, payer, nonce)
    if (judgement !== 'fresh') return judgement === 'used' ? resultCode.stale : resultCode.ahead
    consumeNonce(this.#accounts, payer, nonce)
    this.#accounts.touch(payer)
    const feePaid = this.#payFee(payer, view.getUint32(offset + offsetOf.fee))
    if (view.getUint8(offset + offsetOf.kind) === transactionKind.transfer)
      return this.#transfer(arena, i, payer)
    return this.#cells.execute({ arena, offset, position: i, feePaid })
  }

  /** Takes the fee, or the balance where that is less; returns what it took. */
  #payFee(payer: AccountRow, fee: number): number {
    const { balances } = this.#accounts
    const balance = balances[payer] ?? 0
    const paid = Math.min(fee, balance)
    if (paid === 0) return 0
    balances[payer] = balance - paid
    this.credit(this.#feeView, 0, paid)
    return paid
  }

  #transfer(arena: Arena, i: number, payer: AccountRow): ResultCode {
    const offset = this.#payers.offsets[i] ?? 0
    const payees = arena.view.getUint8(offset + offsetOf.payeeCount)
    const total = totalOf(arena, offset, payees)
    const balance = this.#accounts.balances[payer] ?? 0
    if (total > balance) return resultCode.insufficient
    if (!this.#hasRoom(arena, offset, payees)) return resultCode.busy
    this.#accounts.balances[payer] = balance - total
    for (let index = 0; index < payees; index++) {
      const item = offset + offsetOf.items + index * PAYEE_BYTES
      const slot = arena.view.getUint16(item)
      if (this.#isOwn(slot)) this.credit(arena.view, item, amountAt(arena, item + AMOUNT_OFFSET))
      else this.#send(arena, i, index)
    }
    return resultCode.ok
  }

  #isOwn(slot: number): boolean {
    return slot >= this.#slotFirst && slot < this.#slotEnd
  }

  #hasRoom(arena: Arena, offset: number, payees: number): boolean {
    let remote = 0
    for (let index = 0; index < payees; index++) {
      const item = offset + offsetOf.items + index * PAYEE_BYTES
      const slot = arena.view.getUint16(item)
      if (this.#isOwn(slot)) continue
      const destination = ownerOfSlot(slot, this.#parameters.shards)
      if (remote === 0) {
        this.#needed.fill(0)
        this.#neededAmounts.fill(0)
      }
      remote += 1
      this.#needed[destination] = (this.#needed[destination] ?? 0) + 1
      this.#neededAmounts[destination] =
        (this.#neededAmounts[destination] ?? 0) + amountAt(arena, item + AMOUNT_OFFSET)
    }
    return remote === 0 || this.#allHaveRoom()
  }

  #allHaveRoom(): boolean {
    for (let destination = 0; destination < this.#needed.length; destination++) {
      const needed = this.#needed[destination] ?? 0
      if (needed === 0) continue
      const outbox = this.#pairs.outboxOf(destination)
      if (needed > outbox.roomOf(this.#parameters.outboxWindow)) return false
      // The total is part of the pair's leaf as an integer below 2^53: a pair that reached it carries nothing more.
      if (outbox.totalOut + (this.#neededAmounts[destination] ?? 0) > Number.MAX_SAFE_INTEGER)
        return false
    }
    return true
  }

  /** Appends the credit of payee `index` to the outbox of its shard. */
  #send(arena: Arena, i: number, index: number): void {
    const offset = this.#payers.offsets[i] ?? 0
    const item = offset + offsetOf.items + index * PAYEE_BYTES
    const { bytes, view } = arena
    const outbox = this.#pairs.outboxOf(ownerOfSlot(view.getUint16(item), this.#parameters.shards))
    const at = outbox.extend()
    const to = outbox.bytes
    to.fill(0, at, at + OUTBOX_MESSAGE_BYTES)
    to[at] = outboxMessageKind.credit
    to[at + 1] = index
    to[at + 2] = this.#parameters.shard >> 8
    to[at + 3] = this.#parameters.shard & 0xff
    const signature = must(this.#payers.offsets[i + 1], 'end of a transaction') - SIGNATURE_BYTES
    for (let j = 0; j < TAG_BYTES; j++) to[at + 8 + j] = bytes[signature + j] ?? 0
    for (let j = 0; j < 8; j++) to[at + 16 + j] = bytes[offset + offsetOf.nonce + j] ?? 0
    for (let j = 0; j < ADDRESS_BYTES; j++)
      to[at + 24 + j] = this.#payers.view.getUint8(i * ADDRESS_BYTES + j)
    for (let j = 0; j < PAYEE_BYTES; j++) to[at + 56 + j] = bytes[item + j] ?? 0
    outbox.totalOut += amountAt(arena, item + AMOUNT_OFFSET)
  }
}

function totalOf(arena: Arena, offset: number, payees: number): number {
  let total = 0
  for (let index = 0; index < payees; index++) {
    total += amountAt(arena, offset + offsetOf.items + index * PAYEE_BYTES + AMOUNT_OFFSET)
  }
  return total
}
