import { mustHold } from '../errors.ts'
import { arenaOf, PAYEE_BYTES, TAG_BYTES, ADDRESS_BYTES, amountAt } from '../wire/transaction.ts'
import { ZERO_HASH, type Hash } from '../primitives/hash.ts'
import type { Roots } from '../wire/block.ts'
import type { BatchOutcome, CreditOutcome } from '../wire/commit-event.ts'
import { ownerOfSlot } from '../wire/committee.ts'
import {
  MESSAGES_PER_BUNDLE_MAX,
  type ImportBundle,
  type PairState,
} from '../wire/import-bundle.ts'
import { OUTBOX_MESSAGE_BYTES } from '../wire/outbox-message.ts'
import type { Account } from './account-leaf.ts'
import type { AccountProof } from './account-proof.ts'
import { NO_ACCOUNT, AccountTable, type AccountRow } from './account-table.ts'
import type { CellProof } from './cell-proof.ts'
import { CellTable } from './cell-table.ts'
import { CellTree } from './cell-tree.ts'
import { Checkpoint, type StateChanges, type StateEntry } from './checkpoint.ts'
import type { CommittedBatch, CommittedBlock, ExecutedBlock } from './executed-block.ts'
import type { LedgerParameters } from './ledger-parameters.ts'
import { stateRootOf } from './key-walk.ts'
import { merklePathOf } from './merkle.ts'
import { NO_ROW } from './key-table.ts'
import { judgeNonce, type NonceJudgement } from './nonce-window.ts'
import { PairTable } from './pair-table.ts'
import { batchesRootOf, resultLeafOf, resultRootOf } from './receipt.ts'
import { accountAt, StateProver } from './state-prover.ts'
import { StateTree } from './state-tree.ts'
import { loadState } from './stored-state.ts'
import { TransactionExecutor, type ExecutedState } from './transaction-executor.ts'

const GENESIS_ROW_BYTES = 64
const RESULT_CODES = 8

/** Where a message carries the address and the amount that it credits. */
const MESSAGE_PAYEE = 56
const MESSAGE_AMOUNT = MESSAGE_PAYEE + PAYEE_BYTES - 8
const MESSAGE_TAG = 8

/** Messages of a pair with what proves them under the outbox root of one executed height. */
export interface BundleRange {
  readonly pair: PairState
  readonly pairPath: readonly Hash[]
  readonly first: number
  readonly count: number
  readonly messages: Uint8Array
  readonly proof: readonly Hash[]
}

/** Where the shard's money is, for the supply equation. */
export interface SupplyParts {
  readonly balances: bigint
  readonly totalOut: readonly bigint[]
  readonly totalIn: readonly bigint[]
}

/**
 * A shard's executed state: accounts, cells, outboxes and what was taken from other shards, with the roots that headers carry.
 * Blocks are executed in place, in height order, once they are committed; the same blocks give the same bytes everywhere.
 */
export class Ledger {
  readonly parameters: LedgerParameters
  readonly #accounts: AccountTable
  readonly #pairs: PairTable
  readonly #cells: CellTable
  readonly #tree: StateTree
  readonly #cellTree: CellTree
  readonly #executor: TransactionExecutor
  readonly #prover: StateProver
  readonly #checkpoint: Checkpoint
  #height: number
  #roots: Roots

  private constructor(parameters: LedgerParameters, parts: LedgerParts) {
    this.parameters = parameters
    this.#accounts = parts.accounts
    this.#pairs = parts.pairs
    this.#cells = parts.cells
    this.#height = parts.height
    this.#tree = new StateTree(parameters.shard, parameters.shards, parts.accounts)
    this.#cellTree = new CellTree(parts.cells)
    this.#executor = new TransactionExecutor(parameters, parts)
    this.#prover = new StateProver(parts, this.#tree, this.#cellTree)
    this.#checkpoint = new Checkpoint(parameters, parts)
    this.#roots = this.#seal(parts.resultRoot)
  }

