import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { LoadProgress } from '../src/load-run.ts'
import { runLoad, runSaturation, type LoadOptions } from '../src/run-load.ts'
import { LoadResult } from '../src/result.ts'
import { FakeTestnet, type FakeOptions } from './fake-testnet.ts'

const PAUSES = { unansweredMs: 800, acknowledgedMs: 1_500, lostMs: 50, refusedMs: 100 }

async function fakeTestnet(
  t: TestContext,
  options: Partial<FakeOptions> = {},
): Promise<FakeTestnet> {
  const testnet = new FakeTestnet({
    shards: 2,
    validatorsPerShard: 4,
    accountsPerShard: 50,
    blockMs: 40,
    ...options,
  })
  await testnet.start()
  t.after(() => testnet.stop())
  return testnet
}

function load(testnet: FakeTestnet, overrides: Partial<LoadOptions> = {}): Promise<LoadResult> {
  return runLoad({
    network: testnet.network,
    targets: testnet.targets,
    workload: {
      profile: 'payments',
      crossShard: 0.4,
      accounts: 'uniform',
      payloadBytes: 0,
      fee: 1,
      validityHeights: 1_000,
      seed: 7,
    },
    arrivals: { process: 'poisson', schedule: [{ rate: 300, forMs: 1_500 }] },
    criteria: { committedPerSecondMin: null, p99MaxMs: null, lostMax: 0, steady: false },
    signal: new AbortController().signal,
    pauses: PAUSES,
    ...overrides,
  })
}

test('a run against four honest validators a shard commits every transaction once', async (t) => {
  const testnet = await fakeTestnet(t)
  const heights: number[] = []
  const result = await load(testnet, {
    onProgress: (progress) => heights.push(progress.heights[0] ?? 0),
  })
  assert.deepEqual(LoadResult.parse(result), result)
  assert.equal(result.counts.lost, 0)
  assert.equal(result.counts.committed, result.counts.scheduled)
  assert.equal(result.counts.committed, testnet.executedOk.size)
  assert.ok(
    result.counts.scheduled > 350 && result.counts.scheduled < 550,
    `${result.counts.scheduled}`,
  )
  const share = result.counts.committedCrossShard / result.counts.committed
  assert.ok(share > 0.3 && share < 0.5, `${share}`)
  assert.equal(result.verdict.kind, 'passed')
  assert.ok((result.latency.summary?.p50Ms ?? 0) >= 5)
  assert.ok(heights.length >= 4)
})

test('a lying validator that sends the whole events is not believed and is replaced', async (t) => {
  const testnet = await fakeTestnet(t, { liars: [0] })
  const result = await load(testnet)
  assert.equal(result.counts.lost, 0)
  assert.equal(result.counts.committed, result.counts.scheduled)
})

test('one validator lies and one is down: the f + 1 others are enough', async (t) => {
  const testnet = await fakeTestnet(t, { liars: [1] })
  await testnet.validator(0, 2).stop()
  const result = await load(testnet)
  assert.equal(result.counts.lost, 0)
  assert.equal(result.counts.committed, result.counts.scheduled)
})

test('a validator that restarts during the load costs no transaction', async (t) => {
  const testnet = await fakeTestnet(t)
  const onProgress = at(300, () => void restartLater(testnet, [0], 400))
  const result = await load(testnet, { onProgress })
  assert.equal(result.counts.lost, 0)
  assert.equal(result.counts.committed, result.counts.scheduled)
  assert.ok(result.door.connectionsLost >= 2)
  assert.ok(result.door.resent > 0)
  everyNonceOnceAndInItsWindow(testnet)
})

test('all validators die at once and come back: the load goes on and nothing is lost', async (t) => {
  const testnet = await fakeTestnet(t)
  const onProgress = at(300, () => void restartLater(testnet, [0, 1, 2, 3], 500))
  const result = await load(testnet, { onProgress })
  assert.equal(result.counts.lost, 0)
  assert.equal(result.counts.committed, result.counts.scheduled)
  assert.equal(result.counts.committed, testnet.executedOk.size)
  everyNonceOnceAndInItsWindow(testnet)
})

