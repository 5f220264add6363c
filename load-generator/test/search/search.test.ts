import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergedLatency, steadyStateOf } from '../../src/analysis/steady-state.ts'
import { Search } from '../../src/result/search-shape.ts'
import { evenBelief, learned, quantileRate } from '../../src/search/knee-belief.ts'
import { judgeTrial, type Objective, type TrialFigures } from '../../src/search/objective.ts'
import {
  afterTrial,
  nextStep,
  searchResult,
  startSearch,
  type SearchOptions,
  type SearchState,
} from '../../src/search/search.ts'
import { QueueServer, type ServerOptions } from '../analysis/queue-server.ts'
import { observed } from '../analysis/synthetic-run.ts'

const OBJECTIVE: Objective = { p50MaxMs: null, p99MaxMs: 2_000, committedShareMin: 0.98 }
const OPTIONS: SearchOptions = {
  objective: OBJECTIVE,
  rateMin: 200,
  rateMax: 50_000,
  trialMs: 15_000,
  trialsMax: 24,
  precision: 0.05,
}

/** One trial as a run measures it. */
function trialOn(server: QueueServer, rate: number, forMs: number): TrialFigures {
  const columns = observed(server.load(rate, forMs), forMs)
  const state = steadyStateOf({ columns, warmUpMs: null, generatorReasons: [] })
  const first = Math.round(state.warmUpMs / columns.sliceMs)
  const seconds = ((columns.latency.length - first) * columns.sliceMs) / 1_000
  const after = (counts: readonly number[]): number =>
    counts.slice(first * 5).reduce((sum, count) => sum + count, 0) / seconds
  const latency = mergedLatency(columns, first)
  return {
    offeredPerSecond: after(columns.offered),
    committedPerSecond: after(columns.committed),
    p50Ms: latency.percentileMs(50),
    p99Ms: latency.percentileMs(99),
    backlogPerSecond: state.backlogTrend?.perSecond ?? 0,
    generatorReasons: [],
    lost: 0,
  }
}

function searched(server: QueueServer, options = OPTIONS) {
  let state: SearchState = startSearch(options)
  for (;;) {
    const step = nextStep(state)
    if (step.kind === 'end') return { state, step }
    assert.ok(state.trials.length < options.trialsMax, 'trials are bounded')
    const trial = { rate: step.rate, purpose: step.purpose, fromMs: server.nowMs }
    state = afterTrial(state, trial, trialOn(server, step.rate, options.trialMs))
  }
}

/** The knee by brute force: long loads, percentiles by sorting, nothing of the code under test. */
function kneeByForce(options: ServerOptions): number {
  const carries = (rate: number, seed: number): boolean => {
    const seconds = 400
    const served = new QueueServer({ ...options, seed }).load(rate, seconds * 1_000, 60_000)
    const waits = served
      .filter(({ scheduledMs }) => scheduledMs > 20_000)
      .map(({ scheduledMs, committedMs }) => (committedMs ?? Number.MAX_VALUE) - scheduledMs)
      .sort((a, b) => a - b)
    return (waits[Math.floor(0.99 * waits.length)] ?? 0) <= 2_000
  }
  let low = 0.8 * options.capacity
  let high = 1.1 * options.capacity
  while (high / low > 1.015) {
    const middle = Math.sqrt(low * high)
    const votes = [101, 102, 103].filter((seed) => carries(middle, seed)).length
    if (votes >= 2) low = middle
    else high = middle
  }
  return Math.sqrt(low * high)
}

test('the knee of a moody, drifting server in a retry storm is found within 5 % over ten seeds', () => {
  const worst = { error: 0, seed: 0 }
  const base = { noise: 0.05, drift: 0.02, driftPeriodSeconds: 60, retryAfterMs: 3_000 }
  const truth = kneeByForce({ seed: 0, capacity: 1_000, ...base }) / 1_000
  for (let seed = 1; seed <= 10; seed++) {
    const capacity = 600 + 250 * seed
    const { state, step } = searched(new QueueServer({ seed, capacity, ...base }))
    assert.equal(step.limit, 'testnet', `seed ${seed}: ${step.because}`)
    const knee = step.knee
    assert.ok(knee !== null)
    const error = Math.abs(knee.value / (truth * capacity) - 1)
    if (error > worst.error) Object.assign(worst, { error, seed })
    const result = searchResult(
      state,
      { limit: step.limit, knee, endedBecause: step.because },
      null,
    )
    assert.deepEqual(Search.parse(result), result)
  }
  assert.ok(worst.error <= 0.05, `seed ${worst.seed}: ${(100 * worst.error).toFixed(1)} %`)
})

test('a server that cannot even carry the lowest rate, and one that nothing moves', () => {
  const weak = searched(new QueueServer({ seed: 1, capacity: 50, noise: 0.05 }))
  assert.deepEqual([weak.step.limit, weak.step.knee], ['floor', null])
  const strong = searched(new QueueServer({ seed: 1, capacity: 1e5, noise: 0.05 }), {
    ...OPTIONS,
    rateMax: 3_000,
  })
  assert.equal(strong.step.limit, 'ceiling')
  assert.ok((strong.step.knee?.value ?? 0) >= 2_700, `${strong.step.knee?.value}`)
})

