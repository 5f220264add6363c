import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventQueue } from '../src/world/event-queue.ts'
import { Random } from '../src/world/random.ts'

test('a stream depends on its seed and its name, and on nothing else', () => {
  const draw = (seed: number, name: string) => {
    const random = new Random(seed, name)
    return Array.from({ length: 8 }, () => random.uint32())
  }
  assert.deepEqual(draw(7, 'disk'), draw(7, 'disk'))
  assert.notDeepEqual(draw(7, 'disk'), draw(8, 'disk'))
  assert.notDeepEqual(draw(7, 'disk'), draw(7, 'network'))
})

test('numbers are spread over their range, with the mean that was asked for', () => {
  const random = new Random(1, 'spread')
  const counts = Array.from({ length: 10 }, () => 0)
  let sum = 0
  for (let i = 0; i < 20_000; i++) {
    const index = random.below(10)
    counts[index] = (counts[index] ?? 0) + 1
    sum += random.exponential(5)
  }
  for (const count of counts) assert.ok(count > 1_800 && count < 2_200, counts.join(' '))
  assert.ok(Math.abs(sum / 20_000 - 5) < 0.2, `mean ${sum / 20_000}`)
})

test('a sample has different items', () => {
  const random = new Random(3, 'sample')
  for (let i = 0; i < 100; i++) {
    const items = random.sample([1, 2, 3, 4, 5, 6, 7], 4)
    assert.equal(new Set(items).size, 4)
  }
})

test('events run by time, and those of one moment in the order in which they were made', () => {
  const queue = new EventQueue()
  const random = new Random(5, 'events')
  const ran: { atMs: number; order: number }[] = []
  for (let order = 0; order < 500; order++) {
    const atMs = random.below(20)
    queue.at(atMs, () => void ran.push({ atMs, order }))
  }
  while (queue.runNext(1_000));
  assert.equal(ran.length, 500)
  assert.deepEqual(
    ran,
    ran.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order),
  )
})
