import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Ledger } from '../../src/core/ledger/ledger.ts'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import type { ImportBundle } from '../../src/core/wire/import-bundle.ts'
import { OUTBOX_MESSAGE_BYTES } from '../../src/core/wire/outbox-message.ts'
import { resultNameOf } from '../../src/core/wire/result-code.ts'
import { naiveResultRoot, NaiveLedger } from './support/naive-ledger.ts'
import {
  batchOf,
  blockOf,
  bundleOf,
  genesisLedger,
  parametersOf,
  tagOf,
  testAccount,
  type TestTransfer,
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
}

const drawTransfer: fc.Arbitrary<Draw> = fc.record({
  shard: fc.nat(SHARDS - 1),
  payer: fc.nat(ACCOUNTS),
  nonce: fc.oneof(fc.nat(6), fc.nat(130)),
  validFor: fc.integer({ min: -1, max: 30 }),
  fee: fc.oneof(fc.constant(0), fc.nat(40)),
  payees: fc.array(
    fc.record({
      shard: fc.nat(SHARDS - 1),
      account: fc.nat(ACCOUNTS + STRANGERS),
      amount: fc.integer({ min: 1, max: 300 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})

/** One block of every shard: batches of transfers, and from which shards it takes how many messages. */
const drawRound = fc.record({
  batches: fc.array(fc.array(drawTransfer, { maxLength: 6 }), { maxLength: 4 }),
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
    const transfers = batches.map((draws) =>
      draws.map((draw, salt) => this.#transferOf(draw, salt, height)),
    )
    const expected = transfers.map((batch) =>
      batch.map((transfer) => this.#executeInTwin(transfer)),
    )
    const committed = transfers.map((batch, i) => batchOf(batch, 0, i + 1))
    const before = this.ledger.roots.result
    const executed = this.ledger.executeBlock(blockOf(this.ledger, { imports, batches: committed }))
    const got = executed.event.batches.map((batch) => Array.from(batch.results, resultNameOf))
    assert.deepEqual(got, expected)
    assert.equal(executed.roots.state, this.twin.stateRoot())
    assert.equal(executed.roots.outbox, this.twin.outboxRoot())
    const results = executed.event.batches.map((batch, i) => ({
      digest: committed[i]?.digest ?? '',
      results: batch.results,
    }))
    assert.equal(executed.roots.result, naiveResultRoot(before, results))
    return got.flat()
  }

  #transferOf(draw: Draw, salt: number, height: number): TestTransfer {
    return {
      from: testAccount(this.shard, SHARDS, draw.payer, 2),
      nonce: draw.nonce,
      validUntil: height + draw.validFor,
      fee: draw.fee,
      to: draw.payees.map((payee) => ({
        address: testAccount(payee.shard, SHARDS, payee.account, 2).address,
        amount: payee.amount,
      })),
      salt,
    }
  }

  #executeInTwin(transfer: TestTransfer): string {
    return this.twin.execute({
      payer: hexOf(transfer.from.address),
      nonce: BigInt(transfer.nonce ?? 0),
      validUntil: transfer.validUntil ?? 0,
      fee: BigInt(transfer.fee ?? 0),
      payees: transfer.to.map(({ address, amount }) => ({
        address: hexOf(address),
        amount: BigInt(amount),
      })),
      tag: hexOf(tagOf(transfer)),
    })
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
    'BUSY',
    'import',
    'acknowledgement',
  ]
  assert.deepEqual(seen, new Set(everything), 'the draws reach every result')
})

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
