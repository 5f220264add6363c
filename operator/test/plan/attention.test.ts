import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attend, lookAtMs } from '../../src/plan/attention.ts'

test('while more and more validators become ready nobody looks at the pods', () => {
  let attention = attend(undefined, 0, 0)
  for (let second = 1; second <= 60; second++) {
    attention = attend(attention, second, second * 1_000)
    assert.ok(lookAtMs(attention, 60, false) > second * 1_000, `at ${second} s`)
  }
  assert.equal(lookAtMs(attention, 60, false), 75_000, 'but when no further one comes')
})

test('a set that does not move is looked at soon, and again after a pause that grows with it', () => {
  const fresh = attend(undefined, 0, 1_000)
  assert.equal(lookAtMs(fresh, 4, false), 6_000)
  const looked = { ...attend(fresh, 0, 6_000), lookedMs: 6_000 }
  assert.equal(lookAtMs(looked, 4, false), 11_000)
  assert.equal(lookAtMs(looked, 370, false), 24_500)
})

test('what stands still is looked at ever less often, and at once again after a change', () => {
  const still = attend(undefined, 0, 0)
  const next = (lookedMs: number) => lookAtMs({ ...still, lookedMs }, 4, false)
  const looks = [5_000]
  for (let look = 0; look < 12; look++) looks.push(next(looks.at(-1) ?? 0))
  const seconds = looks.map((ms) => Math.round(ms / 1_000))
  assert.deepEqual(seconds, [5, 10, 15, 23, 34, 51, 76, 114, 171, 256, 376, 496, 616])
  const lost = attend({ ...still, ready: 4, lookedMs: 616_000 }, 3, 620_000)
  assert.ok(lookAtMs(lost, 4, false) <= 621_000, 'a pause after the last look')
})

test('a set that loses validators is looked at without delay', () => {
  const ready = attend(attend(undefined, 3, 0), 4, 10_000)
  const lost = attend(ready, 3, 11_000)
  assert.ok(lookAtMs(lost, 4, false) <= 11_000)
})

test('a trouble that was told is looked at again although others become ready', () => {
  const told = { ...attend(undefined, 1, 0), lookedMs: 10_000 }
  const grown = attend(told, 2, 14_000)
  assert.equal(lookAtMs(grown, 4, true), 15_000)
  assert.equal(lookAtMs(grown, 4, false), 29_000)
})
