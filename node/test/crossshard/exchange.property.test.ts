import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Relay, type RelayOrder } from '../../src/core/crossshard/relay.ts'
import type { Ledger } from '../../src/core/ledger/ledger.ts'
import { must } from '../../src/core/errors.ts'
import { ZERO_HASH } from '../../src/core/primitives/hash.ts'
import type { ImportBundle } from '../../src/core/wire/import-bundle.ts'
import {
  batchOf,
  blockOf,
  genesisLedger,
  headerOf,
  testAccount,
  type TestTransfer,
} from '../ledger/support/world.ts'

const SHARDS = 3
const VALIDATORS = 4
const ACCOUNTS = 4
const WINDOW = 16
const STEP_MS = 250
const certificate = {
  kind: 'commit',
  view: 1,
  value: ZERO_HASH,
  signers: new Uint8Array(1),
  signature: new Uint8Array(96),
} as const

/** One shard: a ledger (all its validators execute alike), a relay per validator, and bundles that arrived. */
class Shard {
  readonly ledger: Ledger
  readonly relays: readonly Relay[]
  readonly arrived: ImportBundle[] = []
  readonly nonces = Array.from({ length: ACCOUNTS }, () => 0)
  readonly index: number

  constructor(index: number) {
    this.index = index
    this.ledger = genesisLedger(index, SHARDS, { count: ACCOUNTS, window: WINDOW })
    const committeeSizes = Array.from({ length: SHARDS }, () => VALIDATORS)
    const pace = { resendFirstMs: 1000, resendMaxMs: 8000, acknowledgeMs: 1000 }
    this.relays = Array.from({ length: VALIDATORS }, (_, validator) => {
      return new Relay({ shard: index, validator, committeeSizes, outboxWindow: WINDOW, ...pace })
    })
  }

  /** Executes the arrived bundles that start where we are, each source's as far as they follow each other, and transfers. */
  execute(transfers: readonly TestTransfer[]): void {
    const imports: ImportBundle[] = []
    const inNext = (this.ledger.pairsAt(this.ledger.height) ?? []).map((pair) => pair?.inNext ?? 0)
    this.arrived.sort((a, b) => a.header.shard - b.header.shard || a.first - b.first)
    for (const bundle of this.arrived) {
      const source = bundle.header.shard
      if (bundle.first !== inNext[source]) continue
      inNext[source] = bundle.first + bundle.count
      imports.push(bundle)
    }
    const kept = this.arrived.filter((bundle) => bundle.first > (inNext[bundle.header.shard] ?? 0))
    this.arrived.splice(0, Infinity, ...kept)
    this.ledger.executeBlock(
      blockOf(this.ledger, {
        imports,
        batches: transfers.length === 0 ? [] : [batchOf(transfers)],
      }),
    )
  }

  /** What the validators push after the newest block is exposed by a committed header. */
  relay(nowMs: number): (RelayOrder & { by: number })[] {
    const header = headerOf(this.ledger, this.ledger.height)
    const pairs = this.ledger.pairsAt(this.ledger.height)
    return this.relays.flatMap((relay, by) => {
      for (let other = 0; other < SHARDS; other++)
        if (other !== this.index) relay.onAcknowledged(other, this.ledger.acknowledgedOf(other))
      const orders = [
        ...relay.onCommitted({ header, hash: ZERO_HASH, certificate, pairs, nowMs }),
        ...relay.onTick(nowMs),
      ]
      return orders.map((order) => ({ ...order, by }))
    })
  }

  /** The bundle of an order, as the host makes it. */
  bundleOf(order: RelayOrder): ImportBundle | null {
    const range = this.ledger.bundleRange(
      order.exposedHeight,
      order.destination,
      order.first,
      order.countMax,
    )
    return range === null
      ? null
      : { header: order.header, certificate, destination: order.destination, ...range }
  }
}

interface Step {
  readonly transfers: readonly {
    readonly shard: number
    readonly payer: number
    readonly payees: readonly number[]
  }[]
  readonly lost: number
}

