import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ArrivalClock } from '../src/arrival-clock.ts'
import {
  ArrivalsSpec,
  arrivalsOf,
  curveOf,
  expectedCount,
  peakRate,
  scheduleMs,
  type Arrivals,
  type Phase,
} from '../src/arrivals.ts'
import { durationMsOf, durationText } from '../src/duration.ts'
import { NOTHING_DUE, openPace } from '../src/pace.ts'

const rate = fc.integer({ min: 1, max: 2_000 })
const forMs = fc.integer({ min: 1, max: 3_000 })
const phase: fc.Arbitrary<Phase> = fc.oneof(
  fc.record({ rate, forMs }),
  fc.record({ rate, forMs, toRate: rate }),
  fc.record({ rate, forMs, toRate: rate, steps: fc.integer({ min: 2, max: 9 }) }),
  fc.record({
    rate,
    forMs,
    burst: fc
      .record({
        rate,
        everyMs: fc.integer({ min: 2, max: 900 }),
        share: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
      })
      .map(({ rate: level, everyMs, share }) => ({ rate: level, everyMs, forMs: everyMs * share })),
  }),
)
const phases = fc.array(phase, { minLength: 1, maxLength: 4 })
const arrivalsArbitrary = fc.record({
  process: fc.constantFrom('poisson' as const, 'constant' as const),
  schedule: phases,
})

function all(arrivals: Arrivals, seed: number): number[] {
  const clock = new ArrivalClock(arrivals, seed)
  const times: number[] = []
  while (clock.nextMs < Number.POSITIVE_INFINITY) times.push(clock.take())
  return times
}

/** The naive twin: the rate of a phase at a moment inside of it, straight from the words of the document. */
function rateAt({ rate: from, forMs: length, toRate, steps, burst }: Phase, atMs: number): number {
  if (burst !== undefined) {
    const turn = atMs % burst.everyMs
    return atMs >= burst.everyMs && turn < burst.forMs ? burst.rate : from
  }
  if (toRate === undefined) return from
  if (steps === undefined) return from + ((toRate - from) * atMs) / length
  const step = Math.min(steps - 1, Math.floor((atMs * steps) / length))
  return from + ((toRate - from) * step) / (steps - 1)
}

function jumpsOf({ forMs: length, steps = 0, burst }: Phase): number {
  return 1 + steps + (burst === undefined ? 0 : 2 * Math.ceil(length / burst.everyMs))
}

test('arrivals come in order, inside the schedule, and do not depend on how often the pace is asked', () => {
  fc.assert(
    fc.property(
      arrivalsArbitrary,
      fc.nat(),
      fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 20 }),
      (arrivals, seed, steps) => {
        const times = all(arrivals, seed)
        const end = scheduleMs(arrivals)
        times.forEach((time, i) =>
          assert.ok(time > 0 && time <= end && time >= (times[i - 1] ?? 0), `${time} of ${end}`),
        )
        const pace = openPace(arrivals, seed)
        const stepped: number[] = []
        let now = 0
        for (const step of steps) {
          now += step
          for (let i = 0; i < 7; i++) {
            const time = pace.take(now)
            if (time === NOTHING_DUE) break
            assert.ok(time <= now)
            stepped.push(time)
          }
        }
        stepped.push(...pace.stop(Number.MAX_VALUE))
        assert.deepEqual(stepped, times)
      },
    ),
  )
})

test('the curve counts what the rate adds up to, and its inverse leads back', () => {
  fc.assert(
    fc.property(phases, fc.double({ min: 0, max: 1, noNaN: true }), (schedule, share) => {
      const curve = curveOf(schedule)
      const atMs = share * curve.totalMs
      const stepMs = 0.05
      let summed = 0
      let startMs = 0
      for (const each of schedule) {
        for (let t = 0; t < each.forMs && startMs + t < atMs; t += stepMs) {
          const slice = Math.min(stepMs, each.forMs - t, atMs - startMs - t)
          summed += (rateAt(each, t + slice / 2) * slice) / 1_000
        }
        startMs += each.forMs
      }
      const counted = curve.countAt(atMs)
      // The sum is wrong only where a slice straddles a jump of the rate: by at most 0.05 ms of 2,000/s.
      const jumps = schedule.reduce((total, each) => total + jumpsOf(each), 0)
      assert.ok(Math.abs(counted - summed) <= 0.1 * jumps + 1e-6, `${counted} for ${summed}`)
      assert.ok(Math.abs(curve.countAt(curve.timeOf(counted)) - counted) < 1e-6 * (1 + counted))
    }),
    { numRuns: 40 },
  )
})

test('constant arrivals stand exactly where the schedule says, however long it is: nothing drifts', () => {
  fc.assert(
    fc.property(phases, (schedule) => {
      const arrivals: Arrivals = { process: 'constant', schedule }
      const curve = curveOf(schedule)
      const times = all(arrivals, 1)
      assert.equal(times.length, Math.floor(curve.totalCount + 1e-6))
      times.forEach((time, i) =>
        assert.ok(Math.abs(curve.countAt(time) - (i + 1)) < 1e-6 * (i + 2)),
      )
    }),
    { numRuns: 50 },
  )
  const hours: Arrivals = { process: 'constant', schedule: [{ rate: 333, forMs: 10_800_000 }] }
  const clock = new ArrivalClock(hours, 1)
  let last = 0
  for (let n = 1; n <= 333 * 10_800; n++) last = clock.take()
  assert.equal(last, 10_800_000)
  assert.equal(clock.nextMs, Number.POSITIVE_INFINITY)
})