test('a generator that cannot offer more ends the search and is named', () => {
  let state = startSearch(OPTIONS)
  const carried = (rate: number): TrialFigures => ({
    offeredPerSecond: rate,
    committedPerSecond: rate,
    p50Ms: 100,
    p99Ms: 200,
    backlogPerSecond: 0,
    generatorReasons: rate > 5_000 ? ['late'] : [],
    lost: 0,
  })
  for (let step = nextStep(state); ; step = nextStep(state)) {
    if (step.kind === 'end') {
      assert.equal(step.limit, 'generator', step.because)
      assert.ok((step.knee?.low ?? 0) > 3_500, `${step.knee?.low}`)
      break
    }
    state = afterTrial(
      state,
      { rate: step.rate, purpose: step.purpose, fromMs: 0 },
      carried(step.rate),
    )
    assert.ok(state.trials.length <= OPTIONS.trialsMax)
  }
})

test('one late trial is repeated and forgotten, whatever the rate', () => {
  let state = startSearch(OPTIONS)
  const server = new QueueServer({ seed: 3, capacity: 1_500, noise: 0.05 })
  for (let step = nextStep(state); ; step = nextStep(state)) {
    if (step.kind === 'end') {
      assert.equal(step.limit, 'testnet', step.because)
      break
    }
    const figures = trialOn(server, step.rate, OPTIONS.trialMs)
    const isLate = state.trials.length === 6
    state = afterTrial(
      state,
      { rate: step.rate, purpose: step.purpose, fromMs: server.nowMs },
      isLate ? { ...figures, generatorReasons: ['late'] } : figures,
    )
  }
  assert.equal(state.trials.filter(({ outcome }) => outcome === 'generatorLimited').length, 1)
  assert.equal(state.trials[7]?.rate, state.trials[6]?.rate)
})

test('trials that contradict each other for ever end with the trials, and a wide interval', () => {
  let state = startSearch({ ...OPTIONS, trialsMax: 12 })
  let isMet = false
  for (let step = nextStep(state); ; step = nextStep(state)) {
    if (step.kind === 'end') {
      assert.equal(state.trials.length, 12)
      assert.equal(step.limit, 'trials')
      return
    }
    isMet = !isMet
    const figures: TrialFigures = {
      offeredPerSecond: step.rate,
      committedPerSecond: step.rate,
      p50Ms: 100,
      p99Ms: isMet ? 1_990 : 2_010,
      backlogPerSecond: 0,
      generatorReasons: [],
      lost: 0,
    }
    state = afterTrial(state, { rate: step.rate, purpose: step.purpose, fromMs: 0 }, figures)
  }
})

test('belief moves to the side that an answer names, the more the more it is trusted', () => {
  const even = evenBelief(100, 10_000)
  assert.ok(Math.abs(quantileRate(even, 0.5) - 1_000) < 10)
  const little = learned(even, 1_000, true, 0.6)
  const much = learned(even, 1_000, true, 0.97)
  assert.ok(quantileRate(even, 0.5) < quantileRate(little, 0.5))
  assert.ok(quantileRate(little, 0.5) < quantileRate(much, 0.5))
  assert.ok(quantileRate(learned(even, 1_000, false, 0.9), 0.5) < 1_000)
  const undone = learned(much, 1_000, false, 0.97)
  assert.ok(Math.abs(quantileRate(undone, 0.5) - 1_000) < 10)
})

test('a trial is judged by its worst figure, and trusted by its margin', () => {
  const good: TrialFigures = {
    offeredPerSecond: 1_000,
    committedPerSecond: 1_000,
    p50Ms: 100,
    p99Ms: 300,
    backlogPerSecond: 0,
    generatorReasons: [],
    lost: 0,
  }
  const judged = (change: Partial<TrialFigures>) => judgeTrial(OBJECTIVE, { ...good, ...change })
  assert.equal(judged({}).outcome, 'met')
  assert.deepEqual(
    [judged({ p99Ms: 2_001 }).outcome, judged({ p99Ms: 2_001 }).reason],
    ['missed', 'p99 2s1ms'],
  )
  assert.ok(judged({ p99Ms: 2_001 }).trust < judged({ p99Ms: 9_000 }).trust)
  assert.match(judged({ backlogPerSecond: 400, committedPerSecond: 600 }).reason, /backlog|commits/)
  assert.equal(judged({ lost: 1 }).outcome, 'missed')
  assert.equal(judged({ generatorReasons: ['late'], p99Ms: 9_000 }).outcome, 'generatorLimited')
  assert.equal(judged({ p99Ms: null }).outcome, 'missed')
  assert.equal(judged({ offeredPerSecond: 0 }).outcome, 'unclear')
})
