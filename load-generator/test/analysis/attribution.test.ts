import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bottleneckOf } from '../../src/analysis/bottleneck.ts'
import { ClockWatch } from '../../src/analysis/clock-watch.ts'
import { countingOf } from '../../src/analysis/counting.ts'
import { style2018Of } from '../../src/analysis/block-count.ts'
import { resourcesOf } from '../../src/analysis/resource-use.ts'
import { Slices } from '../../src/analysis/slices.ts'
import { readingOf } from '../../src/resources/reading.ts'
import { scrapeOf } from '../../src/resources/scrape.ts'
import { Bottleneck, type Resources } from '../../src/result/resources-shape.ts'
import { resourcesSection } from '../example-sections.ts'

const HELD = { latenessP99Ms: 2, latenessLimitMs: 100, unsentShare: 0, unsentLimit: 0.01 }
const seconds = (resourcesSection.toMs - resourcesSection.fromMs) / 1_000

const table: readonly (readonly [string, Partial<Resources>, Partial<typeof HELD>, string])[] = [
  ['nothing is full', {}, {}, 'none'],
  [
    'the generator is late, whatever else is full',
    { machineCpuSeconds: 2 * seconds },
    { latenessP99Ms: 400 },
    'generator',
  ],
  ['the schedule did not leave', {}, { unsentShare: 0.2 }, 'generator'],
  ['the processor is full', { machineCpuSeconds: 1.95 * seconds }, {}, 'cpu'],
  [
    'the processor is full of signatures',
    { machineCpuSeconds: 1.95 * seconds, cpuSeconds: 40, signatureSeconds: 30 },
    {},
    'signatures',
  ],
  ['signature workers never rest', { signatureSeconds: 8 * seconds * 0.95 }, {}, 'signatures'],
  ['a main thread is late', { eventLoopDelayP99Ms: 900 }, {}, 'eventLoop'],
  ['disks are waited for', { fsyncSeconds: 8 * seconds * 0.8 }, {}, 'disk'],
  ['queues to peers are long', { networkQueuedBytesMax: 9e6 }, {}, 'network'],
  ['frames are dropped', { networkDroppedFrames: 3 }, {}, 'network'],
]

for (const [name, resources, facts, kind] of table) {
  test(`bottleneck: ${name}: ${kind}`, () => {
    const found = bottleneckOf({
      ...HELD,
      ...facts,
      resources: { ...resourcesSection, ...resources },
    })
    assert.equal(found.kind, kind, found.text)
    assert.deepEqual(Bottleneck.parse(found), found)
  })
}

test('bottleneck: without metrics nothing is said but of the generator', () => {
  assert.equal(bottleneckOf({ ...HELD, resources: null }).kind, 'unknown')
  assert.equal(bottleneckOf({ ...HELD, latenessP99Ms: 500, resources: null }).kind, 'generator')
})

test('a clock that is set, and a machine that slept, are seen; a clock that is slewed is not', () => {
  const watch = new ClockWatch()
  for (let i = 0; i < 100; i++) watch.look(i * 100, 1_000_000 + i * 100.5)
  assert.deepEqual(watch.jumps, [])
  watch.look(10_000, 1_000_000 + 10_000 + 3_600_000)
  watch.look(10_100, 1_000_000 + 10_100 + 3_600_000)
  watch.look(10_200, 1_000_000 + 10_200)
  assert.deepEqual(
    watch.jumps.map(({ byMs }) => Math.round(byMs / 1_000)),
    [3_600, -3_600],
  )
})

test('the figure of 2018: two shards, busy half of the time, both halves counted', () => {
  const slices = new Slices(2)
  for (let timeMs = 0; timeMs < 10_000; timeMs += 1_000)
    for (const shard of [0, 1]) slices.block(timeMs, shard, 100, 500)
  slices.block(500, 0, 0, 10)
  const figure = style2018Of(slices.columns(10_000), 0, 150)
  // 100 entries in half a second is 200/s a shard: 400/s, where 150/s committed.
  assert.equal(figure?.perSecond, 400)
  assert.equal(figure?.ratioToHonest?.toFixed(2), '2.67')
  assert.equal(figure?.blocks, 20, 'an empty block is no block of that figure')
  assert.equal(figure?.busyShare, 0.5)
  assert.equal(style2018Of(new Slices(1).columns(1_000), 0, 0), null)
})

