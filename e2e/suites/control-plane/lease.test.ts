import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isWrite, labelOf } from '../../cluster/api-proxy/api-call.ts'
import { ApiProxy } from '../../cluster/api-proxy/api-proxy.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import { type Golden, goldenLife, lateLife } from '../../operator/life.ts'
import { cover, coverageText, Lanes } from '../../operator/lanes.ts'
import { OperatorProcess } from '../../operator/operator-process.ts'
import { NAMESPACE, Stage } from '../../operator/stage.ts'
import { TestnetHandle } from '../../operator/testnets.ts'
import { shuffled } from '../../operator/write-points.ts'

const MAX_MS = 180_000
/** After it is woken: time for everything that it might do. */
const AWAKE_MS = 15_000
const CHOSEN = 9
const seed = Number(process.env['SHARDNET_SEED'] ?? Date.now() % 1_000_000)
const isExhaustive = process.env['SHARDNET_EXHAUSTIVE'] !== undefined
/** What a late write could do harm to: these are always among the chosen. */
const ALWAYS = [
  'apply secrets demo-g1-shard-0-keys (2)',
  'apply shards.shardnet.dev demo-g1-shard-0',
  'apply shards.shardnet.dev demo-g1-shard-1 (2)',
  'apply statefulsets.apps demo-g1-shard-0',
  'apply statefulsets.apps demo-g1-shard-1 (2)',
]

describe('two operators, of which one holds the lease', () => {
  let stage: Stage
  let firstProxy: ApiProxy
  let first: OperatorProcess
  let second: OperatorProcess
  let demo: TestnetHandle

  before(async () => {
    stage = await Stage.set({ name: 'lease' })
    firstProxy = new ApiProxy(stage.cluster.access)
    const { token } = stage
    const options = { namespace: NAMESPACE, token }
    first = await OperatorProcess.start(stage.cluster, {
      ...options,
      url: await firstProxy.listen(),
    })
    demo = new TestnetHandle(stage.cluster.api, NAMESPACE, 'demo')
    await demo.apply()
    await demo.becomes('Ready', 'True', MAX_MS)
    second = await OperatorProcess.start(stage.cluster, { ...options, url: stage.url })
  })
  after(async () => {
    await first?.kill()
    await second?.kill()
    await firstProxy?.close()
    await stage?.stop()
  })

  test('only the holder writes', async () => {
    await waitUntil('the copies of the other', MAX_MS, () =>
      stage.proxy.calls.some(({ verb, resource }) => verb === 'watch' && resource === 'testnets'),
    )
    assert.deepEqual(stage.proxy.calls.filter(isWrite).map(labelOf), [])
  })

  test('a holder that was stopped, and wakes when another one holds it, writes nothing more', async () => {
    first.signal('SIGSTOP')
    // In the middle of work: the second one has to finish what the first one knows of.
    await demo.apply({ image: 'localhost/shardnet:2' })
    await waitUntil(
      'the first write of the successor',
      MAX_MS,
      () => stage.proxy.calls.filter(isWrite).some(({ resource }) => resource === 'statefulsets'),
      () => second.log(),
    )
    await demo.becomes('Ready', 'True', MAX_MS)
    firstProxy.forget()
    first.signal('SIGCONT')
    await new Promise((resolve) => setTimeout(resolve, AWAKE_MS))
    const written = firstProxy.calls.filter(isWrite).filter(({ resource }) => resource !== 'leases')
    assert.deepEqual(written.map(labelOf), [])
    await demo.remove()
    await demo.isGone(MAX_MS)
  })
})

interface Case {
  /** What is written. */
  readonly name: string
  readonly golden: Golden
}

/**
 * An operator is stopped with a write on its way. Its lease runs out, another one takes over and brings the testnet to its
 * end; then the write arrives, and the operator wakes. Both the hub's and the member's writes are tried.
 */
describe('a write that arrives when another operator holds the lease', () => {
  let lanes: Lanes
  let cases: readonly Case[]

  before(async () => {
    lanes = await Lanes.open({ name: 'late' })
    const [stage] = lanes.stages
    assert.ok(stage !== undefined)
    // Each in the shortest life that has it: what it made, or what was made anew, is there when it arrives.
    const short = await goldenLife(stage, 'short')
    const full = await goldenLife(stage, 'full')
    cases = [short, full].flatMap((golden) =>
      golden.writes
        // Nobody holds the lease any more when the operator is woken.
        .filter((label) => !label.includes(' leases.'))
        .filter((label) => golden === short || !short.writes.includes(label))
        .map((label) => ({ name: label, golden })),
    )
  })
  after(() => lanes?.stop())

  test('is refused or changes nothing, and nothing is written after it', async () => {
    const always = cases.filter(({ name }) => ALWAYS.includes(name))
    assert.equal(always.length, ALWAYS.length, cases.map(({ name }) => name).join('\n'))
    const others = shuffled(cases, seed).filter((each) => !always.includes(each))
    const wanted = isExhaustive ? cases.length : CHOSEN
    const answers = new Map<string, number | null>()
    const found = await cover(lanes, [...always, ...others], wanted, async (stage, each) => {
      const late = await lateLife(stage, each.golden, each.name)
      answers.set(each.name, late.status)
      return late
    })
    console.log(coverageText('late were', found, cases.length, seed))
    console.log([...answers].map(([name, status]) => `${status} to ${name}`).join('\n'))
    assert.deepEqual(found.failures, [])
    for (const name of ALWAYS) assert.equal(answers.get(name), 409, name)
    if (!isExhaustive) assert.equal(found.covered, CHOSEN)
  })
})
