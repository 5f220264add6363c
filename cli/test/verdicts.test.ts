import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { LoadResult } from '@shardnet/load-generator'
import { Workplace } from './shardnet.ts'

/** A limit that no machine misses, and one that a stall of eight seconds does. */
const EASY = '60s'
const TIGHT = '5s'

function loadTest(spec: string): string {
  return `apiVersion: shardnet.dev/v1alpha1\nkind: LoadTest\nmetadata: {name: v}\nspec: {testnet: v, ${spec}}\n`
}

async function load(place: Workplace, name: string, spec: string): Promise<LoadResult> {
  writeFileSync(join(place.home, `${name}.yaml`), loadTest(spec))
  const { output, errors } = await place.run(['load', `${name}.yaml`, '--out', name])
  return resultIn(place, name, errors + output)
}

function resultIn(place: Workplace, name: string, told: string): LoadResult {
  assert.match(told, /Report/)
  return LoadResult.parse(JSON.parse(readFileSync(join(place.home, name, 'result.json'), 'utf8')))
}

const STEADY = '[{rate: 60, for: 24s}]'
/** From 20/s to 110/s: never the same for long, and nothing that a testnet could not carry. */
const CLIMBING = `[${Array.from({ length: 10 }, (_, i) => `{rate: ${20 + 10 * i}, for: 2s}`).join(', ')}]`

test('a clean run, one that is never steady, one with a fault and one with a slow generator get the four right verdicts', async (context) => {
  const place = await Workplace.create(context)
  const up = await place.run(['up', '--detach', '--name', 'v'])
  assert.equal(up.code, 0, up.errors)

  const clean = await load(
    place,
    'clean',
    `arrivals: {process: constant, schedule: ${STEADY}}, criteria: {p99Max: ${EASY}}`,
  )
  assert.equal(
    clean.verdict.kind,
    'passed',
    JSON.stringify([clean.verdict, clean.steadyState.reasons]),
  )
  assert.equal(clean.steadyState.kind, 'steady')
  assert.ok((clean.counting.style2018?.blocks ?? 0) > 0)
  assert.equal(clean.resources?.validators, 8)
  assert.ok((clean.counting.signatureChecks ?? 0) >= 4 * 60)

  const climbing = await load(
    place,
    'climbing',
    `arrivals: {process: constant, schedule: ${CLIMBING}}, criteria: {p99Max: ${EASY}}`,
  )
  assert.equal(climbing.verdict.kind, 'notSteady', JSON.stringify(climbing.verdict))
  assert.match(climbing.verdict.reasons.join(), /the committed rate rises/)

  const faults = '[{action: pause, selector: {shards: [0], validators: [0, 1]}, at: 8s, for: 8s}]'
  const broken = await load(
    place,
    'broken',
    `arrivals: {process: constant, schedule: ${STEADY}}, criteria: {p99Max: ${TIGHT}}, faults: ${faults}`,
  )
  assert.equal(broken.verdict.kind, 'failed', JSON.stringify(broken.verdict))
  assert.match(broken.verdict.reasons.join(), /p99: expected at most 5s/)
  assert.ok(
    broken.marks.some(({ kind }) => kind === 'fault'),
    'the fault stands on the time line',
  )
  assert.equal(broken.steadyState.isDisturbed, true)
  assert.equal(broken.counts.lost, 0)

  // Stopped as a machine stops that is busy with something else: the schedule goes on, the generator does not.
  writeFileSync(
    join(place.home, 'slow.yaml'),
    loadTest(`arrivals: {process: constant, schedule: ${STEADY}}, criteria: {p99Max: ${EASY}}`),
  )
  const slow = place.start(['load', 'slow.yaml', '--out', 'slow'])
  await slow.says(' s of 24 s')
  slow.child.kill('SIGSTOP')
  await delay(4_000)
  slow.child.kill('SIGCONT')
  const { output, errors } = await slow.ended
  const late = resultIn(place, 'slow', errors + output)
  assert.equal(late.verdict.kind, 'generatorLimited', JSON.stringify(late.verdict))
  assert.equal(late.bottleneck.kind, 'generator')
})