test('constant arrivals are exactly rate times duration, whatever the phases', () => {
  const schedule = [
    { rate: 500, forMs: 30_000 },
    { rate: 1_000, forMs: 2_000 },
    { rate: 100, toRate: 300, forMs: 10_000 },
    { rate: 100, toRate: 300, steps: 3, forMs: 9_000 },
    { rate: 100, forMs: 10_000, burst: { rate: 1_100, everyMs: 3_000, forMs: 1_000 } },
  ]
  const arrivals: Arrivals = { process: 'constant', schedule }
  assert.equal(expectedCount(arrivals), 15_000 + 2_000 + 2_000 + 1_800 + 4_000)
  assert.equal(all(arrivals, 1).length, 24_800)
  assert.equal(peakRate(arrivals), 1_100)
})

test('bursts come when they say, and the last one ends with its phase', () => {
  const burst = { rate: 1_000, everyMs: 1_000, forMs: 100 }
  const times = all({ process: 'constant', schedule: [{ rate: 10, forMs: 3_050, burst }] }, 1)
  const counts = [0, 1, 2, 3].map(
    (second) =>
      times.filter((time) => time > second * 1_000 && time <= second * 1_000 + 100).length,
  )
  assert.deepEqual(counts, [1, 100, 100, 50])
})

test('Poisson arrivals: number and gaps are those of the rate, within five standard deviations', () => {
  for (const level of [50, 500, 5_000]) {
    const arrivals: Arrivals = { process: 'poisson', schedule: [{ rate: level, forMs: 20_000 }] }
    const times = all(arrivals, 9)
    const expected = level * 20
    assert.ok(
      Math.abs(times.length - expected) < 5 * Math.sqrt(expected),
      `rate ${level}: ${times.length}`,
    )
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    // An exponential gap has mean and standard deviation 1/rate; its variance is estimated with relative error sqrt(8/n).
    assert.ok(Math.abs((mean * level) / 1_000 - 1) < 5 / Math.sqrt(gaps.length))
    assert.ok(Math.abs(variance * (level / 1_000) ** 2 - 1) < 5 * Math.sqrt(8 / gaps.length))
  }
})

test('Poisson arrivals: the counts of second after second scatter as they must, on a ramp too', () => {
  for (const schedule of [
    [{ rate: 100, forMs: 400_000 }],
    [{ rate: 50, toRate: 150, forMs: 400_000 }],
  ]) {
    const curve = curveOf(schedule)
    const counts = new Float64Array(400)
    for (const time of all({ process: 'poisson', schedule }, 4)) {
      const second = Math.min(399, Math.floor(time / 1_000))
      counts[second] = (counts[second] ?? 0) + 1
    }
    // The sum of squared deviations over their means is chi-squared with 400 degrees of freedom (standard deviation 28).
    const dispersion = counts.reduce((sum, count, second) => {
      const mean = curve.countAt((second + 1) * 1_000) - curve.countAt(second * 1_000)
      return sum + (count - mean) ** 2 / mean
    }, 0)
    assert.ok(Math.abs(dispersion - 400) < 5 * Math.sqrt(800), `${dispersion}`)
  }
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

test('the times of a trace are given out as they are', () => {
  const arrivals: Arrivals = {
    process: 'trace',
    schedule: [],
    timesMs: Float64Array.of(0, 5, 5, 1_004, 1_005),
  }
  assert.deepEqual(all(arrivals, 1), [0, 5, 5, 1_004, 1_005])
  assert.equal(scheduleMs(arrivals), 1_005)
  assert.equal(peakRate(arrivals), 3)
  assert.equal(expectedCount(arrivals), 5)
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

function problemPaths(value: unknown): string[] {
  const paths = ArrivalsSpec.safeParse(value).error?.issues.map((issue) => issue.path.join('.'))
  return (paths ?? []).toSorted()
}

test('an arrivals document with every kind of mistake names each of them', () => {
  assert.deepEqual(
    problemPaths({
      mode: 'closed',
      process: 'bursty',
      schedule: [
        { rate: 0, for: 'soon' },
        { rate: 5 },
        { rate: 5, for: '1m', steps: 3, burst: { rate: 9, every: '1s', for: '2s' } },
        { rate: 5, for: '1m', to: 9, burst: { rate: 9, every: '2s', for: '1s' } },
      ],
    }),
    [
      'mode',
      'process',
      'schedule.0.for',
      'schedule.0.rate',
      'schedule.1.for',
      'schedule.2.burst.for',
      'schedule.2.steps',
      'schedule.3.burst',
    ],
  )
  assert.deepEqual(problemPaths({}), ['schedule'])
  assert.deepEqual(problemPaths({ process: 'trace', schedule: [{ rate: 1, for: '1s' }] }), [
    'schedule',
  ])
  assert.deepEqual(problemPaths({ process: 'trace' }), [])
  const right = arrivalsOf(ArrivalsSpec.parse({ schedule: [{ rate: 2_000, for: '5m' }] }))
  assert.deepEqual(right, { process: 'poisson', schedule: [{ rate: 2_000, forMs: 300_000 }] })
})
