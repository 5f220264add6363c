import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { OutboxAges } from '../../src/host/chain/outbox-ages.ts'
import { catalogue } from '../../src/host/metrics/catalogue.ts'
import { createMetrics } from '../../src/host/metrics/create-metrics.ts'
import { MedianWindow } from '../../src/host/metrics/median-window.ts'
import { profileOf } from '../../src/host/metrics/profile.ts'

const seriesIn = (text: string) =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test('the lean profile has at most 40 series, each also in the full one, and other handles keep nothing', async () => {
  const lean = createMetrics(catalogue, { profile: 'lean' })
  lean.handles.certificateSeconds.observe(0.1, { certificate: 'commit' })
  lean.handles.busy.inc()
  const series = seriesIn(await lean.render())
  assert.ok(series.length <= 40, `${series.length} series`)
  const full = new Set(seriesIn(await createMetrics(catalogue).render()).map(nameOf))
  for (const line of series) assert.ok(full.has(nameOf(line)), line)
  assert.ok(series.includes('shardnet_rpc_busy_transactions_total 1'))
  assert.ok(!series.some((line) => line.startsWith('shardnet_consensus_certificate_seconds')))
})

const nameOf = (line: string): string => line.slice(0, line.lastIndexOf(' '))

test('auto is lean above 1,000 validators, but for the first seat of each shard', () => {
  const auto = { profile: 'auto' } as const
  const small = { shards: 250, validatorsPerShard: 4 }
  const large = { shards: 251, validatorsPerShard: 4 }
  assert.equal(profileOf({ metrics: auto, validator: 3 }, small), 'full')
  assert.equal(profileOf({ metrics: auto, validator: 3 }, large), 'lean')
  assert.equal(profileOf({ metrics: auto, validator: 0 }, large), 'full')
  assert.equal(profileOf({ metrics: { profile: 'full' }, validator: 3 }, large), 'full')
  assert.equal(profileOf({ metrics: { profile: 'lean' }, validator: 0 }, small), 'lean')
})

test('every metric of the catalogue is written somewhere: none is documented and always zero', () => {
  const host = join(import.meta.dirname, '../../src/host')
  const text = globSync('**/*.ts', { cwd: host })
    .filter((path) => !path.endsWith('catalogue.ts'))
    .map((path) => readFileSync(join(host, path), 'utf8'))
    .join('\n')
  const silent = Object.keys(catalogue).filter(
    (key) => !new RegExp(`\\b${key}\\.(?:set|inc|add|total|observe)\\(`).test(text),
  )
  assert.deepEqual(silent, [])
})

test('the age of an outbox is that of the oldest message without acknowledgement', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ sent: fc.nat(3), acknowledged: fc.nat(4) }), { maxLength: 200 }),
      (blocks) => {
        const ages = new OutboxAges(2)
        const sentAt: number[] = []
        let acknowledged = 0
        for (const [index, block] of blocks.entries()) {
          const height = index + 1
          for (let i = 0; i < block.sent; i++) sentAt.push(height)
          ages.note(1, height, sentAt.length)
          acknowledged = Math.min(sentAt.length, acknowledged + block.acknowledged)
          const oldest = sentAt[acknowledged]
          const expected = oldest === undefined ? 0 : height - oldest
          assert.equal(ages.ageOf(1, height, acknowledged), expected)
        }
      },
    ),
  )
})

test('an outbox that nobody acknowledges costs bounded memory and keeps its age', () => {
  const ages = new OutboxAges(2)
  for (let height = 1; height <= 100_000; height++) ages.note(1, height, height)
  assert.equal(ages.ageOf(1, 100_000, 0), 99_999)
})

test('the median forgets what is older than its window and is not moved by one outlier', () => {
  const window = new MedianWindow(3)
  assert.equal(window.median, 0)
  for (const value of [5, 1, 900]) window.add(value)
  assert.equal(window.median, 5)
  for (const value of [2, 2]) window.add(value)
  assert.equal(window.median, 2)
})
