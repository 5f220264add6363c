import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCK_ROWS_MAX, LiveBook, TRANSACTION_ROWS_MAX } from '../../src/host/live/live-book.ts'
import { liveView, type LiveReading } from '../../src/host/live/live-view.ts'
import { executionOf, peerOf, readingOf } from './fixture.ts'

interface Shown {
  readonly throughput: { readonly perSecond: readonly number[]; readonly committedTotal: number }
  readonly latency: {
    readonly commit: unknown
    readonly ownBatches: {
      readonly count: number
      readonly medianMs: number
      readonly p99Ms: number
    }
  }
  readonly shardList: readonly Readonly<Record<string, number | null>>[]
  readonly peers: readonly Readonly<Record<string, unknown>>[]
  readonly blocks: readonly { readonly height: number; readonly transactions: number }[]
  readonly transactions: readonly Readonly<Record<string, unknown>>[]
}

/** As a reader of the endpoint gets it. */
const shown = (reading: LiveReading): Shown => JSON.parse(JSON.stringify(liveView(reading)))

test('committed transactions are counted by whole second, and the second under way is not shown', () => {
  let nowMs = 10_500
  const book = new LiveBook(() => nowMs)
  book.onExecuted(executionOf(1, 30, { stale: 4 }))
  nowMs = 11_100
  book.onExecuted(executionOf(2, 5))
  nowMs = 11_900
  book.onExecuted(executionOf(3, 5))
  nowMs = 12_300
  book.onExecuted(executionOf(4, 99))
  const { perSecond, committedTotal } = shown(readingOf(book)).throughput
  assert.deepEqual(perSecond, [30, 10])
  assert.equal(committedTotal, 139)
})

test('throughput covers one minute and forgets what is older', () => {
  let nowMs = 0
  const book = new LiveBook(() => nowMs)
  for (let second = 0; second < 200; second++) {
    nowMs = 1000 * second + 1
    book.onExecuted(executionOf(second, 1 + (second % 2)))
  }
  const { perSecond } = shown(readingOf(book)).throughput
  assert.equal(perSecond.length, 60)
  assert.deepEqual(new Set(perSecond), new Set([1, 2]))
  assert.ok(book.record.committedBySecond.size <= 61)
  nowMs += 60_000
  assert.deepEqual(
    shown(readingOf(book)).throughput.perSecond.filter((value) => value > 0),
    [2],
    'only the newest second is left, a minute later',
  )
})

test('latency is that of the last minute, and null without any', () => {
  let nowMs = 0
  const book = new LiveBook(() => nowMs)
  book.onOwnBatch(9_999)
  book.onCommitted(null)
  nowMs = 70_000
  for (let ms = 1; ms <= 100; ms++) book.onOwnBatch(ms)
  const { commit, ownBatches } = shown(readingOf(book)).latency
  assert.equal(commit, null)
  assert.deepEqual(ownBatches, { count: 100, medianMs: 50, p99Ms: 99 })
})

test('blocks and transactions come newest first, with what failed and what came from elsewhere', () => {
  const book = new LiveBook(() => 1000)
  for (let height = 1; height <= 30; height++) book.onExecuted(executionOf(height, 1))
  book.onExecuted(executionOf(31, 1, { stale: 1, importsFrom: 2 }))
  const { blocks, transactions, shardList } = shown(readingOf(book))
  assert.equal(blocks.length, BLOCK_ROWS_MAX)
  assert.deepEqual(
    blocks.slice(0, 3).map(({ height, transactions: count }) => [height, count]),
    [
      [31, 2],
      [30, 1],
      [29, 1],
    ],
  )
  assert.equal(transactions.length, TRANSACTION_ROWS_MAX)
  assert.deepEqual(transactions.slice(0, 4), [
    { kind: 'ordered', tag: '1f01000000000000', height: 31, author: 3, result: 'STALE' },
    { kind: 'ordered', tag: '1f00000000000000', height: 31, author: 3, result: 'OK' },
    { kind: 'credit', tag: '0909090909090909', height: 31, source: 2 },
    { kind: 'ordered', tag: '1e00000000000000', height: 30, author: 3, result: 'OK' },
  ])
  assert.deepEqual(
    shardList.map(({ shard, height }) => [shard, height]),
    [
      [1, 8],
      [0, null],
      [2, 77],
    ],
    'its own shard first; another one only as far as it proved something here',
  )
})

test('peers are those of the shard, each with its state; other shards only count', () => {
  const book = new LiveBook(() => 1000)
  book.onExecuted(executionOf(2, 0))
  const { peers, shardList } = shown(readingOf(book))
  assert.deepEqual(
    peers.map(({ validator, isConnected, lastError, proposedHeight }) => [
      validator,
      isConnected,
      lastError,
      proposedHeight,
    ]),
    [
      [1, true, null, null],
      [2, false, 'refused', 2],
      [3, true, null, null],
    ],
  )
  assert.deepEqual(
    shardList.map(({ shard, connectedPeers, inFlight }) => [shard, connectedPeers, inFlight]),
    [
      [1, 2, null],
      [0, 1, 5],
      [2, 0, 0],
    ],
  )
})

test('an answer stays below 64 KiB, whatever the size of the network and of its blocks', () => {
  const book = new LiveBook(() => 1000)
  for (let height = 1; height < 40; height++)
    book.onExecuted(executionOf(height, 250, { importsFrom: height }))
  const committee = Array.from({ length: 299 }, (_, index) => ({
    ...peerOf(1, index + 1, index !== 250),
    lastError: 'x'.repeat(10_000),
  }))
  const identity = { ...readingOf(book).identity, shards: 400, validatorsPerShard: 300 }
  const reading = readingOf(book, { identity, peers: committee })
  assert.ok(JSON.stringify(liveView(reading)).length < 65_536)
  assert.equal(shown(reading).peers[0]?.['validator'], 251, 'who is gone is never left out')
})
