import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, Comparison, type NamedResult } from '../../src/compare/compare.ts'
import type { LoadResult } from '../../src/result.ts'
import { normals } from '../analysis/synthetic-run.ts'
import { exampleResult } from '../example-result.ts'
import { steadySection } from '../example-sections.ts'

const BASE: LoadResult = exampleResult()

/** A run of some rate and p99 whose batches vary by a share. */
function run(seed: number, rate: number, p99Ms: number, noise: number): NamedResult {
  const normal = normals(seed)
  const vary = (value: number): number => value * (1 + noise * normal())
  const rates = Array.from({ length: 20 }, () => vary(rate))
  const p99s = Array.from({ length: 20 }, () => vary(p99Ms))
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value) / values.length
  const around = (value: number) => {
    const half = (2.09 * noise * value) / Math.sqrt(20)
    return { value, low: value - half, high: value + half, confidence: 0.95 }
  }
  assert.ok(steadySection.batches !== null)
  return {
    name: `run-${seed}`,
    result: {
      ...BASE,
      committedPerSecond: mean(rates),
      counting: { ...BASE.counting, perCoreSecondUsed: null },
      steadyState: {
        ...steadySection,
        batches: { ...steadySection.batches, count: 20, committedPerSecond: rates },
        committedPerSecond: around(mean(rates)),
        p50Ms: around(mean(p99s) / 3),
        p99Ms: around(mean(p99s)),
      },
    },
  }
}

function runs(
  count: number,
  from: number,
  rate: number,
  of: { p99Ms?: number; noise?: number } = {},
): NamedResult[] {
  const { p99Ms = 300, noise = 0.02 } = of
  return Array.from({ length: count }, (_, i) => run(from + i, rate, p99Ms, noise))
}

test('twice as fast is better, half as fast is worse, the same is the same', () => {
  const base = runs(3, 1, 1_000, { p99Ms: 300, noise: 0.005 })
  const outcome = (after: NamedResult[]) => compare(base, after).outcome
  assert.equal(outcome(runs(3, 10, 2_000, { p99Ms: 200, noise: 0.005 })), 'better')
  assert.equal(outcome(runs(3, 10, 500, { p99Ms: 300, noise: 0.005 })), 'worse')
  assert.equal(
    outcome(runs(3, 10, 1_000, { p99Ms: 600, noise: 0.005 })),
    'worse',
    'latency counts as well',
  )
  assert.equal(outcome(runs(3, 10, 1_000, { p99Ms: 300, noise: 0.005 })), 'same')
  assert.equal(compare(base, base).outcome, 'same')
})

test('what drowns in noise cannot be told', () => {
  const comparison = compare(
    runs(2, 1, 1_000, { p99Ms: 300, noise: 0.4 }),
    runs(2, 20, 1_100, { p99Ms: 300, noise: 0.4 }),
  )
  assert.equal(comparison.outcome, 'cannotTell')
  assert.deepEqual(Comparison.parse(JSON.parse(JSON.stringify(comparison))), comparison)
})

test('false alarms: two sides of the same are called worse at most 4 times of 100', () => {
  const worse = Array.from({ length: 100 }, (_, i) =>
    compare(
      runs(4, 100 * i + 1, 1_000, { p99Ms: 300, noise: 0.05 }),
      runs(4, 100 * i + 50, 1_000, { p99Ms: 300, noise: 0.05 }),
    ),
  ).filter(({ outcome }) => outcome === 'worse')
  assert.ok(worse.length <= 4, `${worse.length}`)
})

test('one run a side goes by its batches', () => {
  const comparison = compare(
    runs(1, 1, 1_000, { p99Ms: 300, noise: 0.01 }),
    runs(1, 2, 900, { p99Ms: 300, noise: 0.01 }),
  )
  assert.equal(comparison.metrics[0]?.outcome, 'worse')
  assert.equal(comparison.metrics[0]?.before.runs, 1)
  const [bare] = runs(1, 3, 1_000)
  assert.ok(bare)
  const without = {
    ...bare,
    result: { ...bare.result, steadyState: { ...bare.result.steadyState, batches: null } },
  }
  const unsure = compare([without], [without])
  assert.equal(
    unsure.metrics.find(({ name }) => name === 'committedPerSecond')?.outcome,
    'cannotTell',
  )
  assert.deepEqual(
    Comparison.parse(JSON.parse(JSON.stringify(unsure))).metrics[0]?.effect.low,
    -1e6,
  )
})

test('a small change that is sure does not matter, and a tolerance of nothing makes it matter', () => {
  const [before, after] = [
    runs(4, 1, 1_000, { p99Ms: 300, noise: 0.001 }),
    runs(4, 9, 990, { p99Ms: 300, noise: 0.001 }),
  ]
  assert.equal(compare(before, after).metrics[0]?.outcome, 'same')
  assert.equal(compare(before, after, 0).metrics[0]?.outcome, 'worse')
})

test('what makes sides incomparable is said', () => {
  const [run] = runs(1, 1, 1_000)
  assert.ok(run)
  const other: LoadResult = {
    ...run.result,
    verdict: { ...run.result.verdict, kind: 'notSteady' },
    configuration: { ...run.result.configuration, shards: 9 },
  }
  const { warnings } = compare([run], [{ name: 'other', result: other }])
  assert.match(warnings.join('\n'), /other: its verdict is notSteady/)
  assert.match(warnings.join('\n'), /The runs differ in size/)
})
