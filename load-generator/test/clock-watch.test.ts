import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClockWatch } from '../src/clock-watch.ts'

/** Two clocks that a test moves. */
class Hands {
  monotonic = 5_000
  wall = 1_790_000_000_000
  readonly clocks = { monotonicMs: () => this.monotonic, wallMs: () => this.wall }

  pass(monotonicMs: number, wallMs = monotonicMs): void {
    this.monotonic += monotonicMs
    this.wall += wallMs
  }
}

test('a machine that sleeps, and a clock that is set back, are jumps; a slewed clock is none', () => {
  const hands = new Hands()
  const watch = new ClockWatch(hands.clocks)
  hands.pass(100, 90_100)
  watch.begin()
  for (let i = 0; i < 600; i++) {
    // 500 parts in a million is the most that adjtime slews.
    hands.pass(100, 100.05)
    watch.look(i * 100)
  }
  assert.deepEqual(watch.jumps, [])
  hands.pass(100, 30_100)
  watch.look(60_100)
  hands.pass(100)
  watch.look(60_200)
  hands.pass(100, -4_900)
  watch.look(60_300)
  assert.deepEqual(
    watch.jumps.map(({ atMs, byMs }) => [atMs, Math.round(byMs)]),
    [
      [60_100, 30_000],
      [60_300, -5_000],
    ],
  )
})
