import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { encodedPercentileMs, LatencyHistogram } from '../src/latency-histogram.ts'
import { Series } from '../src/series.ts'
import { Tally } from '../src/tally.ts'

const times = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
})

test('a percentile is within a thousandth of the exact one', () => {
  fc.assert(
    fc.property(times, fc.constantFrom(50, 90, 99, 100), (values, percentile) => {
      const histogram = new LatencyHistogram()
      for (const value of values) histogram.recordMs(value)
      const sorted = values
        .map((value) => Math.round(value * 1_000) / 1_000)
        .toSorted((a, b) => a - b)
      const exact = sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] ?? 0
      const measured = histogram.percentileMs(percentile) ?? Number.NaN
      assert.ok(Math.abs(measured - exact) <= exact / 1_000 + 0.002, `${measured} for ${exact}`)
    }),
  )
})

test('merging two histograms is recording all values in one, also through the result file’s text', () => {
  fc.assert(
    fc.property(times, times, (first, second) => {
      const [a, b, both] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()]
      for (const value of first) a.recordMs(value)
      for (const value of second) b.recordMs(value)
      for (const value of [...first, ...second]) both.recordMs(value)
      a.add(b)
      const { meanMs, ...merged } = a.summary() ?? assert.fail()
      const { meanMs: meanOfBoth, ...expected } = both.summary() ?? assert.fail()
      assert.deepEqual(merged, expected)
      assert.ok(Math.abs(meanMs - meanOfBoth) <= 1e-9 * meanOfBoth + 1e-9)
      assert.deepEqual(a.bins(), both.bins())
      assert.equal(
        a.bins().reduce((sum, bin) => sum + bin.count, 0),
        first.length + second.length,
      )
      const p90 = a.percentileMs(90) ?? 0
      assert.ok(Math.abs(encodedPercentileMs(a.encoded(), 90) - p90) <= p90 / 1_000 + 0.001)
    }),
    { numRuns: 30 },
  )
})

test('an empty distribution has no percentile: nothing committed is no latency of zero', () => {
  const histogram = new LatencyHistogram()
  assert.equal(histogram.summary(), null)
  assert.deepEqual(histogram.bins(), [])
})

test('a run longer than the series holds is kept in wider intervals, with every count', () => {
  const series = new Series()
  for (let second = 0; second < 9_000; second++) {
    series.count('committed', second * 1_000, 2)
    series.latency(second * 1_000, second < 4_500 ? 10 : 20)
    series.gauge(second * 1_000, second, [second])
  }
  const columns = series.columns()
  assert.equal(columns.intervalMs, 4_000)
  assert.equal(columns.timeMs.length, 2_250)
  assert.equal(
    columns.committed.reduce((sum, count) => sum + count),
    18_000,
  )
  assert.equal(columns.inFlight[0], 3)
  assert.deepEqual(columns.heights.at(-1), [8_999])
  assert.deepEqual(
    [columns.p50Ms[0], columns.p50Ms[2_000]].map((value) => Math.round(value ?? 0)),
    [10, 20],
  )
})

test('rate counts what committed in the window, latency what was scheduled in it', () => {
  const tally = new Tally(1, { fromMs: 1_000, toMs: 2_000 })
  const commit = (scheduledMs: number, nowMs: number): void =>
    tally.onFate({
      fate: { kind: 'committed' },
      payerShard: 0,
      crossShard: false,
      scheduledMs,
      nowMs,
    })
  commit(500, 900)
  commit(900, 1_100)
  commit(1_900, 9_000)
  assert.equal(tally.committed, 3)
  assert.equal(tally.committedInWindow, 1)
  assert.equal(tally.latency.count, 1)
  assert.equal(Math.round(tally.latency.summary()?.maxMs ?? 0), 7_100)
})

test('a window cannot end after the sending', () => {
  const tally = new Tally(1, { fromMs: 1_000, toMs: 30_000 })
  tally.endWindow(5_000)
  assert.deepEqual(tally.window, { fromMs: 1_000, toMs: 5_000 })
  tally.endWindow(400)
  assert.deepEqual(tally.window, { fromMs: 400, toMs: 400 })
})
