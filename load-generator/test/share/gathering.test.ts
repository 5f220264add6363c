import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test, type TestContext } from 'node:test'
import { Coordinator } from '../../src/pod/coordinator.ts'
import { alone, type Gathering } from '../../src/pod/gathering.ts'
import { Member } from '../../src/pod/member.ts'
import { PodServer } from '../../src/pod/pod-server.ts'
import { LoadResult } from '../../src/result.ts'
import { type LoadOptions, openPlan, requestOf, runPart } from '../../src/run-load.ts'
import { WorkloadSpec, workloadOf } from '../../src/workload.ts'
import { FakeTestnet } from '../fake-testnet.ts'

const RUN = 'one-run'
const ARRIVALS = { process: 'constant' as const, schedule: [{ rate: 300, forMs: 2_000 }] }

interface Company {
  readonly gatherings: readonly Gathering[]
  readonly address: string
  readonly stop: AbortController
}

async function company(t: TestContext, of: number): Promise<Company> {
  const stop = new AbortController()
  const { signal } = stop
  const first = new Coordinator({ run: RUN, of, signal })
  const server = new PodServer(first)
  const address = `127.0.0.1:${await server.listen(0, '127.0.0.1')}`
  t.after(() => server.close())
  const others = Array.from({ length: of - 1 }, (_, at) => {
    return new Member({ coordinator: address, run: RUN, index: at + 1, signal })
  })
  return { gatherings: [first, ...others], address, stop }
}

async function loadTogether(
  testnet: FakeTestnet,
  gatherings: readonly Gathering[],
): Promise<LoadResult> {
  const results = await Promise.all(
    gatherings.map(async (gathering, index) => {
      await gathering.present()
      const options: LoadOptions = {
        network: testnet.network,
        targets: testnet.targets,
        workload: workloadOf(WorkloadSpec.parse({ crossShard: '30%', seed: 3 })),
        arrivals: ARRIVALS,
        criteria: { committedPerSecondMin: null, p99MaxMs: null, lostMax: 0, steady: false },
        signal: new AbortController().signal,
        beforeStart: () => gathering.start(),
      }
      const measured = await runPart(options, { index, of: gatherings.length })
      return gathering.finish(requestOf(options, openPlan(options)), measured)
    }),
  )
  const [result, ...others] = results
  assert.ok(result !== null && result !== undefined)
  assert.ok(others.every((each) => each === null))
  return result
}

async function fakeTestnet(t: TestContext): Promise<FakeTestnet> {
  const testnet = new FakeTestnet({
    shards: 2,
    validatorsPerShard: 4,
    accountsPerShard: 50,
    blockMs: 40,
  })
  await testnet.start()
  t.after(() => testnet.stop())
  return testnet
}

test('three generators send one schedule together, and one result tells of all of it', async (t) => {
  const testnet = await fakeTestnet(t)
  const { gatherings } = await company(t, 3)
  const result = await loadTogether(testnet, gatherings)
  assert.deepEqual(LoadResult.parse(result), result)
  assert.equal(result.counts.scheduled, 600)
  assert.equal(result.counts.committed, 600)
  assert.equal(testnet.executedOk.size, 600, 'each transaction is another one, and executes once')
  assert.equal(result.counts.lost, 0)
  assert.equal(result.interrupted, false)
  for (const { nonces } of noncesOf(testnet))
    assert.equal(new Set(nonces).size, nonces.length, 'no two generators take one nonce')
})

function noncesOf(testnet: FakeTestnet): readonly { readonly nonces: readonly number[] }[] {
  return [...testnet.noncesSeen.values()].map((nonces) => ({ nonces }))
}

test('one generator alone needs nobody', async (t) => {
  const testnet = await fakeTestnet(t)
  const result = await loadTogether(testnet, [alone])
  assert.equal(result.counts.committed, 600)
})

test('a generator that goes before the start ends the run for all, with that reason', async (t) => {
  const { gatherings, address } = await company(t, 3)
  const [first, second] = gatherings
  assert.ok(first !== undefined && second !== undefined)
  const headers = { 'shardnet-run': RUN, 'shardnet-generator': '2' }
  const ask = (path: string) => {
    const asked = request(new URL(path, `http://${address}`), {
      method: 'POST',
      headers,
      agent: false,
    })
    asked.on('error', () => undefined)
    asked.end()
    return asked
  }
  ask('/v1/present')
  await Promise.all([first.present(), second.present()])
  const begun = first.start()
  const doomed = ask('/v1/ready')
  doomed.once('finish', () => doomed.destroy())
  await assert.rejects(begun, /generator 2 of 3 ended before the start/)
  await assert.rejects(second.start(), /generator 2 of 3 ended before the start/)
})

test('a first generator that is told to stop tells the others, and does not wait for them', async (t) => {
  const { gatherings, stop } = await company(t, 2)
  const waiting = gatherings[0]?.present()
  stop.abort()
  await assert.rejects(waiting ?? Promise.resolve(), /told to stop/)
  await assert.rejects(gatherings[1]?.present() ?? Promise.resolve(), /told to stop/)
})

test('a generator that is told to stop does not wait long for a first one that is gone', async (t) => {
  const testnet = await fakeTestnet(t)
  const lonely = new Member({
    coordinator: '127.0.0.1:1',
    run: RUN,
    index: 1,
    signal: AbortSignal.abort(),
  })
  const parted: Gathering = {
    present: () => Promise.resolve(),
    start: () => Promise.resolve(),
    finish: (request, measured) => lonely.finish(request, measured),
  }
  const startedMs = performance.now()
  await assert.rejects(loadTogether(testnet, [parted]), /did not answer within 5 s/)
  assert.ok(performance.now() - startedMs < 20_000, 'a pod is ended after half a minute')
})

test('words of another run, or of nobody’s number, count for nothing', async (t) => {
  const { address } = await company(t, 2)
  const ask = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`http://${address}/v1/present`, { method: 'POST', headers })).status
  assert.equal(await ask({ 'shardnet-run': 'another', 'shardnet-generator': '1' }), 404)
  assert.equal(await ask({ 'shardnet-run': RUN, 'shardnet-generator': '2' }), 404)
  assert.equal(await ask({ 'shardnet-run': RUN, 'shardnet-generator': '0' }), 404)
  const report = await fetch(`http://${address}/v1/report`, {
    method: 'POST',
    headers: { 'shardnet-run': RUN, 'shardnet-generator': '1' },
    body: 'anything',
  })
  assert.equal(report.status, 400)
})