const drawStep: fc.Arbitrary<Step> = fc.record({
  transfers: fc.array(
    fc.record({
      shard: fc.nat(SHARDS - 1),
      payer: fc.nat(ACCOUNTS - 1),
      payees: fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 8 },
  ),
  /** Bit i: a push number i of this step is lost. */
  lost: fc.nat(0xffff_ffff),
})

/** Once found at random: both sides lost a bundle after one that arrived, and repeated what the other had, for ever. */
const BOTH_LOST_SOMETHING: [Step[], number] = [
  [
    {
      transfers: [
        { shard: 1, payer: 0, payees: [0] },
        { shard: 0, payer: 0, payees: [4] },
      ],
      lost: 0,
    },
    { transfers: [{ shard: 0, payer: 0, payees: [4] }], lost: 2_503_111_566 },
    { transfers: [{ shard: 1, payer: 0, payees: [0] }], lost: 1_552_480_978 },
    { transfers: [], lost: 0 },
  ],
  2,
]

test('over a network that loses, repeats and reorders bundles every message is taken exactly once, and the supply holds at every cut', () => {
  fc.assert(
    fc.property(
      fc.array(drawStep, { minLength: 1, maxLength: 15 }),
      fc.nat(VALIDATORS - 1),
      (steps, silent) => {
        const shards = Array.from({ length: SHARDS }, (_, index) => new Shard(index))
        const supply = totalOf(shards)
        let nowMs = 0
        for (const step of steps) {
          nowMs += STEP_MS
          for (const shard of shards) shard.execute(transfersOf(shard, step.transfers))
          exchange(shards, { nowMs, lost: step.lost, silent })
          assert.equal(totalOf(shards), supply)
        }
        for (let quiet = 0; quiet < 200 && !isSettled(shards); quiet++) {
          nowMs += STEP_MS
          for (const shard of shards) shard.execute([])
          exchange(shards, { nowMs, lost: 0, silent })
        }
        assert.ok(
          isSettled(shards),
          'the healed network delivers everything, with one silent validator a shard',
        )
        assert.equal(
          shards.reduce((sum, { ledger }) => sum + ledger.supplyParts().balances, 0n),
          supply,
        )
      },
    ),
    { numRuns: 60, examples: [BOTH_LOST_SOMETHING] },
  )
})

function transfersOf(
  shard: Shard,
  draws: readonly { shard: number; payer: number; payees: readonly number[] }[],
): TestTransfer[] {
  return draws
    .filter((draw) => draw.shard === shard.index)
    .map(({ payer, payees }) => {
      const nonce = must(shard.nonces[payer], 'nonce of a payer')
      shard.nonces[payer] = nonce + 1
      const to = payees.map((payee) => ({
        address: testAccount(payee % SHARDS, SHARDS, payee).address,
        amount: 1 + payee,
      }))
      return { from: testAccount(shard.index, SHARDS, payer), nonce, to }
    })
}

/** Everybody pushes; the silent validator of each shard neither pushes nor passes on. Bundles arrive backwards. */
function exchange(
  shards: readonly Shard[],
  how: { nowMs: number; lost: number; silent: number },
): void {
  let pushed = 0
  for (const shard of shards) {
    for (const order of shard.relay(how.nowMs).toReversed()) {
      if (order.by === how.silent) continue
      for (const receiver of order.validators) {
        pushed += 1
        if (receiver === how.silent || (how.lost >>> (pushed & 31)) & 1) continue
        const bundle = shard.bundleOf(order)
        if (bundle !== null) deliver(shards, order, { bundle, receiver, nowMs: how.nowMs })
      }
    }
  }
}

function deliver(
  shards: readonly Shard[],
  order: RelayOrder,
  push: { bundle: ImportBundle; receiver: number; nowMs: number },
): void {
  const destination = must(shards[order.destination], 'destination')
  const source = push.bundle.header.shard
  destination.arrived.push(push.bundle)
  const taken = destination.ledger.pairAt(destination.ledger.height, source)?.inNext ?? 0
  if (push.bundle.first >= taken || push.bundle.count === 0) return
  const answers =
    destination.relays[push.receiver]?.onRepeated(source, push.nowMs, push.bundle.pair.inNext) ?? []
  for (const answer of answers) {
    const bundle = destination.bundleOf(answer)
    if (bundle !== null) shards[source]?.arrived.push(bundle)
  }
}

function isSettled(shards: readonly Shard[]): boolean {
  return shards.every(({ ledger, index }) =>
    shards.every((other) => {
      if (other.index === index) return true
      const sent = ledger.pairAt(ledger.height, other.index)?.outSequence ?? 0
      return (
        other.ledger.pairAt(other.ledger.height, index)?.inNext === sent &&
        ledger.acknowledgedOf(other.index) === sent
      )
    }),
  )
}

function totalOf(shards: readonly Shard[]): bigint {
  return shards.reduce((sum, { ledger }) => {
    const { balances, totalIn, totalOut } = ledger.supplyParts()
    return totalIn.reduce(
      (rest, taken) => rest - taken,
      totalOut.reduce((rest, sent) => rest + sent, sum + balances),
    )
  }, 0n)
}
