import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Overload } from '../../src/result/search-shape.ts'
import { overloadOf } from '../../src/search/overload.ts'
import { exampleResult } from '../example-result.ts'

const PLAN = { beforeMs: 5_000, factor: 10, forMs: 10_000, ordinaryShare: 0.8, afterMs: 30_000 }

/** A run of 45 s told second by second; `committedAt` counts from the overload on. */
function overloaded(committedAt: (second: number) => number) {
  const seconds = Array.from({ length: 45 }, (_, i) => i)
  const isOver = (second: number): boolean => second >= 5 && second < 15
  const base = exampleResult()
  return overloadOf(
    {
      ...base,
      series: {
        ...base.series,
        intervalMs: 1_000,
        timeMs: seconds.map((second) => second * 1_000),
        offered: seconds.map((second) => (isOver(second) ? 10_000 : 800)),
        sent: seconds.map((second) => (isOver(second) ? 6_000 : 800)),
        committed: seconds.map((second) => (second < 5 ? 800 : committedAt(second - 5))),
      },
    },
    1_000,
    PLAN,
    5_000,
  )
}

test('a testnet that sheds load keeps committing, and is back at once', () => {
  const overload = overloaded((second) => (second < 10 ? 900 : 800))
  assert.deepEqual(Overload.parse(overload), overload)
  assert.equal(overload.offeredPerSecond, 6_000, 'what really left, not what was planned')
  assert.equal(overload.goodputDuringShare, 0.9)
  assert.equal(overload.goodputAfterShare, 1)
  assert.equal(overload.recoveredAfterMs, 0)
})

test('a testnet that drowns and comes back late says when', () => {
  const overload = overloaded((second) => (second < 10 ? 200 : second < 25 ? 100 : 800))
  assert.equal(overload.goodputDuringShare, 0.2)
  assert.equal(overload.recoveredAfterMs, 15_000)
  assert.equal(overload.goodputAfterShare, 1)
})

test('a testnet that stays drowned has not come back', () => {
  const overload = overloaded(() => 100)
  assert.equal(overload.recoveredAfterMs, null)
  assert.equal(overload.goodputAfterShare, 0.125)
})
