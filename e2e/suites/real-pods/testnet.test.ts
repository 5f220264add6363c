import assert from 'node:assert/strict'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { after, before, describe, test } from 'node:test'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import { differences, type Snapshot } from '../../operator/snapshot.ts'
import { generationOf, isReady, MAX_MS, NEXT_IMAGE, PodStage } from './pod-stage.ts'

const WAIT = '--timeout=120s'
/** Up to twenty validators and a cluster share two cores here. */
const SLOW = { viewTimeoutMs: 8_000, idleBlockIntervalMs: 2_000, networkDelayMs: 500 }
const LOOK_EVERY_MS = 500

/** Two shards of four validators, loads, faults, a rollout and a reshard, in pods of the image, as a user would have them. */
describe('a testnet of real pods', () => {
  let stage: PodStage
  let bare: Snapshot

  before(async () => {
    stage = await PodStage.set('pods')
    bare = await stage.contents.read()
  })
  after(async () => stage?.stop())

  const validators = () => stage.validators('demo')

  test('becomes ready', async () => {
    await stage.apply('Testnet', 'demo', {
      shards: 2,
      validatorsPerShard: 4,
      protocol: SLOW,
      genesis: { seed: 'demo', accountsPerShard: 100 },
      storage: { size: '1Gi', retention: 'Delete' },
    })
    await stage.until('condition=Ready', 'testnet/demo')
    assert.equal((await validators()).filter(isReady).length, 8)
  })

  test('shows the log of a validator, and lets in who may exec', async () => {
    const log = await stage.kubectl('logs', 'demo-g1-shard-0-0')
    assert.match(log, /"msg":"ready"/)
    const script =
      "fetch('http://127.0.0.1:8080/livez').then((answer) => console.log(answer.status))"
    const words = ['exec', 'demo-g1-shard-0-0', '--', '/usr/local/bin/node', '-e', script]
    assert.equal(await stage.kubectl(...words), '200\n')
  })

  test('takes the load of a LoadTest from two pods, whose result outlives them', async () => {
    await stage.apply('LoadTest', 'light', {
      testnet: 'demo',
      generators: 2,
      workload: { crossShard: '30%' },
      arrivals: { process: 'constant', schedule: [{ rate: 20, for: '10s' }] },
      criteria: { lostMax: 0 },
    })
    await stage.shown('get', 'tn,shards')
    await stage.until('condition=Succeeded', 'loadtest/light')
    assert.match(await stage.shown('get', 'loadtest', 'light'), /light +demo +20 +\d+/)
    const pods = ['get', 'pods', '-l', 'shardnet.dev/loadtest=light', '-o', 'name']
    assert.equal((await stage.kubectl(...pods)).trim().split('\n').length, 2)
    await stage.kubectl('delete', 'job', 'light-load', '--cascade=foreground', WAIT)
    assert.equal(await stage.kubectl(...pods), '', 'the pods are gone')
    const { counts, configuration, verdict } = await stage.report('light')
    assert.equal(verdict.kind, 'passed')
    assert.equal(counts.scheduled, 200, 'the two together sent the one schedule')
    assert.equal(counts.committed, counts.scheduled)
    assert.ok(configuration.facts.some(({ value }) => value === '2 pods of the cluster'))
    await access(join(stage.folder, 'light', 'report.html'))
  })

  test('ends a load with a reason when one of its pods is taken away', async () => {
    await stage.apply('LoadTest', 'halved', {
      testnet: 'demo',
      generators: 2,
      arrivals: { schedule: [{ rate: 20, for: '10m' }] },
    })
    await stage.until('jsonpath={.status.startTime}', 'loadtest/halved')
    const pods = await stage.podsOf('shardnet.dev/loadtest=halved')
    assert.equal(pods.length, 2)
    const [doomed] = pods
    assert.ok(doomed !== undefined)
    await stage.kubectl('delete', 'pod', doomed.metadata.name, '--force', '--grace-period=0')
    await stage.until('jsonpath={.status.verdict}=Aborted', 'loadtest/halved')
    const { message } = await stage.read('loadtest', 'halved')
    assert.match(String(message), /^The load was ended: /)
  })

  test('replays a recorded load, and says when there is none', async () => {
    const spec = {
      testnet: 'demo',
      workload: { profile: 'trace', file: 'recorded.csv' },
      arrivals: { process: 'trace', schedule: [] },
      traceConfigMap: 'recorded',
    }
    await stage.apply('LoadTest', 'unrecorded', spec)
    await stage.until('jsonpath={.status.verdict}=Error', 'loadtest/unrecorded')
    const { message } = await stage.read('loadtest', 'unrecorded')
    assert.match(String(message), /traceConfigMap/)
    const rows = Array.from({ length: 60 }, (_, row) => `${row * 50},payments`)
    const text = ['timeMs,kind', ...rows].join('\n')
    await stage.kubectl('create', 'configmap', 'recorded', `--from-literal=recorded.csv=${text}`)
    await stage.apply('LoadTest', 'replayed', spec)
    await stage.until('jsonpath={.status.verdict}', 'loadtest/replayed')
    const { counts } = await stage.report('replayed')
    assert.equal(counts.scheduled, 60)
    assert.equal(counts.committed, 60)
    await stage.kubectl('delete', 'configmap', 'recorded')
  })

  test('loses nothing when Faults kill its proposers and cut others off under load, and all is undone', async () => {
    const before = await validators()
    await stage.apply('LoadTest', 'broken', {
      testnet: 'demo',
      arrivals: { schedule: [{ rate: 50, for: '30s' }] },
      criteria: { lostMax: 0 },
      faults: [
        { action: 'kill', selector: { role: 'Proposer' }, at: '5s' },
        { action: 'partition', selector: { validators: [3] }, at: '20s', for: '5s' },
      ],
    })
    await stage.until('condition=Succeeded', 'loadtest/broken')
    for (const fault of ['broken-fault-0', 'broken-fault-1'])
      await stage.until('condition=Succeeded', `fault/${fault}`)
    await stage.shown('get', 'loadtests,faults')
    const marks = (await stage.report('broken')).marks.filter(({ kind }) => kind === 'fault')
    assert.equal(marks.length, 2)
    const [killed, cut] = marks
    // From the start of the load, give or take what it takes to be seen, not from that of its pod.
    assert.ok(killed !== undefined && killed.atMs >= 4_000 && killed.atMs < 20_000, killed?.text)
    assert.ok(cut !== undefined && cut.atMs - killed.atMs >= 10_000, cut?.text)
    const { targets, count } = await stage.read('fault', 'broken-fault-0')
    assert.equal(count, 2, 'one proposer of each shard')
    await stage.until('condition=Ready', 'testnet/demo')
    const uids = new Set(before.map(({ metadata }) => metadata.uid))
    const replaced = (await validators()).filter(({ metadata }) => !uids.has(metadata.uid))
    assert.deepEqual(
      replaced.map(({ metadata }) => metadata.name).sort(),
      (targets as readonly string[])
        .map((each) => `demo-g1-shard-${each.replace('/', '-')}`)
        .sort(),
    )
    for (const shard of [0, 1]) assert.equal(await linkRules(`demo-g1-shard-${shard}-3`), '0\n')
  })

  /** How many rules shape the links of a validator; its own door for faults says. */
  function linkRules(pod: string): Promise<string> {
    const script = `
      const token = require('node:fs').readFileSync('/etc/shardnet/keys/admin-token', 'utf8').trim()
      fetch('http://127.0.0.1:9090/v1/links', { headers: { authorization: 'Bearer ' + token } })
        .then((answer) => answer.json()).then(({ rules }) => console.log(rules.length))`
    return stage.kubectl('exec', pod, '--', '/usr/local/bin/node', '-e', script)
  }

  test('comes to run another image under load without losing a transaction', async () => {
    await stage.apply('LoadTest', 'rolled', {
      testnet: 'demo',
      arrivals: { schedule: [{ rate: 50, for: '60s' }] },
      criteria: { lostMax: 0 },
    })
    await stage.until('jsonpath={.status.startTime}', 'loadtest/rolled')
    const patch = JSON.stringify({ spec: { image: NEXT_IMAGE } })
    await stage.kubectl('patch', 'testnet', 'demo', '--type=merge', '--patch', patch)
    await waitUntil(
      'eight ready validators of the new image',
      MAX_MS,
      async () => {
        const pods = await validators()
        const images = pods.filter(isReady).map(({ spec }) => spec.containers[0]?.image)
        // One of each shard is the most that may be away.
        assert.ok(images.length >= 6, `${images.length} of 8 validators are ready in a rollout`)
        return images.filter((image) => image === NEXT_IMAGE).length === 8
      },
      () => stage.account(),
    )
    const { verdict } = await stage.read('loadtest', 'rolled')
    assert.equal(verdict, undefined, 'the load goes on until the last validator was replaced')
    await stage.until('condition=Succeeded', 'loadtest/rolled')
  })

  test('is scaled to three shards: the old network serves until the new one is ready, and a load test says why it ended', async () => {
    await stage.apply('LoadTest', 'replaced', {
      testnet: 'demo',
      arrivals: { schedule: [{ rate: 20, for: '10m' }] },
    })
    await stage.until('jsonpath={.status.startTime}', 'loadtest/replaced')
    await stage.shown('scale', 'testnet/demo', '--replicas=3')
    await oldServesUntilNewIsReady()
    await stage.until('condition=Ready', 'testnet/demo')
    await stage.until('jsonpath={.status.verdict}=Aborted', 'loadtest/replaced')
    await stage.shown('get', 'tn,shards')
    await stage.shown('get', 'loadtests', '-o', 'wide')
    const { message } = await stage.read('loadtest', 'replaced')
    assert.match(String(message), /Generation 2 of the testnet replaced generation 1/)
    const volumes = await stage.kubectl('get', 'pvc', '-o', 'name')
    assert.equal(volumes.trim().split('\n').length, 12, 'disks of the old network are gone')
  })

  async function oldServesUntilNewIsReady(): Promise<void> {
    const endMs = performance.now() + MAX_MS
    let hasBegun = false
    for (;;) {
      const pods = await validators()
      const ready = (generation: number) =>
        pods.filter((pod) => generationOf(pod) === generation && isReady(pod)).length
      const isNewReady = ready(2) === 12
      hasBegun ||= pods.some((pod) => generationOf(pod) === 2)
      if (isNewReady && !pods.some((pod) => generationOf(pod) === 1)) return
      if (hasBegun && pods.filter((pod) => generationOf(pod) === 1).length < 8)
        assert.ok(isNewReady, `the old network goes while ${ready(2)} of 12 are ready`)
      if (performance.now() > endMs) assert.fail(await stage.account())
      await delay(LOOK_EVERY_MS)
    }
  }

  test('is deleted, and nothing is left', async () => {
    await stage.shown('delete', 'loadtests,faults', '--all', '--timeout=60s')
    await stage.shown('delete', 'testnet', 'demo', '--timeout=120s')
    let left: readonly string[] = []
    await waitUntil(
      'the namespace as it was',
      MAX_MS,
      async () => {
        left = differences(bare, await stage.contents.read())
        return left.length === 0
      },
      () => left.join('\n'),
    )
  })
})
