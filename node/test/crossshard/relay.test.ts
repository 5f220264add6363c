import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Relay, type RelayOrder } from '../../src/core/crossshard/relay.ts'
import { ZERO_HASH } from '../../src/core/primitives/hash.ts'
import type { PairState } from '../../src/core/wire/import-bundle.ts'
import { genesisLedger, headerOf } from '../ledger/support/world.ts'

const certificate = {
  kind: 'commit',
  view: 1,
  value: ZERO_HASH,
  signers: new Uint8Array(1),
  signature: new Uint8Array(96),
} as const
const PARAMETERS = {
  shard: 0,
  committeeSizes: [7, 4],
  outboxWindow: 800,
  resendFirstMs: 1000,
  resendMaxMs: 8000,
  acknowledgeMs: 1000,
}
const source = genesisLedger(0, 2)

function pairOf(outSequence: number, inNext = 0): PairState {
  return { accumulator: ZERO_HASH, outSequence, inNext, totalOut: 0, totalIn: 0 }
}

/** The seven validators of shard 0, which all see the same. */
class Committee {
  readonly relays = Array.from(
    { length: 7 },
    (_, validator) => new Relay({ ...PARAMETERS, validator }),
  )

  commit(height: number, pair: PairState, nowMs: number): Sent[] {
    const header = headerOf(source, height)
    return this.#all((relay) =>
      relay.onCommitted({ header, hash: ZERO_HASH, certificate, pairs: [null, pair], nowMs }),
    )
  }

  acknowledge(inNext: number): void {
    for (const relay of this.relays) relay.onAcknowledged(1, inNext)
  }

  tick(nowMs: number): Sent[] {
    return this.#all((relay) => relay.onTick(nowMs))
  }

  #all(ask: (relay: Relay) => RelayOrder[]): Sent[] {
    return this.relays.flatMap((relay, validator) =>
      ask(relay).map((order) => ({ ...order, by: validator })),
    )
  }
}

type Sent = RelayOrder & { readonly by: number }

function sendersOf(sent: readonly Sent[]): number[] {
  return [...new Set(sent.map(({ by }) => by))].toSorted((a, b) => a - b)
}

test('new messages are pushed by f + 1 validators, each to two of the destination', () => {
  const sent = new Committee().commit(5, pairOf(10), 0)
  assert.equal(sendersOf(sent).length, 3)
  for (const order of sent) {
    assert.equal(order.destination, 1)
    assert.equal(order.exposedHeight, 5)
    assert.equal(order.header.executed.height, 5)
    assert.deepEqual([order.first, order.countMax], [0, 4096])
    assert.equal(new Set(order.validators).size, 2)
    assert.ok(order.validators.every((validator) => validator >= 0 && validator < 4))
  }
  assert.equal(
    new Set(sent.flatMap(({ validators }) => validators)).size,
    4,
    'together they reach everybody here',
  )
})

test('each message is pushed once while acknowledgements come, and bundles follow each other without a gap', () => {
  const committee = new Committee()
  let next = 0
  for (let height = 1; height < 40; height++) {
    const sent = committee.commit(height, pairOf(height * 5), height * 50)
    assert.equal(sendersOf(sent).length, 3)
    assert.ok(sent.every(({ first }) => first === next))
    next = height * 5
    assert.deepEqual(committee.tick(height * 50), [])
    if (height > 4) committee.acknowledge((height - 4) * 5)
  }
})

test('nothing is pushed when nothing new is exposed, when the header is older, or when we have not executed that far', () => {
  const committee = new Committee()
  committee.commit(5, pairOf(10), 0)
  assert.deepEqual(committee.commit(5, pairOf(20), 10), [])
  assert.deepEqual(committee.commit(4, pairOf(20), 10), [])
  assert.deepEqual(committee.commit(6, pairOf(10), 10), [])
  const header = headerOf(source, 9)
  for (const relay of committee.relays) {
    assert.deepEqual(
      relay.onCommitted({ header, hash: ZERO_HASH, certificate, pairs: null, nowMs: 20 }),
      [],
    )
  }
})