  /** The state at height 0: `accounts` are this shard's rows of 64 bytes (key, address), each with the same balance. */
  static genesis(parameters: LedgerParameters, accounts: Uint8Array, balance: number): Ledger {
    mustHold(accounts.length % GENESIS_ROW_BYTES === 0, 'genesis rows are whole')
    mustHold(Number.isSafeInteger(balance) && balance >= 0, 'genesis balance is a safe integer')
    const table = new AccountTable()
    const { view } = arenaOf(accounts)
    for (let offset = 32; offset < accounts.length; offset += GENESIS_ROW_BYTES) {
      mustHold(
        ownerOfSlot(view.getUint16(offset), parameters.shards) === parameters.shard,
        'genesis account is of the shard',
      )
      const row = table.findOrAdd(view, offset)
      table.balances[row] = balance
      table.touch(row)
    }
    mustHold(table.count * GENESIS_ROW_BYTES === accounts.length, 'genesis accounts are different')
    const pairs = new PairTable(parameters.shard, parameters.shards)
    const ledger = new Ledger(parameters, {
      accounts: table,
      pairs,
      cells: new CellTable(),
      height: 0,
      resultRoot: ZERO_HASH,
    })
    ledger.#checkpoint.noteTouched()
    return ledger
  }

  /**
   * A ledger from stored entries in any order. Its pair history starts at the stored height.
   * @throws StateStoreError when the entries are not what one `takeDirty` after the other left.
   */
  static restore(parameters: LedgerParameters, stored: Iterable<StateEntry>): Ledger {
    const state = loadState(parameters, stored)
    const ledger = new Ledger(parameters, { ...state, resultRoot: state.roots.result })
    state.mustMatch(ledger.roots)
    ledger.#checkpoint.noteStored()
    return ledger
  }

  get height(): number {
    return this.#height
  }

  /** Roots after the executed height. */
  get roots(): Roots {
    return this.#roots
  }

