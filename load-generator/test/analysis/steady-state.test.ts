import assert from 'node:assert/strict'
import { test } from 'node:test'
import { steadyStateOf } from '../../src/analysis/steady-state.ts'
import { SteadyState } from '../../src/result/steady-state-shape.ts'
import { QueueServer, type ServerOptions } from './queue-server.ts'
import { observed } from './synthetic-run.ts'

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1)

function run(rate: number, forMs: number, options: Omit<ServerOptions, 'capacity'>) {
  const server = new QueueServer({ capacity: 1_000, ...options })
  const columns = observed(server.load(rate, forMs), forMs)
  const state = steadyStateOf({ columns, warmUpMs: null, generatorReasons: [] })
  assert.deepEqual(SteadyState.parse(state), state)
  return state
}

/** How many of the seeds end in a kind. */
function countOf(kind: string, rate: number, options: Partial<ServerOptions> = {}): number {
  return SEEDS.filter((seed) => run(rate, 30_000, { seed, noise: 0.1, ...options }).kind === kind)
    .length
}

test('false alarms: at half load and at 80 % at most 3 of 40 seeds are called not steady', () => {
  for (const rate of [500, 800]) {
    const alarms = countOf('notSteady', rate)
    assert.ok(alarms <= 3, `${rate}/s: ${alarms} of ${SEEDS.length}`)
  }
})

test('misses: 5 % above a calm capacity or 10 % above a moody one at most 3 of 40 seeds pass for steady', () => {
  const calm = countOf('steady', 1_050, { noise: 0.03 })
  assert.ok(calm <= 3, `calm: ${calm} of ${SEEDS.length}`)
  const moody = countOf('steady', 1_100)
  assert.ok(moody <= 3, `moody: ${moody} of ${SEEDS.length}`)
})

test('a backlog that grows is named with its rate, near the truth', () => {
  for (const seed of SEEDS.slice(0, 20)) {
    const state = run(1_400, 30_000, { seed, noise: 0.05 })
    assert.equal(state.kind, 'notSteady')
    assert.ok(state.causes.includes('backlogGrows'), state.causes.join())
    assert.ok(
      Math.abs((state.backlogTrend?.perSecond ?? 0) - 400) < 80,
      `seed ${seed}: ${state.backlogTrend?.perSecond}`,
    )
    assert.match(state.reasons.join(), /the backlog grows by \d+ transactions\/s/)
  }
})

test('a cold start ends where the test says: not before it is over, not long after', () => {
  // Cold by 90 % for a time constant of 2 s: the queue built up meanwhile is gone after about 6 s.
  for (const seed of SEEDS.slice(0, 20)) {
    const state = run(600, 60_000, { seed, noise: 0.05, coldShare: 0.9, coldMs: 2_000 })
    assert.equal(state.kind, 'steady', `seed ${seed}: ${state.reasons.join()}`)
    assert.ok(
      state.warmUpMs >= 2_500 && state.warmUpMs <= 20_000,
      `seed ${seed}: ${state.warmUpMs}`,
    )
  }
})

test('the interval holds the offered rate of a steady run nineteen times of twenty', () => {
  const holding = SEEDS.filter((seed) => {
    const { committedPerSecond } = run(600, 30_000, { seed, noise: 0.1 })
    assert.ok(committedPerSecond !== null)
    return committedPerSecond.low <= 600 && 600 <= committedPerSecond.high
  })
  assert.ok(holding.length >= 34, `${holding.length} of ${SEEDS.length}`)
})

test('a rate that falls through the run drifts, whatever the backlog', () => {
  for (const seed of SEEDS.slice(0, 20)) {
    const server = new QueueServer({ seed, capacity: 2_000, noise: 0.05 })
    const served = [600, 570, 540, 510, 480, 450].flatMap((rate, i) =>
      server.load(rate, 5_000).map(({ scheduledMs, committedMs }) => ({
        scheduledMs: scheduledMs + 5_000 * i,
        committedMs: committedMs === null ? null : committedMs + 5_000 * i,
      })),
    )
    const columns = observed(served, 30_000)
    const state = steadyStateOf({ columns, warmUpMs: null, generatorReasons: [] })
    assert.equal(state.kind, 'notSteady', `seed ${seed}`)
    assert.ok(state.causes.includes('rateDrifts'))
  }
})

test('a run of a few seconds, or with a few transactions, is too short to tell', () => {
  assert.deepEqual(run(500, 4_000, { seed: 1, noise: 0 }).causes, ['tooShort'])
  const rare = run(5, 30_000, { seed: 1, noise: 0 })
  assert.equal(rare.kind, 'unknown')
  assert.match(rare.reasons.join(), /known to ± \d+ % only/)
  const columns = observed([], 30_000)
  const nothing = steadyStateOf({ columns, warmUpMs: null, generatorReasons: [] })
  assert.equal(nothing.kind, 'unknown')
  assert.deepEqual(SteadyState.parse(nothing), nothing)
})

test('whoever says how long the warm-up is gets it', () => {
  const server = new QueueServer({ seed: 5, capacity: 1_000, noise: 0.1 })
  const columns = observed(server.load(500, 30_000), 30_000)
  const state = steadyStateOf({ columns, warmUpMs: 7_100, generatorReasons: [] })
  assert.equal(state.warmUpMs, 7_100)
  assert.equal(state.warmUpChosenBy, 'request')
})