test('without an acknowledgement other validators push again after 1, 2, 4, 8 and 8 seconds, with the newest header', () => {
  const committee = new Committee()
  const senders = [sendersOf(committee.commit(5, pairOf(10), 0))]
  committee.commit(6, pairOf(10), 500)
  let nowMs = 0
  for (const waitMs of [1000, 2000, 4000, 8000, 8000]) {
    assert.deepEqual(committee.tick(nowMs + waitMs - 1), [])
    nowMs += waitMs
    const sent = committee.tick(nowMs)
    assert.ok(sent.every((order) => order.first === 0 && order.exposedHeight === 6))
    senders.push(sendersOf(sent))
  }
  assert.ok(senders.every((set) => set.length === 3))
  assert.deepEqual(
    new Set(senders.slice(0, 3).flat()).size,
    7,
    'three turns of three reach all seven',
  )
})

test('an acknowledgement moves the range and restarts the wait', () => {
  const committee = new Committee()
  committee.commit(5, pairOf(10), 0)
  committee.tick(900)
  committee.acknowledge(4)
  assert.deepEqual(committee.tick(1500), [])
  assert.ok(committee.tick(1900).every(({ first }) => first === 4))
  committee.acknowledge(10)
  assert.deepEqual(committee.tick(60_000), [])
  committee.acknowledge(3)
  assert.deepEqual(committee.tick(60_001), [])
})

test('a long outbox is pushed as several bundles that follow each other', () => {
  const sent = new Committee()
    .commit(5, pairOf(10_000), 0)
    .filter((order, _, all) => order.by === all[0]?.by)
  assert.deepEqual(
    sent.map(({ first }) => first),
    [0, 4096, 8192],
  )
})

test('what we took is told within a second, and at once after an eighth of the window; never when nothing advanced', () => {
  const committee = new Committee()
  const early = committee.commit(3, pairOf(0, 5), 200)
  assert.deepEqual(early, [])
  assert.deepEqual(committee.tick(999), [])
  const told = committee.tick(1000)
  assert.equal(sendersOf(told).length, 3)
  assert.ok(told.every((order) => order.countMax === 0 && order.first === 0))
  assert.deepEqual(committee.tick(9000), [])
  assert.deepEqual(committee.commit(4, pairOf(0, 5), 9100), [])
  assert.equal(sendersOf(committee.commit(5, pairOf(0, 6), 9200)).length, 3)
  assert.deepEqual(committee.commit(6, pairOf(0, 105), 9300), [])
  assert.equal(sendersOf(committee.commit(7, pairOf(0, 106), 9400)).length, 3)
})

test('a bundle with messages tells as well', () => {
  const committee = new Committee()
  committee.commit(3, pairOf(4, 5), 2000)
  committee.acknowledge(4)
  assert.deepEqual(committee.tick(60_000), [])
})

test('an acknowledgement starts behind all that was pushed, where the other side will be', () => {
  const committee = new Committee()
  committee.commit(3, pairOf(4, 5), 2000)
  const told = committee.commit(4, pairOf(4, 500), 2100)
  assert.ok(told.length > 0 && told.every(({ first, countMax }) => first === 4 && countMax === 0))
})

test('who gets pushed what we have long answers alone, once a second, from where the other side is', () => {
  const committee = new Committee()
  committee.commit(3, pairOf(8, 5), 5000)
  const [relay] = committee.relays
  const answer = relay?.onRepeated(1, 6100, 6) ?? []
  assert.deepEqual(
    answer.map(({ first, countMax }) => [first, countMax]),
    [[6, 4096]],
  )
  assert.deepEqual(relay?.onRepeated(1, 6200, 6), [])
  const done = relay?.onRepeated(1, 7100, 8) ?? []
  assert.deepEqual(
    done.map(({ first, countMax }) => [first, countMax]),
    [[8, 0]],
  )
  const lying = relay?.onRepeated(1, 8100, 1_000_000) ?? []
  assert.deepEqual(
    lying.map(({ first }) => first),
    [8],
  )
  assert.deepEqual(relay?.onRepeated(9, 9200, 0), [])
})

test('validators that saw certificates of different blocks still agree on whose turn it is', () => {
  const [some, others] = [new Committee(), new Committee()]
  some.commit(4, pairOf(0), 0)
  const a = sendersOf(some.commit(6, pairOf(9), 10))
  const b = sendersOf(others.commit(5, pairOf(9), 10))
  assert.deepEqual(a, b)
})