  /** Executes the next committed block: imports by source, then batches as named. */
  executeBlock(block: CommittedBlock): ExecutedBlock {
    mustHold(block.height === this.#height + 1, 'blocks execute in order')
    this.#accounts.beginBlock()
    this.#cells.beginBlock()
    const credits = block.imports.map((bundle) => this.#import(bundle))
    const resultLeaves: Hash[] = []
    const resultCounts = Array.from<number>({ length: RESULT_CODES }).fill(0)
    const batches = block.batches.map((batch) => {
      const outcome = this.#executeBatch(batch, block.height)
      resultLeaves.push(resultLeafOf(batch.digest, outcome))
      for (const code of outcome.results) resultCounts[code] = (resultCounts[code] ?? 0) + 1
      return outcome
    })
    this.#height = block.height
    this.#roots = this.#seal(resultRootOf(this.#roots.result, batchesRootOf(resultLeaves)))
    this.#checkpoint.noteTouched()
    const { height, view, timeMs } = block
    const event = {
      shard: this.parameters.shard,
      height,
      view,
      blockHash: block.hash,
      timeMs,
      batches,
      credits,
    }
    return {
      height,
      roots: this.#roots,
      event,
      resultLeaves,
      resultCounts,
    }
  }

  /** Accounts that exist; none is ever removed. */
  get accountCount(): number {
    return this.#accounts.count
  }

  accountOf(address: Uint8Array): Account | null {
    const row = this.#rowOf(address)
    return row === NO_ACCOUNT ? null : accountAt(this.#accounts, row)
  }

  /** What executing a transaction with this nonce next would say; null when there is no such account. */
  judgeNonce(address: Uint8Array, nonce: number): NonceJudgement | null {
    const row = this.#rowOf(address)
    return row === NO_ACCOUNT ? null : judgeNonce(this.#accounts, row, nonce)
  }

  /** Messages that may still be sent to the shard before it acknowledges more; a transfer that needs more is BUSY. */
  outboxRoomOf(destination: number): number {
    return this.#pairs.outboxOf(destination).roomOf(this.parameters.outboxWindow)
  }

  /** Messages that the shard is known to have taken from us; the relay restarts from here. */
  acknowledgedOf(destination: number): number {
    return this.#pairs.outboxOf(destination).acknowledged
  }

  /** Proof of presence or absence under `roots.state`; null when the address belongs to another shard. */
  proveAccount(address: Uint8Array): AccountProof | null {
    return this.#isOwn(address) ? this.#prover.proveAccount(address) : null
  }

  /** The cell's value, empty when there is none; null when the key belongs to another shard. */
  cellOf(key: Uint8Array): Uint8Array | null {
    if (!this.#isOwn(key)) return null
    const row = this.#cells.find(arenaOf(key).view, 0)
    return row === NO_ROW ? new Uint8Array(0) : this.#cells.valueAt(row).slice()
  }

  /** Proof of a cell's value or absence under `roots.state`; null when the key belongs to another shard. */
  proveCell(key: Uint8Array): CellProof | null {
    return this.#isOwn(key) ? this.#prover.proveCell(key) : null
  }

  /** All pairs as of an executed height, by shard; null when it is not executed or more than 128 heights ago. */
  pairsAt(height: number): readonly (PairState | null)[] | null {
    return this.#pairs.recordAt(height)?.pairs ?? null
  }

  /** One pair as of an executed height. */
  pairAt(height: number, destination: number): PairState | null {
    return this.pairsAt(height)?.[destination] ?? null
  }

  /**
   * Messages from `first` on, at most `countMax`, that the outbox root of the executed `height` proves.
   * Null when that height is not at hand, or `first` is acknowledged already or not sent at that height.
   */
  bundleRange(
    height: number,
    destination: number,
    first: number,
    countMax: number,
  ): BundleRange | null {
    const record = this.#pairs.recordAt(height)
    const pair = record?.pairs[destination]
    if (record === null || pair === null || pair === undefined) return null
    const outbox = this.#pairs.outboxOf(destination)
    if (first < outbox.acknowledged || first > pair.outSequence) return null
    const count = Math.min(countMax, MESSAGES_PER_BUNDLE_MAX, pair.outSequence - first)
    const pairPath = merklePathOf(record.leaves, destination)
    if (count <= 0)
      return { pair, pairPath, first, count: 0, messages: new Uint8Array(0), proof: [] }
    const proof = outbox.proveRange(first, count, pair.outSequence)
    return { pair, pairPath, first, count, messages: outbox.messagesOf(first, count), proof }
  }

  /** Over all shards: balances + sum of totalOut - sum of totalIn = genesis supply. */
  supplyParts(): SupplyParts {
    // Exact: no partial sum exceeds the supply, which the genesis bounds by 2^53 - 1.
    let balances = 0
    for (let row = 0; row < this.#accounts.count; row++)
      balances += this.#accounts.balances[row] ?? 0
    const totalOut = this.#pairs.outboxes.map((outbox) => BigInt(outbox?.totalOut ?? 0))
    return {
      balances: BigInt(balances),
      totalOut,
      totalIn: Array.from(this.#pairs.totalIn, BigInt),
    }
  }

  /** What changed since the last call (or the genesis): apply all of it, in one batch, to a key-value store. */
  takeDirty(): StateChanges {
    return this.#checkpoint.take(this.#height, this.#roots)
  }

  /** Ordering made sure that the bundle starts where we are and is well formed; nothing in it can fail. */
  #import(bundle: ImportBundle): CreditOutcome {
    const { first, count } = bundle
    const { shard: source } = bundle.header
    const outbox = this.#pairs.outboxOf(source)
    mustHold(first === this.#pairs.inNext[source], 'an import starts at inNext')
    mustHold(
      bundle.messages.length === count * OUTBOX_MESSAGE_BYTES,
      'an import has the messages it counts',
    )
    const arena = arenaOf(bundle.messages)
    const tags = new Uint8Array(count * TAG_BYTES)
    let total = 0
    for (let i = 0; i < count; i++) {
      const at = i * OUTBOX_MESSAGE_BYTES
      const amount = amountAt(arena, at + MESSAGE_AMOUNT)
      this.#executor.credit(arena.view, at + MESSAGE_PAYEE, amount)
      total += amount
      for (let j = 0; j < TAG_BYTES; j++)
        tags[i * TAG_BYTES + j] = arena.bytes[at + MESSAGE_TAG + j] ?? 0
    }
    this.#pairs.inNext[source] = first + count
    this.#pairs.totalIn[source] = (this.#pairs.totalIn[source] ?? 0) + total
    this.#pairs.touch(source)
    outbox.acknowledge(bundle.pair.inNext)
    return { source, first, count, tags }
  }

  #executeBatch(batch: CommittedBatch, height: number): BatchOutcome {
    const { author, sequence, body } = batch
    return { author, sequence, ...this.#executor.executeBatch(body, height) }
  }

  #seal(result: Hash): Roots {
    this.#tree.update()
    this.#cellTree.update()
    const state = stateRootOf(this.#tree.root(), this.#cellTree.root())
    return { state, outbox: this.#pairs.seal(this.#height), result }
  }

  /** Whether the slot in front of a key is this shard's. */
  #isOwn(key: Uint8Array): boolean {
    const slot = arenaOf(key).view.getUint16(0)
    return ownerOfSlot(slot, this.parameters.shards) === this.parameters.shard
  }

  #rowOf(address: Uint8Array): AccountRow {
    mustHold(address.length === ADDRESS_BYTES, 'an address has 32 bytes')
    return this.#accounts.find(arenaOf(address).view, 0)
  }
}

interface LedgerParts extends ExecutedState {
  readonly height: number
  readonly resultRoot: Hash
}
