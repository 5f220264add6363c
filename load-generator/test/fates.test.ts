import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash } from 'node:crypto'
import {
  ByteWriter,
  hashOfBytes,
  resultCode,
  writeCommitEvent,
  type CommitEvent,
} from '@shardnet/node/core'
import { ShardBelief } from '../src/beliefs.ts'
import { FateCounter, type Fate } from '../src/fates.ts'
import { FlightTable } from '../src/flight-table.ts'

const BYTES = 168

/** A client's view of a testnet, in the words of the protocol. */
class Story {
  readonly flight = new FlightTable({
    capacity: 16,
    transactionBytesMax: BYTES,
    bytesMax: 1_048_576,
  })
  readonly fates: (Fate & { readonly name: string })[] = []
  readonly nonces: string[] = []
  readonly #names = new Map<number, string>()
  readonly counter = new FateCounter(this.flight, {
    onFate: (row, fate) => this.fates.push({ ...fate, name: this.#names.get(row) ?? '' }),
    onNonce: (row, spent) =>
      this.nonces.push(`${this.#names.get(row)} ${spent ? 'spent' : 'free'}`),
    onTraceless: () => undefined,
  })

  send(
    name: string,
    options: {
      readonly credits?: number
      readonly validUntil?: number
      readonly shard?: number
    } = {},
  ): void {
    const { credits = 0, validUntil = 100, shard = 0 } = options
    const bytes = new Uint8Array(BYTES)
    bytes.set(tag(name), BYTES - 64)
    const departure = { bytes, offset: 0, length: BYTES, account: 0, payerShard: shard, nonce: 0 }
    const row = this.flight.add({ ...departure, validUntil, creditsLeft: credits }, 0)
    this.#names.set(row, name)
  }

  fatesInWords(): string[] {
    return this.fates.map(
      (fate) => `${fate.name} ${'code' in fate ? `${fate.kind} ${fate.code}` : fate.kind}`,
    )
  }
}

function tag(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(hash('sha256', name), 'hex')).subarray(0, 8)
}

interface EventOptions {
  readonly height?: number
  readonly shard?: number
  readonly orders?: Readonly<Record<string, number>>
  readonly credits?: readonly string[]
  readonly from?: number
}

function eventOf({
  height = 1,
  shard = 0,
  orders = {},
  credits = [],
  from = 0,
}: EventOptions): CommitEvent {
  const names = Object.keys(orders)
  const batch = {
    author: 0,
    sequence: height,
    count: names.length,
    tags: new Uint8Array(Buffer.concat(names.map(tag))),
    results: Uint8Array.from(Object.values(orders)),
    reads: new Uint8Array(0),
  }
  const credit = {
    source: from,
    first: 0,
    count: credits.length,
    tags: new Uint8Array(Buffer.concat(credits.map(tag))),
  }
  const blockHash = hashOfBytes(new Uint8Array(32).fill(height))
  return {
    shard,
    height,
    view: height,
    blockHash,
    timeMs: height,
    batches: names.length > 0 ? [batch] : [],
    credits: credits.length > 0 ? [credit] : [],
  }
}

function bytesOf(event: CommitEvent): Uint8Array {
  const writer = new ByteWriter(256)
  writeCommitEvent(writer, event)
  return writer.finish()
}

function digestOf(event: CommitEvent): string {
  return hash('sha256', bytesOf(event))
}

test('one validator of four says that a block committed: nobody is believed alone', () => {
  const belief = new ShardBelief(4, 0)
  const event = eventOf({ orders: { a: 0 } })
  belief.reportEvent(2, 0, bytesOf(event))
  belief.reportDigest(2, 1, digestOf(event))
  belief.reportEvent(2, 0, bytesOf(event))
  assert.equal(belief.takeBelieved(), null)
  belief.reportDigest(3, 1, digestOf(event))
  assert.deepEqual(belief.takeBelieved()?.height, 1)
})

test('f + 1 agree against a liar, who told first and all of it', () => {
  const belief = new ShardBelief(4, 0)
  const lie = eventOf({ orders: { a: resultCode.ok } })
  const truth = eventOf({ orders: { a: resultCode.insufficient } })
  belief.reportEvent(0, 0, bytesOf(lie))
  belief.reportDigest(1, 1, digestOf(truth))
  belief.reportDigest(2, 1, digestOf(truth))
  assert.equal(belief.takeBelieved(), null, 'the true bytes are still missing')
  assert.deepEqual(belief.missing(), { height: 1, agreeing: [1, 2] })
  belief.reportEvent(1, 0, bytesOf(truth))
  assert.equal(belief.takeBelieved()?.batches[0]?.results[0], resultCode.insufficient)
})

test('seven validators need three reports, and a contradiction by one of them counts once', () => {
  const belief = new ShardBelief(7, 0)
  const event = eventOf({})
  belief.reportEvent(0, 0, bytesOf(event))
  belief.reportDigest(1, 1, 'ff')
  belief.reportDigest(1, 1, digestOf(event))
  assert.equal(belief.takeBelieved(), null)
  assert.deepEqual([...belief.contradictions], [1])
  belief.reportDigest(2, 1, digestOf(event))
  assert.equal(belief.takeBelieved(), null)
  belief.reportDigest(3, 1, digestOf(event))
  assert.equal(belief.takeBelieved()?.height, 1)
})

test('a gap in the heights holds up what is above it', () => {
  const belief = new ShardBelief(4, 4)
  for (const height of [6, 7]) {
    const event = eventOf({ height })
    belief.reportEvent(0, 0, bytesOf(event))
    belief.reportDigest(1, height, digestOf(event))
  }
  assert.equal(belief.takeBelieved(), null)
  assert.equal(belief.highestAgreed, 7)
  assert.deepEqual(belief.missing(), { height: 5, agreeing: [] })
  const event = eventOf({ height: 5 })
  belief.reportEvent(2, 0, bytesOf(event))
  belief.reportEvent(3, 0, bytesOf(event))
  assert.deepEqual(
    [5, 6, 7].map(() => belief.takeBelieved()?.height),
    [5, 6, 7],
  )
  assert.equal(belief.height, 7)
})

test('a validator that claims heights far away makes nobody hold them', () => {
  const belief = new ShardBelief(4, 0)
  for (let height = 1_000; height < 3_000; height++) belief.reportDigest(0, height, 'ff')
  assert.equal(belief.highestAgreed, 0)
  assert.deepEqual(belief.missing(), { height: 1, agreeing: [] })
  assert.equal(belief.reportEvent(0, 1, bytesOf(eventOf({}))), false, 'an event of another shard')
  assert.equal(belief.reportEvent(0, 0, new Uint8Array(5)), false, 'no event at all')
})

test('a transfer inside a shard is committed with its debit', () => {
  const story = new Story()
  story.send('a')
  story.counter.onEvent(eventOf({ orders: { a: resultCode.ok } }))
  assert.deepEqual(story.fatesInWords(), ['a committed'])
  assert.deepEqual(story.nonces, ['a spent'])
  assert.equal(story.flight.count, 0)
})

test('a cross-shard transfer is committed when the last credit arrived, debit or credit first', () => {
  const story = new Story()
  story.send('a', { credits: 1 })
  story.send('b', { credits: 1 })
  story.counter.onEvent(eventOf({ orders: { a: resultCode.ok } }))
  assert.deepEqual(story.nonces, ['a spent'], 'the nonce is free before the credit')
  story.counter.onEvent(eventOf({ shard: 1, credits: ['b'] }))
  assert.deepEqual(story.fatesInWords(), [])
  story.counter.onEvent(eventOf({ shard: 1, height: 2, credits: ['a'] }))
  story.counter.onEvent(eventOf({ height: 2, orders: { b: resultCode.ok } }))
  assert.deepEqual(story.fatesInWords(), ['a committed', 'b committed'])
})

test('a debit whose credit never arrives is lost, not committed', () => {
  const story = new Story()
  story.send('a', { credits: 1 })
  story.counter.onEvent(eventOf({ orders: { a: resultCode.ok } }))
  story.counter.expire([500, 500])
  assert.deepEqual(story.fatesInWords(), [], 'what was debited cannot expire')
  story.counter.close()
  assert.deepEqual(story.fatesInWords(), ['a lost'])
})

test('the same bytes in two batches: the stale duplicate changes nothing', () => {
  const story = new Story()
  story.send('a')
  story.counter.onEvent(eventOf({ orders: { a: resultCode.ok } }))
  story.counter.onEvent(eventOf({ height: 2, orders: { a: resultCode.stale } }))
  assert.deepEqual(story.fatesInWords(), ['a committed'])
})

test('the stale duplicate of a cross-shard transfer on its way changes nothing either', () => {
  const story = new Story()
  story.send('a', { credits: 1 })
  story.counter.onEvent(eventOf({ orders: { a: resultCode.ok } }))
  story.counter.onEvent(eventOf({ height: 2, orders: { a: resultCode.stale } }))
  story.counter.onEvent(eventOf({ shard: 1, credits: ['a'] }))
  assert.deepEqual(story.fatesInWords(), ['a committed'])
  assert.deepEqual(story.nonces, ['a spent'])
})

test('each result that is not OK fails with its code, and only some of them use the nonce', () => {
  const story = new Story()
  for (const name of ['stale', 'poor', 'busy', 'late']) story.send(name)
  const { stale, insufficient, busy, expired } = resultCode
  story.counter.onEvent(eventOf({ orders: { stale, poor: insufficient, busy, late: expired } }))
  assert.deepEqual(story.fatesInWords(), [
    'stale failed STALE',
    'poor failed INSUFFICIENT',
    'busy failed BUSY',
    'late failed EXPIRED',
  ])
  assert.deepEqual(story.nonces, ['stale spent', 'poor spent', 'busy spent', 'late free'])
})

test('AHEAD leaves no trace: a later block may still execute it, and only without one it has failed', () => {
  const story = new Story()
  story.send('a', { validUntil: 5 })
  story.send('b', { validUntil: 5 })
  story.counter.onEvent(eventOf({ orders: { a: resultCode.ahead, b: resultCode.ahead } }))
  assert.deepEqual(story.fatesInWords(), [])
  story.counter.onEvent(eventOf({ height: 2, orders: { a: resultCode.ok } }))
  story.counter.expire([6])
  assert.deepEqual(story.fatesInWords(), ['a committed', 'b failed AHEAD'])
})

test('expired needs a believed block above validUntil: at it, the transaction may still come', () => {
  const story = new Story()
  story.send('a', { validUntil: 10 })
  story.counter.expire([10])
  assert.deepEqual(story.fatesInWords(), [])
  story.counter.expire([11])
  assert.deepEqual(story.fatesInWords(), ['a expired'])
  assert.deepEqual(story.nonces, ['a free'])
})

test('the heights of another shard expire nothing', () => {
  const story = new Story()
  story.send('a', { validUntil: 10, shard: 1 })
  story.counter.expire([99, 10])
  assert.deepEqual(story.fatesInWords(), [])
})

test('a shard that is not the payer’s cannot order a transaction, nor credit its own', () => {
  const story = new Story()
  story.send('a', { credits: 1 })
  story.counter.onEvent(eventOf({ shard: 1, orders: { a: resultCode.ok } }))
  story.counter.onEvent(eventOf({ shard: 1, credits: ['a'], from: 2 }))
  story.counter.onEvent(eventOf({ shard: 0, orders: { a: resultCode.ok } }))
  assert.deepEqual(story.fatesInWords(), [])
  story.counter.onEvent(eventOf({ shard: 1, credits: ['a'] }))
  assert.deepEqual(story.fatesInWords(), ['a committed'])
})

test('what has no fate at the end is lost, each once', () => {
  const story = new Story()
  story.send('a')
  story.send('b', { credits: 1 })
  story.counter.close()
  story.counter.close()
  assert.deepEqual(story.fatesInWords(), ['a lost', 'b lost'])
})
