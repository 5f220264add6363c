import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { exponential, WorkQueue } from '../../src/kubernetes/work-queue.ts'

/** Work whose end the test decides about. */
class Bench {
  readonly begun: string[] = []
  readonly #ends = new Map<string, (result: number | Error | null) => void>()

  readonly work = (key: string): Promise<number | null> => {
    this.begun.push(key)
    return new Promise((resolve, reject) => {
      this.#ends.set(key, (result) => {
        if (result instanceof Error) reject(result)
        else resolve(result)
      })
    })
  }

  async end(key: string, result: number | Error | null = null): Promise<void> {
    this.#ends.get(key)?.(result)
    this.#ends.delete(key)
    await delay(0)
  }
}

function queueOf(bench: Bench, workers: number) {
  const errors: { key: string; retryMs: number | null }[] = []
  const queue = new WorkQueue({
    work: bench.work,
    workers,
    onError: (key, _error, retryMs) => void errors.push({ key, retryMs }),
    backOffMs: (error, failures) => (error instanceof RangeError ? null : 10 * failures),
  })
  return { queue, errors }
}

test('a key that is added many times is done once, and once more when it was added meanwhile', async () => {
  const bench = new Bench()
  const { queue } = queueOf(bench, 2)
  for (let count = 0; count < 5; count++) queue.add('a')
  assert.deepEqual(bench.begun, ['a'])
  for (let count = 0; count < 5; count++) queue.add('a')
  assert.deepEqual(bench.begun, ['a'], 'never twice at a time')
  await bench.end('a')
  assert.deepEqual(bench.begun, ['a', 'a'])
  await bench.end('a')
  assert.deepEqual(bench.begun, ['a', 'a'])
})

test('no more keys are worked on than there are workers, and the first come is the first served', async () => {
  const bench = new Bench()
  const { queue } = queueOf(bench, 2)
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
  assert.deepEqual(bench.begun, ['a', 'b'])
  assert.equal(queue.depth, 2)
  await bench.end('b')
  assert.deepEqual(bench.begun, ['a', 'b', 'c'])
})

test('a key that fails comes back after longer and longer waits of its own, others do not wait', async () => {
  const bench = new Bench()
  const { queue, errors } = queueOf(bench, 1)
  queue.add('bad')
  await bench.end('bad', new Error('no'))
  queue.add('good')
  assert.deepEqual(bench.begun, ['bad', 'good'])
  await bench.end('good')
  await waitFor(() => bench.begun.length === 3)
  await bench.end('bad', new Error('no'))
  assert.deepEqual(
    errors.map(({ retryMs }) => retryMs),
    [10, 20],
  )
})

test('what no repetition mends is not repeated, until something happens', async () => {
  const bench = new Bench()
  const { queue, errors } = queueOf(bench, 1)
  queue.add('a')
  await bench.end('a', new RangeError('refused'))
  assert.deepEqual(errors, [{ key: 'a', retryMs: null }])
  await delay(50)
  assert.deepEqual(bench.begun, ['a'])
  queue.add('a')
  assert.deepEqual(bench.begun, ['a', 'a'])
})

test('a result asks for another look later; the earliest of several waits counts', async () => {
  const bench = new Bench()
  const { queue } = queueOf(bench, 1)
  queue.addAfter('a', 60_000)
  queue.addAfter('a', 5)
  queue.addAfter('a', 60_000)
  await waitFor(() => bench.begun.length === 1)
  await bench.end('a', 5)
  await waitFor(() => bench.begun.length === 2)
})

test('a queue that stops waits for what is under way and begins nothing more', async () => {
  const bench = new Bench()
  const { queue } = queueOf(bench, 1)
  queue.add('a')
  queue.add('b')
  let isStopped = false
  const stopped = queue.stop().then(() => {
    isStopped = true
    return isStopped
  })
  await delay(5)
  assert.equal(isStopped, false)
  await bench.end('a')
  assert.ok(await stopped)
  assert.deepEqual(bench.begun, ['a'])
})

test('waits double up to five minutes', () => {
  const at = (failures: number) => exponential(null, failures)
  assert.ok(at(1) >= 187 && at(1) <= 313)
  assert.ok(at(4) >= 1_500 && at(4) <= 2_500)
  assert.ok(at(60) <= 375_000 && at(60) >= 225_000)
})

async function waitFor(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    if (holds()) return
    await delay(5)
  }
  assert.fail('it never came')
}
