import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { LoadResult } from '@shardnet/load-generator'
import { z } from 'zod'
import { Workplace } from './shardnet.ts'

const Status = z.looseObject({ validators: z.array(z.looseObject({ httpAddress: z.string() })) })
const Comparison = z.looseObject({
  metrics: z.array(z.looseObject({ name: z.string(), outcome: z.string() })),
})

function resultOf(place: Workplace, name: string): LoadResult {
  return LoadResult.parse(JSON.parse(readFileSync(join(place.home, name, 'result.json'), 'utf8')))
}

/** A load that has to pass, with its result. */
async function load(place: Workplace, name: string, words: string): Promise<LoadResult> {
  const { code, output, errors } = await place.run(['load', ...words.split(' '), '--out', name])
  assert.equal(code, 0, errors + output)
  return resultOf(place, name)
}

/** The same run with every batch of its committed rate multiplied. */
function slowed(result: LoadResult, factor: number): LoadResult {
  const { batches } = result.steadyState
  assert.ok(batches !== null, 'the run is long enough for batch means')
  const committedPerSecond = batches.committedPerSecond.map((rate) => rate * factor)
  return {
    ...result,
    committedPerSecond: result.committedPerSecond * factor,
    steadyState: { ...result.steadyState, batches: { ...batches, committedPerSecond } },
  }
}

test('every profile runs on a real testnet, by its name or by the addresses of its validators, and its results can be compared', async (context) => {
  const place = await Workplace.create(context)
  const up = await place.run(['up', '--detach', '--name', 'w'])
  assert.equal(up.code, 0, up.errors)

  const cells = await load(place, 'cells', '--profile cells --rate 60 --duration 6s')
  assert.ok(cells.counts.committed > 200, `${cells.counts.committed}`)
  assert.equal(cells.counts.lost, 0)
  assert.equal(cells.counts.committedCrossShard, 0, 'cells stay in the shard of their payer')

  const blob = await load(place, 'blob', '--profile blob --rate 8 --duration 6s')
  assert.ok(blob.counts.committed > 20)
  const wire = (result: LoadResult) => result.counting.networkBytesPerTransaction ?? 0
  assert.ok(wire(blob) > 5 * wire(cells), `${wire(blob)} and ${wire(cells)} bytes on the wire`)

  const rows = Array.from(
    { length: 150 },
    (_, i) => `${i * 30},${i % 3 === 0 ? 'cells' : 'payments'}`,
  )
  writeFileSync(join(place.home, 'times.csv'), `timeMs,kind\n${rows.join('\n')}\n`)
  const trace = await load(place, 'trace', '--trace times.csv')
  assert.equal(trace.counts.committed + trace.counts.failed, 150)

  const status = await place.run(['status', '--json', '-'])
  const { validators } = Status.parse(JSON.parse(status.output))
  const urls = validators.map(({ httpAddress }) => `http://${httpAddress}`)
  const target = `--target ${urls.join(' ')} --profile hot-account --rate 60 --duration 12s`
  const hot = await load(place, 'target', target)
  assert.equal(hot.counts.lost, 0)
  assert.ok(hot.counts.committed > 400)

  const priced = ['--rate', '40', '--duration', '60s', '--price-per-hour', '3600', '--budget', '4']
  const broke = await place.run(['load', ...priced, '--out', 'priced'])
  assert.equal(broke.code, 3, broke.errors + broke.output)
  assert.match(broke.output, /ABORTED: The budget was used up/)
  const { cost, elapsedMs } = resultOf(place, 'priced')
  assert.equal(cost?.budget?.endedTheRun, true)
  assert.ok(elapsedMs < 30_000, `a dollar a second: ${elapsedMs} ms`)

  writeFileSync(join(place.home, 'half.json'), JSON.stringify(slowed(hot, 0.5)))
  /** Exit code, and what became of the committed rate. */
  const rateOf = async (a: string, b: string) => {
    const { code, output, errors } = await place.run(['report', 'diff', a, b, '--json', '-'])
    assert.equal(errors.includes('    at '), false, errors)
    const { metrics } = Comparison.parse(JSON.parse(output))
    return [code, metrics.find(({ name }) => name === 'committedPerSecond')?.outcome]
  }
  assert.deepEqual(await rateOf('target', 'half.json'), [1, 'worse'])
  assert.deepEqual(await rateOf('half.json', 'target'), [0, 'better'])
  const [code, outcome] = await rateOf('target', 'target')
  assert.equal(code, 0)
  assert.ok(outcome === 'same' || outcome === 'cannotTell', `${outcome}`)
  const bad = await place.run(['report', 'diff', 'nowhere', 'times.csv', '--tolerance', 'some'])
  assert.equal(bad.code, 2)
  for (const part of [/A: expected/, /B: .*expected JSON/, /--tolerance: expected/])
    assert.match(bad.errors, part)
})

test('what a testnet costs is known before it is made, and what has no price is named with its field', async (context) => {
  const place = await Workplace.create(context)
  const testnet = `
apiVersion: shardnet.dev/v1alpha1
kind: Testnet
metadata: {name: costly}
spec: {shards: 2, validatorsPerShard: 4, placement: {clusters: [{name: east}, {name: west}]}}
---
apiVersion: shardnet.dev/v1alpha1
kind: Cluster
metadata: {name: east}
spec: {cloud: aws, region: us-east-1, pricePerHour: "3.50"}
---
apiVersion: shardnet.dev/v1alpha1
kind: Cluster
metadata: {name: west}
spec: {cloud: gcp, region: us-west1WEST}
`
  writeFileSync(join(place.home, 'good.yaml'), testnet.replace('WEST', ', pricePerHour: "1.25"'))
  const good = await place.run(['cost', 'good.yaml'])
  assert.equal(good.code, 0, good.errors)
  assert.match(good.output, /Per hour +\$4\.75/)
  writeFileSync(join(place.home, 'bad.yaml'), testnet.replace('WEST', ''))
  const bad = await place.run(['cost', 'bad.yaml'])
  assert.equal(bad.code, 2)
  assert.match(bad.errors, /bad\.yaml: Cluster west: spec\.pricePerHour: expected its price/)
  writeFileSync(
    join(place.home, 'layout.yaml'),
    `kind: Layout\nname: huge\nshards: 2\nvalidators: 8\nfor: 1h\nplaces: [{cloud: aws, region: us-east-1, machineType: x99.huge, machines: 8}]\n`,
  )
  const unpriced = await place.run(['cost', 'layout.yaml'])
  assert.equal(unpriced.code, 2)
  assert.match(unpriced.errors, /places\[0\]\.machineType: expected .*, got "x99\.huge"/)
})