test('rates per core, check and byte, by hand', () => {
  const counting = countingOf({
    committedPerSecond: 100,
    windowMs: 25_000,
    validators: 8,
    style2018: null,
    clientBytes: 336_000,
    committed: 2_000,
    resources: {
      ...resourcesSection,
      cpuSeconds: 50,
      signatureChecks: 10_000,
      networkSentBytes: 5e6,
      diskWrittenBytes: 2.5e6,
    },
  })
  assert.equal(counting.perValidatorPerSecond, 12.5)
  assert.equal(counting.perCorePerSecond, 50)
  assert.equal(counting.perCoreSecondUsed, 50)
  assert.equal(counting.perSignatureCheck, 0.25)
  assert.equal(counting.networkBytesPerTransaction, 2_000)
  assert.equal(counting.diskBytesPerTransaction, 1_000)
  assert.equal(counting.clientBytesPerTransaction, 168)
})

const METRICS = (factor: number, start: number) => `shardnet_process_start_time_seconds ${start}
shardnet_process_cpu_seconds_total{mode="user"} ${2 * factor}
shardnet_process_cpu_seconds_total{mode="system"} ${factor}
shardnet_network_sent_bytes_total{purpose="data"} ${1_000 * factor}
shardnet_network_sent_bytes_total{purpose="crossshard"} ${100 * factor}
shardnet_network_dropped_frames_total{purpose="data",reason="shaped"} ${5 * factor}
shardnet_log_fsync_seconds_sum ${0.5 * factor}
shardnet_log_fsync_seconds_bucket{le="0.01"} ${90 * factor}
shardnet_log_fsync_seconds_bucket{le="+Inf"} ${100 * factor}
`

test('resources are the difference of two readings; a validator that was started anew does not count', () => {
  const reading = (validator: number, factor: number, start: number) =>
    readingOf({ shard: 0, validator }, scrapeOf(METRICS(factor, start)))
  const at = (atMs: number, factor: number, starts: readonly number[]) => ({
    atMs,
    validators: [...starts.map((start, i) => reading(i, factor, start)), null],
    generatorCpuSeconds: factor,
    machineCpuSeconds: 10 * factor,
  })
  const readings = [at(0, 1, [7, 7]), at(5_000, 2, [7, 7]), at(20_000, 4, [7, 9])]
  const resources = resourcesOf(readings, { fromMs: 4_000, toMs: 21_000 }, 2)
  assert.deepEqual(
    [resources?.fromMs, resources?.toMs, resources?.validators, resources?.validatorsMissing],
    [5_000, 20_000, 1, 2],
  )
  assert.deepEqual(
    [resources?.cpuSeconds, resources?.networkSentBytes, resources?.machineCpuSeconds],
    [6, 2_200, 20],
  )
  assert.equal(resources?.networkDroppedFrames, 0, 'what a fault drops is no fault of the network')
  assert.equal(resources?.fsyncP99Ms, 10)
  assert.equal(resourcesOf(readings.slice(0, 1), { fromMs: 0, toMs: 1 }, 2), null)
})

test('waiting for the last fates does not make slices wider, and their latencies still count', () => {
  const slices = new Slices(1, 10_000)
  for (let timeMs = 0; timeMs < 10_000; timeMs += 50) {
    slices.offered(timeMs)
    slices.committed(timeMs, timeMs < 9_000 ? timeMs + 100 : 300_000)
  }
  slices.ended(200_000)
  const columns = slices.columns(10_000)
  assert.equal(columns.sliceMs, 250)
  assert.equal(
    columns.committed.reduce((sum, count) => sum + count, 0),
    180,
  )
  assert.equal(columns.backlog.at(-1), 20)
  assert.equal(
    columns.latency.reduce((sum, latency) => sum + latency.count, 0),
    200,
  )
})
