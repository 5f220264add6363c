import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Ledger } from '../../src/core/ledger/ledger.ts'
import { bytesOfHex, hexOf } from '../../src/core/primitives/bytes.ts'
import type { CellOperation } from '../../src/core/wire/cell-operation.ts'
import type { ImportBundle } from '../../src/core/wire/import-bundle.ts'
import { OUTBOX_MESSAGE_BYTES } from '../../src/core/wire/outbox-message.ts'
import { resultNameOf } from '../../src/core/wire/result-code.ts'
import {
  naiveResultRoot,
  NaiveLedger,
  type NaiveOperation,
  type NaiveResult,
} from './support/naive-ledger.ts'
import {
  batchOf,
  blockOf,
  bundleOf,
  genesisLedger,
  parametersOf,
  readsOf,
  tagOf,
  testAccount,
  type TestTransaction,
} from './support/world.ts'

const SHARDS = 3
const ACCOUNTS = 6
const STRANGERS = 3
const BALANCE = 500
const WINDOW = 4

interface Draw {
  readonly shard: number
  readonly payer: number
  readonly nonce: number
  readonly validFor: number
  readonly fee: number
  readonly payees: readonly {
    readonly shard: number
    readonly account: number
    readonly amount: number
  }[]
  /** In place of payees. */
  readonly operation: DrawnOperation | null
}

interface DrawnOperation {
  readonly kind: CellOperation['kind']
  readonly cell: number
  readonly expected: Uint8Array
  readonly value: Uint8Array
}

/** Few values, so that comparisons hold now and then. */
const drawValue = fc.constantFrom(
  ...[1, 2, 3, 128].map((length) => new Uint8Array(length).fill(length)),
)
const drawOperation: fc.Arbitrary<DrawnOperation> = fc.record({
  kind: fc.constantFrom('put', 'compareAndSet', 'get'),
  cell: fc.nat(11),
  expected: fc.oneof(drawValue, fc.constant(new Uint8Array(0))),
  value: drawValue,
})

