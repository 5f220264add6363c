import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { LoadResult } from '@shardnet/load-generator'
import { z } from 'zod'
import { Workplace } from './shardnet.ts'

const Faults = z.array(
  z.looseObject({ id: z.string(), state: z.string(), targets: z.array(z.string()) }),
)
const Status = z.looseObject({
  validators: z.array(z.looseObject({ httpAddress: z.string(), height: z.number().nullable() })),
})

async function json<T>(place: Workplace, schema: z.ZodType<T>, words: readonly string[]) {
  const { code, output, errors } = await place.run([...words, '--json', '-'])
  assert.equal(code, 0, errors)
  return schema.parse(JSON.parse(output))
}

test('a partition of all stops the chain, frames are counted, and clearing it lets the chain go on', async (context) => {
  const place = await Workplace.create(context)
  const up = await place.run(['up', '--detach', '--name', 'links', '--shards', '1'])
  assert.equal(up.code, 0, up.errors)
  const [fault] = await json(place, Faults, 'fault partition --validator 0,1 --for 10m'.split(' '))
  assert.equal(fault?.targets.length, 2)
  const heights = async () =>
    (await json(place, Status, ['status'])).validators.map(({ height }) => height ?? 0)
  // Blocks whose last votes were under way may still come.
  const signal = AbortSignal.timeout(120_000)
  let stopped = await heights()
  for (let same = 0; same < 3;) {
    signal.throwIfAborted()
    await delay(1_000)
    const now = await heights()
    same = now.join() === stopped.join() ? same + 1 : 0
    stopped = now
  }
  const [first] = (await json(place, Status, ['status'])).validators
  const metrics = await (await fetch(`http://${first?.httpAddress}/metrics`)).text()
  assert.match(metrics, /shardnet_network_link_rules\{[^}]*\} 2/)
  assert.match(metrics, /shaped_frames_total\{direction="outbound",verdict="dropped"[^}]*\} [1-9]/)
  const cleared = await json(place, Faults, ['fault', 'clear'])
  assert.equal(cleared[0]?.state, 'cleared')
  while (Math.min(...(await heights())) <= Math.max(...stopped)) {
    signal.throwIfAborted()
    await delay(200)
  }
})

test('a load test with faults passes, and its result tells when each began and ended', async (context) => {
  const place = await Workplace.create(context)
  const file = `
apiVersion: shardnet.dev/v1alpha1
kind: Testnet
metadata: {name: broken}
spec: {shards: 2}
---
apiVersion: shardnet.dev/v1alpha1
kind: LoadTest
metadata: {name: load}
spec:
  testnet: broken
  arrivals: {schedule: [{rate: 40, for: 8s}]}
  faults:
    - {action: delay, latency: 30ms, at: 1s, for: 3s, selector: {role: FaultyMinority}}
    - {action: pause, at: 2s, for: 2s, selector: {shards: [0], validators: [3]}}
---
apiVersion: shardnet.dev/v1alpha1
kind: Fault
metadata: {name: kill}
spec: {testnet: broken, action: kill, at: 3s, selector: {shards: [1], role: Proposer}}
`
  writeFileSync(join(place.home, 'run.yaml'), file)
  const { code, output, errors } = await place.run(['start', 'run.yaml', '--out', 'out'])
  assert.equal(code, 0, errors + output)
  const text = readFileSync(join(place.home, 'out', 'result.json'), 'utf8')
  const { marks, counts, safety } = LoadResult.parse(JSON.parse(text))
  assert.equal(counts.lost, 0)
  assert.equal(safety.kind, 'passed')
  const told = marks.filter(({ kind }) => kind === 'fault')
  assert.equal(told.length, 3, told.map((mark) => mark.text).join('\n'))
  const lasting = (text: string): void => {
    const mark = told.find((each) => each.text === text)
    assert(mark?.untilMs !== undefined && mark.untilMs > mark.atMs, JSON.stringify(told))
  }
  lasting('delay 30ms for 3s on broken-g1-shard-0-0, broken-g1-shard-1-0')
  lasting('pause for 2s on broken-g1-shard-0-3')
  assert(told.some(({ text: line }) => /^kill on broken-g1-shard-1-\d$/.test(line)))
  assert(marks.some(({ kind, text: line }) => kind === 'restart' && /SIGKILL/.test(line)))
})
