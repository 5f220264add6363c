import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { batchingOf, estimateOf } from '../../src/analysis/batch-means.ts'
import {
  normalQuantile,
  studentQuantile,
  twoSidedNormalTail,
} from '../../src/analysis/distributions.ts'
import { meanOf } from '../../src/analysis/moments.ts'
import { trendOf } from '../../src/analysis/trend-test.ts'
import { truncationOf } from '../../src/analysis/truncation.ts'
import { autoregression, normals } from './synthetic-run.ts'

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1)
const near = (value: number, expected: number, error: number): void =>
  assert.ok(Math.abs(value - expected) <= error, `${value}, expected ${expected}`)

test('quantiles and tails are those of the tables', () => {
  near(normalQuantile(0.975), 1.959964, 1e-5)
  near(normalQuantile(0.001), -3.090232, 1e-5)
  near(twoSidedNormalTail(1.959964), 0.05, 1e-6)
  near(twoSidedNormalTail(-2.575829), 0.01, 1e-6)
  for (const [degrees, expected] of [
    [1, 12.7062],
    [2, 4.3027],
    [5, 2.5706],
    [9, 2.2622],
    [29, 2.0452],
    [1_000, 1.9623],
  ] as const)
    near(studentQuantile(0.95, degrees), expected, 0.002)
  near(studentQuantile(0.9, 10), 1.8125, 0.001)
})

test('MSER finds the same point as trying every one', () => {
  const series = fc.array(fc.double({ min: -1_000, max: 1_000, noNaN: true }), {
    minLength: 2,
    maxLength: 60,
  })
  fc.assert(
    fc.property(series, (values) => {
      const errors = values.slice(0, Math.floor(values.length / 2) + 1).map((_, first) => {
        const rest = values.slice(first)
        const mean = meanOf(rest)
        return rest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rest.length ** 2
      })
      const { batches } = truncationOf(values)
      const best = Math.min(...errors)
      assert.ok(
        (errors[batches] ?? Infinity) <= best + 1e-6 * (1 + best),
        `${batches} of ${errors.join()}`,
      )
    }),
  )
})

test('a settled series is cut where it settles, within a tenth of the run', () => {
  for (const seed of SEEDS) {
    const noise = autoregression(seed, 100, 0.3)
    const values = noise.map((value, i) => 100 + 3 * value - 60 * Math.exp(-i / 5))
    const { batches, isAtLimit } = truncationOf(values)
    assert.ok(batches >= 6 && batches <= 40 && !isAtLimit, `seed ${seed}: ${batches}`)
  }
})

test('a series that climbs to the end has not settled', () => {
  for (const seed of SEEDS.slice(0, 50)) {
    const normal = normals(seed)
    const values = Array.from({ length: 80 }, (_, i) => 5 * i + normal())
    assert.equal(truncationOf(values).isAtLimit, true)
  }
})

test('trends: one in a hundred series without any is called one, also when neighbours resemble each other', () => {
  for (const [memory, most] of [
    [0, 5],
    [0.5, 8],
    [0.8, 12],
  ] as const) {
    const found = SEEDS.filter(
      (seed) => (trendOf(autoregression(seed, 100, memory))?.pValue ?? 1) < 0.01,
    )
    assert.ok(found.length <= most, `memory ${memory}: ${found.length} of ${SEEDS.length}`)
  }
})

test('trends: a slope of one deviation in twenty observations is always found, and measured', () => {
  for (const seed of SEEDS) {
    const trend = trendOf(autoregression(seed, 100, 0.3).map((value, i) => value + i / 20))
    assert.ok(trend !== null && trend.pValue < 0.01, `seed ${seed}`)
    near(trend.slope, 0.05, 0.02)
    assert.ok(trend.low <= trend.slope && trend.slope <= trend.high)
  }
})

test('trends: turning the series around turns the slope around and leaves the chance', () => {
  const series = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 40 })
  fc.assert(
    fc.property(series, (values) => {
      const there = trendOf(values)
      const back = trendOf(values.toReversed())
      assert.ok(there !== null && back !== null)
      near(there.slope, -back.slope, 1e-9)
      near(there.pValue, back.pValue, 1e-9)
    }),
    // Its points lie on a line whose slope, a third, is no double: their ranks must not depend on how it rounds.
    { examples: [[[0, 0, 0, -3, -10, -7, -5, -3, 0, 11, 22, 24, 10, 28]]] },
  )
})

test('intervals by batch means hold the truth about as often as they say', () => {
  for (const memory of [0, 0.5, 0.8]) {
    const holding = SEEDS.filter((seed) => {
      const values = autoregression(seed, 200, memory).map((value) => 500 + 20 * value)
      const batching = batchingOf(values)
      assert.ok(batching !== null && batching.count >= 10)
      const means = Array.from({ length: batching.count }, (_, i) =>
        meanOf(values.slice(i * batching.size, (i + 1) * batching.size)),
      )
      const estimate = estimateOf(means)
      assert.ok(estimate !== null)
      return estimate.low <= 500 && 500 <= estimate.high
    })
    assert.ok(
      holding.length >= 0.88 * SEEDS.length,
      `memory ${memory}: ${holding.length} of ${SEEDS.length}`,
    )
  }
})

test('batches grow until their means stop to resemble each other', () => {
  const short = batchingOf(autoregression(3, 300, 0))
  const long = batchingOf(autoregression(3, 300, 0.9))
  assert.ok(
    short !== null && long !== null && long.size > short.size,
    `${short?.size} ${long?.size}`,
  )
  assert.equal(batchingOf([1, 2, 3]), null)
  assert.equal(batchingOf(Array.from({ length: 50 }, () => 7))?.areIndependent, true)
})