const drawTransaction: fc.Arbitrary<Draw> = fc.record({
  shard: fc.nat(SHARDS - 1),
  payer: fc.nat(ACCOUNTS),
  nonce: fc.oneof(fc.nat(6), fc.nat(130)),
  validFor: fc.integer({ min: -1, max: 30 }),
  fee: fc.oneof(fc.constant(0), fc.nat(40), fc.integer({ min: 99, max: 101 })),
  operation: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: drawOperation },
  ),
  payees: fc.array(
    fc.record({
      shard: fc.nat(SHARDS - 1),
      account: fc.nat(ACCOUNTS + STRANGERS),
      amount: fc.integer({ min: 1, max: 300 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})

/** One block of every shard: batches of transactions, and from which shards it takes how many messages. */
const drawRound = fc.record({
  batches: fc.array(fc.array(drawTransaction, { maxLength: 8 }), { maxLength: 4 }),
  imports: fc.array(
    fc.record({ source: fc.nat(SHARDS - 1), destination: fc.nat(SHARDS - 1), count: fc.nat(8) }),
    { maxLength: 6 },
  ),
  checkpoint: fc.boolean(),
  restart: fc.boolean(),
})

class Side {
  ledger: Ledger
  readonly twin: NaiveLedger
  readonly store = new Map<string, { key: Uint8Array; value: Uint8Array }>()
  readonly shard: number

  constructor(shard: number) {
    this.shard = shard
    this.ledger = genesisLedger(shard, SHARDS, {
      count: ACCOUNTS,
      balance: BALANCE,
      window: WINDOW,
      spread: 2,
    })
    this.twin = new NaiveLedger(shard, SHARDS, WINDOW)
    for (let i = 0; i < ACCOUNTS; i++)
      this.twin.credit(hexOf(testAccount(shard, SHARDS, i, 2).address), BigInt(BALANCE))
  }

  checkpoint(): void {
    const changes = this.ledger.takeDirty()
    assert.equal(changes.height, this.ledger.height)
    for (const key of changes.deletes)
      assert.ok(this.store.delete(hexOf(key)), 'only what is stored is deleted')
    for (const entry of changes.puts) this.store.set(hexOf(entry.key), entry)
  }

  restart(): void {
    const { roots, height } = this.ledger
    this.ledger = Ledger.restore(
      parametersOf(this.shard, SHARDS, WINDOW),
      [...this.store.values()].toReversed(),
    )
    assert.deepEqual(this.ledger.roots, roots)
    assert.equal(this.ledger.height, height)
  }

  /** Imports of one block: at most one bundle per source, in order of source. */
  execute(batches: readonly (readonly Draw[])[], imports: readonly ImportBundle[]): string[] {
    const height = this.ledger.height + 1
    this.twin.height = height
    for (const bundle of imports) this.#importIntoTwin(bundle)
    const transactions = batches.map((draws) =>
      draws.map((draw, salt) => this.#transactionOf(draw, salt, height)),
    )
    const twins = transactions.map((batch) => batch.map((each) => this.#executeInTwin(each)))
    const expected = twins.map((batch) => batch.map(({ name }) => name))
    const reads = twins.map((batch) =>
      batch.flatMap(({ read }, position): [number, string][] =>
        read === null ? [] : [[position, read]],
      ),
    )
    const committed = transactions.map((batch, i) => batchOf(batch, 0, i + 1))
    const before = this.ledger.roots.result
    const executed = this.ledger.executeBlock(blockOf(this.ledger, { imports, batches: committed }))
    const got = executed.event.batches.map((batch) => Array.from(batch.results, resultNameOf))
    assert.deepEqual(got, expected)
    assert.deepEqual(readsOf(executed), reads.flat())
    for (const [key, value] of this.twin.cells)
      assert.equal(hexOf(this.ledger.cellOf(bytesOfHex(key)) ?? new Uint8Array(0)), value)
    assert.equal(executed.roots.state, this.twin.stateRoot())
    assert.equal(executed.roots.outbox, this.twin.outboxRoot())
    const results = executed.event.batches.map((batch, i) => ({
      digest: committed[i]?.digest ?? '',
      results: batch.results,
      reads: reads[i] ?? [],
    }))
    assert.equal(executed.roots.result, naiveResultRoot(before, results))
    return got.flat()
  }

  #transactionOf(draw: Draw, salt: number, height: number): TestTransaction {
    const header = {
      from: testAccount(this.shard, SHARDS, draw.payer, 2),
      nonce: draw.nonce,
      validUntil: height + draw.validFor,
      fee: draw.fee,
      salt,
    }
    if (draw.operation !== null)
      return { ...header, operation: { ...draw.operation, cell: this.#cell(draw.operation.cell) } }
    return {
      ...header,
      to: draw.payees.map((payee) => ({
        address: testAccount(payee.shard, SHARDS, payee.account, 2).address,
        amount: payee.amount,
      })),
    }
  }

  /** Keys that part at the slot, right behind it, in the middle and in their last bit; some are those of accounts. */
  #cell(index: number): Uint8Array {
    const key = testAccount(this.shard, SHARDS, index % 2, 2).address.slice()
    const places: readonly (readonly [at: number, mask: number])[] = [
      [17, 8],
      [2, 0x80],
      [31, 1],
      [31, 2],
    ]
    const place = places[(index >> 1) - 2]
    if (place !== undefined) key[place[0]] = (key[place[0]] ?? 0) ^ place[1]
    // Another slot of the shard lies above the first ones.
    if (index >> 1 === 1) key[1] = (key[1] ?? 0) + 16
    return key
  }

  #executeInTwin(transaction: TestTransaction): NaiveResult {
    const header = {
      payer: hexOf(transaction.from.address),
      nonce: BigInt(transaction.nonce ?? 0),
      validUntil: transaction.validUntil ?? 0,
      fee: BigInt(transaction.fee ?? 0),
      tag: hexOf(tagOf(transaction)),
    }
    if ('operation' in transaction)
      return this.twin.execute({ ...header, payees: [], operation: naiveOf(transaction.operation) })
    const payees = transaction.to.map(({ address, amount }) => ({
      address: hexOf(address),
      amount: BigInt(amount),
    }))
    return this.twin.execute({ ...header, payees })
  }

  #importIntoTwin(bundle: ImportBundle): void {
    const messages = Array.from({ length: bundle.count }, (_, i) =>
      Buffer.from(
        bundle.messages.subarray(i * OUTBOX_MESSAGE_BYTES, (i + 1) * OUTBOX_MESSAGE_BYTES),
      ),
    )
    this.twin.import(bundle.header.shard, messages, bundle.pair.inNext)
  }
}

test('any blocks over three shards give the results and roots of the naive twin, across checkpoints and restarts, and keep the supply', () => {
  const supply = BigInt(SHARDS * ACCOUNTS * BALANCE)
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(drawRound, { minLength: 1, maxLength: 12 }), (rounds) => {
      const sides = Array.from({ length: SHARDS }, (_, shard) => new Side(shard))
      for (const round of rounds) {
        for (const side of sides) {
          const imports = importsFor(side, sides, round.imports)
          const batches = round.batches.map((batch) =>
            batch.filter((draw) => draw.shard === side.shard),
          )
          for (const name of side.execute(batches, imports)) seen.add(name)
          if (imports.some(({ count }) => count > 0)) seen.add('import')
          if (sides.some((other) => other !== side && side.ledger.acknowledgedOf(other.shard) > 0))
            seen.add('acknowledgement')
          if (round.checkpoint || round.restart) side.checkpoint()
          if (round.restart) side.restart()
        }
        assertSupply(sides, supply)
      }
    }),
    { numRuns: 100 },
  )
  const everything = [
    'OK',
    'EXPIRED',
    'STALE',
    'AHEAD',
    'UNKNOWN',
    'INSUFFICIENT',
    'CAS_MISMATCH',
    'BUSY',
    'import',
    'acknowledgement',
  ]
  assert.deepEqual(seen, new Set(everything), 'the draws reach every result')
})

function naiveOf(operation: CellOperation): NaiveOperation {
  const cell = hexOf(operation.cell)
  if (operation.kind === 'get') return { cell }
  const value = hexOf(operation.value)
  return operation.kind === 'put'
    ? { cell, value }
    : { cell, value, expected: hexOf(operation.expected) }
}

function importsFor(
  side: Side,
  sides: readonly Side[],
  draws: readonly { source: number; destination: number; count: number }[],
): ImportBundle[] {
  const bundles: ImportBundle[] = []
  for (const source of sides) {
    const draw = draws.find(
      (each) => each.source === source.shard && each.destination === side.shard,
    )
    if (draw === undefined || source === side) continue
    const first = side.ledger.pairAt(side.ledger.height, source.shard)?.inNext ?? 0
    bundles.push(bundleOf(source.ledger, side.shard, first, draw.count))
  }
  return bundles
}

function assertSupply(sides: readonly Side[], supply: bigint): void {
  let sum = 0n
  for (const { ledger } of sides) {
    const parts = ledger.supplyParts()
    sum += parts.balances
    for (const out of parts.totalOut) sum += out
    for (const taken of parts.totalIn) sum -= taken
  }
  assert.equal(sum, supply)
}
