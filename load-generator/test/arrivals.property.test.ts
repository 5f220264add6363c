import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  ArrivalsSpec,
  arrivalsOf,
  nextArrivals,
  scheduleMs,
  startClock,
  type Arrivals,
} from '../src/arrivals.ts'
import { durationMsOf, durationText } from '../src/duration.ts'

const phases = fc.array(
  fc.record({
    rate: fc.integer({ min: 1, max: 2_000 }),
    forMs: fc.integer({ min: 1, max: 3_000 }),
  }),
  {
    minLength: 1,
    maxLength: 4,
  },
)
const arrivalsArbitrary = fc.record({
  process: fc.constantFrom('poisson' as const, 'constant' as const),
  schedule: phases,
})

function all(arrivals: Arrivals, seed: number): number[] {
  return nextArrivals(
    startClock(arrivals, seed),
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  )
}

test('arrivals come in order, inside the schedule, and do not depend on how often the clock is asked', () => {
  fc.assert(
    fc.property(
      arrivalsArbitrary,
      fc.nat(),
      fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 20 }),
      (arrivals, seed, steps) => {
        const times = all(arrivals, seed)
        const end = scheduleMs(arrivals)
        times.forEach((time, i) =>
          assert.ok(time > 0 && time <= end + 1e-3 && time >= (times[i - 1] ?? 0)),
        )
        const clock = startClock(arrivals, seed)
        const stepped: number[] = []
        let now = 0
        for (const step of steps) stepped.push(...nextArrivals(clock, (now += step), 7))
        stepped.push(...nextArrivals(clock, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY))
        assert.deepEqual(stepped, times)
      },
    ),
  )
})

test('constant arrivals are exactly rate times duration, whatever the phases', () => {
  const arrivals: Arrivals = {
    process: 'constant',
    schedule: [
      { rate: 500, forMs: 30_000 },
      { rate: 1_000, forMs: 2_000 },
    ],
  }
  assert.equal(all(arrivals, 1).length, 17_000)
})

test('Poisson arrivals: number and gaps are those of the rate, within five standard deviations', () => {
  for (const rate of [50, 500, 5_000]) {
    const arrivals: Arrivals = { process: 'poisson', schedule: [{ rate, forMs: 20_000 }] }
    const times = all(arrivals, 9)
    const expected = rate * 20
    assert.ok(
      Math.abs(times.length - expected) < 5 * Math.sqrt(expected),
      `rate ${rate}: ${times.length}`,
    )
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    // An exponential gap has mean and standard deviation 1/rate; its variance is estimated with relative error sqrt(8/n).
    assert.ok(Math.abs((mean * rate) / 1_000 - 1) < 5 / Math.sqrt(gaps.length))
    assert.ok(Math.abs(variance * (rate / 1_000) ** 2 - 1) < 5 * Math.sqrt(8 / gaps.length))
  }
})

test('Poisson arrivals: the counts of second after second scatter as they must', () => {
  const arrivals: Arrivals = { process: 'poisson', schedule: [{ rate: 100, forMs: 400_000 }] }
  const counts = new Float64Array(400)
  for (const time of all(arrivals, 4)) {
    const second = Math.min(399, Math.floor(time / 1_000))
    counts[second] = (counts[second] ?? 0) + 1
  }
  // Index of dispersion times 399 is chi-squared with 399 degrees of freedom (standard deviation 28).
  const dispersion = counts.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)
  assert.ok(Math.abs(dispersion - 400) < 5 * Math.sqrt(800), `${dispersion}`)
})

test('a phase with another rate begins when it says', () => {
  const arrivals: Arrivals = {
    process: 'poisson',
    schedule: [
      { rate: 100, forMs: 10_000 },
      { rate: 1_000, forMs: 10_000 },
    ],
  }
  const times = all(arrivals, 3)
  const first = times.filter((time) => time <= 10_000).length
  assert.ok(Math.abs(first - 1_000) < 5 * Math.sqrt(1_000))
  assert.ok(Math.abs(times.length - first - 10_000) < 5 * Math.sqrt(10_000))
})

test('durations read back what they write, and nothing else is one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_592_000_000 }), (ms) =>
      assert.equal(durationMsOf(durationText(ms)), ms),
    ),
  )
  for (const text of ['', '5', 's', '5 s', '-5s', '1s1m', '1.5s', '31d', '9999h'])
    assert.equal(durationMsOf(text), null, text)
  assert.equal(durationMsOf('1h30m'), 5_400_000)
  assert.equal(durationMsOf('250ms'), 250)
})

test('an arrivals document with every kind of mistake names each of them', () => {
  const wrong = ArrivalsSpec.safeParse({
    mode: 'closed',
    process: 'bursty',
    schedule: [{ rate: 0, for: 'soon' }, { rate: 5 }],
  })
  const paths = wrong.error?.issues.map((issue) => issue.path.join('.')) ?? []
  assert.deepEqual(paths.toSorted(), [
    'mode',
    'process',
    'schedule.0.for',
    'schedule.0.rate',
    'schedule.1.for',
  ])
  const right = arrivalsOf(ArrivalsSpec.parse({ schedule: [{ rate: 2_000, for: '5m' }] }))
  assert.deepEqual(right, { process: 'poisson', schedule: [{ rate: 2_000, forMs: 300_000 }] })
})