test('a stall of the testnet shows in the latency of what was scheduled meanwhile', async (t) => {
  const testnet = await fakeTestnet(t)
  const stall = at(450, () => (testnet.isStalled = true))
  const heal = at(1_250, () => (testnet.isStalled = false))
  const onProgress = (progress: LoadProgress): void => [stall, heal].forEach((act) => act(progress))
  const result = await load(testnet, { warmUpMs: 0, onProgress })
  const summary = result.latency.summary
  assert.ok(summary !== null)
  // About 750 of 1,500 ms are stalled: half of all wait, evenly up to all of it. Counted from the actual sending after
  // the stall, or by a client that waits for answers, p90 would be that of a block.
  assert.ok(summary.maxMs > 600, `${summary.maxMs}`)
  assert.ok(summary.p90Ms > 400, `${summary.p90Ms}`)
  assert.equal(result.generator.wasLimit, false)
})

test('a generator that is late says so, and its lateness is part of the latency', async (t) => {
  const testnet = await fakeTestnet(t)
  const onProgress = at(500, () => {
    const until = performance.now() + 600
    while (performance.now() < until);
  })
  const criteria = { committedPerSecondMin: 1, p99MaxMs: null, lostMax: 0, steady: true }
  const result = await load(testnet, { warmUpMs: 0, onProgress, criteria })
  assert.ok((result.generator.lateness?.maxMs ?? 0) > 500)
  // Four tenths of the arrivals fall into the pause: counted from the actual sending they would look quick.
  assert.ok((result.latency.summary?.p90Ms ?? 0) > 300)
  assert.equal(result.generator.wasLimit, true)
  assert.equal(result.verdict.kind, 'generatorLimited')
})

test('a testnet that stops for good loses what was in flight, and the run fails', async (t) => {
  const testnet = await fakeTestnet(t)
  const onProgress = at(700, () => (testnet.isStalled = true))
  const result = await load(testnet, { drainMsMax: 500, onProgress })
  assert.ok(result.counts.lost > 0)
  assert.equal(result.counts.lost + result.counts.committed, result.counts.sent)
  assert.equal(result.verdict.kind, 'failed')
})

test('one validator that refuses everything with a lasting code ends no transaction', async (t) => {
  const testnet = await fakeTestnet(t)
  testnet.validator(0, 1).refuseWith = 8
  const result = await load(testnet)
  assert.equal(result.counts.refused, 0)
  assert.equal(result.counts.committed, result.counts.scheduled)
  assert.ok((result.door.refusalsByCode['BAD_SIGNATURE'] ?? 0) > 0)
})

test('f + 1 validators that refuse with a lasting code end a transaction as refused', async (t) => {
  const testnet = await fakeTestnet(t)
  for (const validator of [0, 1, 2, 3]) testnet.validator(0, validator).refuseWith = 8
  const result = await load(testnet)
  assert.ok(result.counts.refused > 0)
  assert.deepEqual(Object.keys(result.counts.refusedByCode), ['BAD_SIGNATURE'])
  assert.equal(result.counts.refused + result.counts.committed, result.counts.sent)
  assert.equal(result.verdict.kind, 'failed', 'shard 0 made no progress')
})

test('a validator that is paused, connection and all, is passed by after a while', async (t) => {
  const testnet = await fakeTestnet(t)
  testnet.validator(0, 1).isPaused = true
  const schedule = [{ rate: 200, forMs: 5_000 }]
  const result = await load(testnet, {
    arrivals: { process: 'poisson', schedule },
    warmUpMs: 4_000,
  })
  assert.equal(result.counts.committed, result.counts.scheduled)
  assert.ok(result.door.resent > 0, 'at first its accounts wait for it')
  assert.ok(
    (result.latency.summary?.p99Ms ?? 9_999) < PAUSES.unansweredMs,
    'in the end they do not',
  )
})

test('BUSY is counted and the same bytes are sent again after the pause', async (t) => {
  const testnet = await fakeTestnet(t)
  for (const validator of [0, 1, 2, 3]) testnet.validator(0, validator).busyLeft = 3
  const result = await load(testnet)
  assert.ok(result.door.busy >= 12)
  assert.ok(result.door.resent > 0)
  assert.equal(result.counts.committed, result.counts.scheduled)
})

