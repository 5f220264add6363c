import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveBook } from '../../src/host/live/live-book.ts'
import { liveView } from '../../src/host/live/live-view.ts'
import { executionOf, readingOf } from './fixture.ts'

interface Cell {
  readonly text: string
  readonly state?: string
}
interface Words {
  readonly stateOf: (data: unknown) => { readonly state: string; readonly text: string }
  tilesOf(data: unknown): readonly (readonly string[])[]
  peerCells(row: unknown): readonly Cell[]
  blockCells(row: unknown, nowMs: number): readonly Cell[]
  transactionCells(row: unknown): readonly Cell[]
  shardCells(row: unknown, own: number): readonly Cell[]
  barsOf(perSecond: readonly number[]): readonly number[]
  barReading(perSecond: readonly number[], index: number): string
  span(seconds: number): string
  bytes(value: number): string
}

// What the browser loads is plain JavaScript without types.
const address = new URL('../../src/host/live/words.js', import.meta.url)
const words: Words = await import(address.href)

function data(timeMs: number, notReady: string | null = null): Record<string, unknown> {
  let nowMs = 0
  const book = new LiveBook(() => nowMs)
  book.onExecuted(executionOf(4, 20, { stale: 2 }))
  book.onCommitted(0.0821)
  nowMs = 10_000
  const status = { view: 9, committedHeight: 8, executedHeight: 7, notReady }
  const reading = readingOf(book, { timeMs, status })
  return JSON.parse(JSON.stringify(liveView(reading)))
}

test('a validator is well, stands still, or says what it lacks', () => {
  assert.deepEqual(words.stateOf(data(5_000)), { state: 'good', text: 'ready' })
  assert.deepEqual(words.stateOf(data(4_000 + 61_000)), {
    state: 'bad',
    text: 'no block for 1 min',
  })
  assert.equal(words.stateOf(data(5_000, 'connected to 1 of the 2 peers')).state, 'bad')
})

test('tiles say what is known, and why something is not', () => {
  const tiles = new Map(words.tilesOf(data(5_000)).map(([name, ...rest]) => [name, rest]))
  assert.deepEqual(tiles.get('Transactions a second')?.[0], '2')
  assert.deepEqual(tiles.get('From proposal to commit')?.[0], '82.1 ms')
  assert.deepEqual(tiles.get('From batch to execution'), [
    '–',
    'no client sent to this validator in the last minute',
  ])
  assert.deepEqual(tiles.get('Peers connected')?.[0], '2 of 3')
})

test('rows name what failed, who is gone and where a credit came from', () => {
  const shown = data(5_000) as Record<'peers' | 'blocks' | 'transactions' | 'shardList', unknown[]>
  const text = (cells: readonly Cell[]): string => cells.map((cell) => cell.text).join(' | ')
  assert.match(text(words.peerCells(shown.peers[1])), /○ gone: refused \| 2\.0 KiB/)
  assert.match(text(words.blockCells(shown.blocks[0], 5_000)), /22, 2 failed \| 1 \| 0 \| 1 s/)
  assert.match(text(words.transactionCells(shown.transactions[0])), /STALE \| validator 3/)
  const refused = { ...(shown.peers[1] as object), lastError: 'connect ECONNREFUSED 127.0.0.1:9' }
  assert.match(text(words.peerCells(refused)), /○ gone: ECONNREFUSED \|/)
  const credit = { kind: 'credit', tag: '09', height: 4, source: 2 }
  assert.match(text(words.transactionCells(credit)), /credit \| shard 2/)
  assert.match(text(words.shardCells(shown.shardList[0], 1)), /1 \(this one\) \| 8 \| now/)
  assert.match(text(words.shardCells(shown.shardList[1], 1)), /0 \| – \| nothing yet \| 5 \| 1/)
})

test('the chart has sixty bars of the largest second, and reads each of them', () => {
  const bars = words.barsOf([5, 0, 10])
  assert.equal(bars.length, 60)
  assert.deepEqual(bars.slice(-4), [0, 50, 0, 100])
  assert.equal(words.barReading([5, 0, 10], 59), 'last second: 10')
  assert.equal(words.barReading([5, 0, 10], 57), '3 s ago: 5')
  assert.equal(words.barReading([5, 0, 10], 0), '60 s ago: it did not run')
})

test('times and sizes are in the words of people', () => {
  assert.deepEqual(
    [5, 60, 3_700, 90_000].map((seconds) => words.span(seconds)),
    ['5 s', '1 min', '1 h 1 min', '25 h 0 min'],
  )
  assert.deepEqual(
    [0, 5, 2_048, 3_145_728].map((value) => words.bytes(value)),
    ['–', '5 B', '2.0 KiB', '3.0 MiB'],
  )
})
