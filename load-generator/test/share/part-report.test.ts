import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { holdOf, worstHold } from '../../src/generator-limit.ts'
import { TallyShape } from '../../src/share/tally-shape.ts'
import { Tally, type Ending } from '../../src/tally.ts'

interface Sent extends Ending {
  readonly sentMs: number
  readonly generator: number
}

const GENERATORS = 3
const SHARDS = 2
const RUN_MS = 40_000

const sent: fc.Arbitrary<Sent> = fc
  .record({
    generator: fc.nat({ max: GENERATORS - 1 }),
    payerShard: fc.nat({ max: SHARDS - 1 }),
    crossShard: fc.boolean(),
    scheduledMs: fc.double({ min: 0, max: RUN_MS, noNaN: true }),
    lateMs: fc.double({ min: 0, max: 50, noNaN: true }),
    takesMs: fc.double({ min: 1, max: 5_000, noNaN: true }),
    fate: fc.constantFrom<Ending['fate']>(
      { kind: 'committed' },
      { kind: 'committed' },
      { kind: 'failed', code: 'INSUFFICIENT' },
      { kind: 'refused', code: 'TOO_LARGE' },
      { kind: 'expired' },
      { kind: 'lost' },
    ),
  })
  .map(({ lateMs, takesMs, ...rest }) => {
    const sentMs = rest.scheduledMs + lateMs
    return { ...rest, sentMs, nowMs: sentMs + takesMs }
  })

function tallyOf(some: readonly Sent[]): Tally {
  const tally = new Tally(SHARDS, { fromMs: 0, toMs: RUN_MS })
  for (const each of some) {
    tally.onScheduled(each.scheduledMs)
    tally.onSent(each.payerShard, each.scheduledMs, each.sentMs)
    tally.clientBytes += 150
    tally.onFate(each)
  }
  return tally
}

test('what several generators counted adds up to what one would have counted, through JSON', () => {
  fc.assert(
    fc.property(fc.array(sent, { maxLength: 300 }), (all) => {
      const one = tallyOf(all)
      const parts = Array.from({ length: GENERATORS }, (_, generator) =>
        tallyOf(all.filter((each) => each.generator === generator)),
      )
      const [sum, ...others] = parts
      assert.ok(sum !== undefined)
      for (const other of others)
        sum.add(TallyShape.parse(JSON.parse(JSON.stringify(other.record()))))
      assert.deepEqual(sum.record().counts, one.record().counts)
      assert.deepEqual(sum.failedByCode, one.failedByCode)
      assert.deepEqual(sum.sentByShard, one.sentByShard)
      assert.deepEqual(sum.latency.summary(), one.latency.summary())
      assert.deepEqual(sum.latency.bins(), one.latency.bins())
      assert.deepEqual(sum.lateness.summary(), one.lateness.summary())
      const slices = (tally: Tally) => {
        const { latency, blocks: _blocks, ...columns } = tally.slices.columns(RUN_MS)
        return { ...columns, latency: latency.map((each) => each.summary()) }
      }
      assert.deepEqual(slices(sum), slices(one))
      const series = (tally: Tally) => {
        const { heights: _heights, inFlight: _inFlight, ...columns } = tally.series.columns()
        return columns
      }
      assert.deepEqual(series(sum), series(one))
    }),
  )
})

test('one generator that cannot hold its part is the limit of the whole, however well the others do', () => {
  const held = tallyOf([])
  for (let i = 0; i < 10_000; i++) held.onSent(0, i, i)
  const late = tallyOf([])
  for (let i = 0; i < 100; i++) late.onSent(0, i, i + 400)
  const { reasons, latenessP99Ms } = worstHold([holdOf(held), holdOf(late)])
  assert.equal(reasons.length, 1)
  assert.match(reasons[0] ?? '', /^generator 1 of 2: 1 % of the sends left more than 400 ms late/)
  assert.ok((latenessP99Ms ?? 0) >= 400)
  held.add(late.record())
  assert.deepEqual(holdOf(held).reasons, [], 'all together would hide it')
})