test('too few accounts for the rate: the generator says that it was the limit', async (t) => {
  const testnet = await fakeTestnet(t, { accountsPerShard: 2, blockMs: 400 })
  const result = await load(testnet, {
    arrivals: { process: 'constant', schedule: [{ rate: 2_000, forMs: 1_000 }] },
    criteria: { committedPerSecondMin: 10, p99MaxMs: null, lostMax: 0, steady: true },
  })
  assert.equal(result.generator.wasLimit, true)
  assert.equal(result.verdict.kind, 'generatorLimited')
  assert.equal(result.counts.lost, 0)
  everyNonceOnceAndInItsWindow(testnet)
})

test('an interrupted run reports what was measured', async (t) => {
  const testnet = await fakeTestnet(t)
  const abort = new AbortController()
  const onProgress = at(700, () => abort.abort())
  const result = await load(testnet, { signal: abort.signal, onProgress })
  assert.equal(result.interrupted, true)
  assert.equal(result.verdict.kind, 'aborted')
  assert.ok(result.counts.committed > 0)
  assert.equal(result.counts.lost, 0)
  assert.ok(result.window.toMs < 1_400)
})

test('a testnet of another network is refused in one sentence', async (t) => {
  const testnet = await fakeTestnet(t)
  const network = {
    ...testnet.network,
    networkId: testnet.network.networkId.replace(/^../, '00') as never,
  }
  await assert.rejects(load(testnet, { network }), { name: 'LoadError', code: 'wrongNetwork' })
})

test('saturation keeps the asked number in flight and counts everything', async (t) => {
  const testnet = await fakeTestnet(t)
  const result = await runSaturation({
    network: testnet.network,
    targets: testnet.targets,
    workload: {
      profile: 'payments',
      crossShard: 0,
      accounts: 'zipf',
      payloadBytes: 0,
      fee: 1,
      validityHeights: 1_000,
      seed: 3,
    },
    criteria: { committedPerSecondMin: null, p99MaxMs: null, lostMax: 0, steady: false },
    signal: new AbortController().signal,
    transactions: 3_000,
    inFlightMax: 200,
    warmUpMs: 50,
    forMsMax: 20_000,
  })
  assert.equal(result.counts.committed, 3_000)
  assert.ok(Math.max(...result.series.inFlight) <= 200)
  assert.ok(result.committedPerSecond > 500, `${result.committedPerSecond}`)
  everyNonceOnceAndInItsWindow(testnet)
})

/** Does something once when the run's own clock has passed a time. */
function at(elapsedMs: number, act: () => void): (progress: LoadProgress) => void {
  let isDone = false
  return (progress) => {
    if (isDone || progress.elapsedMs < elapsedMs) return
    isDone = true
    act()
  }
}

async function restartLater(
  testnet: FakeTestnet,
  validators: readonly number[],
  downMs: number,
): Promise<void> {
  const all = [0, 1].flatMap((shard) =>
    validators.map((validator) => testnet.validator(shard, validator)),
  )
  // No block takes what they have: it dies with them.
  testnet.isStalled = true
  await Promise.all(all.map((validator) => validator.whenPooled()))
  await Promise.all(all.map((validator) => validator.stop()))
  testnet.isStalled = false
  await new Promise((resolve) => setTimeout(resolve, downMs))
  await Promise.all(all.map((validator) => validator.start()))
}

/** The order in which a payer's nonces executed never left the window of 64 that validators accept. */
function everyNonceOnceAndInItsWindow(testnet: FakeTestnet): void {
  for (const nonces of testnet.noncesSeen.values()) {
    const done = new Set<number>()
    let base = 0
    for (const nonce of nonces) {
      assert.ok(nonce >= base && nonce < base + 64, `nonce ${nonce} with base ${base}`)
      assert.ok(!done.has(nonce), 'a nonce executes once')
      done.add(nonce)
      while (done.has(base)) base += 1
    }
  }
}
