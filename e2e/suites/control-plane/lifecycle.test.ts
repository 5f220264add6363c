import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { type ApiCall, isWrite, labelOf } from '../../cluster/api-proxy/api-call.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import type { OperatorProcess } from '../../operator/operator-process.ts'
import { differences, type Snapshot } from '../../operator/snapshot.ts'
import { Stage } from '../../operator/stage.ts'
import { TestnetHandle } from '../../operator/testnets.ts'

const MAX_MS = 180_000
/** Of a Shard on its way to ready: what it waits for, and that it is ready; once more where a pod is late. */
const STATUS_WRITES_MAX = 3
/** Long enough for two rounds of whatever the operator does by the clock. */
const STEADY_MS = 20_000

/** Fake nodes run every image; a cluster of the user's own has to find this one. */
const NEXT_IMAGE = process.env['SHARDNET_E2E_NEXT_IMAGE'] ?? 'localhost/shardnet:2'
const NO_NEXT_IMAGE =
  process.env['KUBECONFIG'] !== undefined && process.env['SHARDNET_E2E_NEXT_IMAGE'] === undefined
    ? 'SHARDNET_E2E_NEXT_IMAGE names no image to roll out'
    : false

describe('a testnet on a cluster', () => {
  let stage: Stage
  let operator: OperatorProcess
  let bare: Snapshot
  let demo: TestnetHandle

  before(async () => {
    stage = await Stage.setAnywhere({ name: 'lifecycle' })
    bare = await stage.contents.read()
    operator = await stage.startOperator()
    demo = new TestnetHandle(stage.cluster.api, stage.namespace, 'demo')
  })
  after(async () => {
    await operator?.kill()
    await stage?.stop()
  })
  /** Waits until this is all that differs from the namespace as it was. */
  async function leaves(wanted: string): Promise<void> {
    let found: readonly string[] = []
    await waitUntil(
      `only this: "${wanted}"`,
      MAX_MS,
      async () => {
        found = differences(bare, await stage.contents.read())
        return found.join() === wanted
      },
      () => found.join('\n'),
    )
  }
  afterEach(async (context) => {
    if ('passed' in context && !context.passed) console.log((await operator.log()).slice(-4_000))
  })
  const kubectl = (...words: readonly string[]): Promise<string> =>
    stage.cluster.mustRun('kubectl', ['--namespace', stage.namespace, ...words])

  test('is made, waited for and shown with the usual commands', async () => {
    await demo.apply()
    await kubectl('wait', '--for=condition=Ready', 'testnet/demo', `--timeout=${MAX_MS}ms`)
    const shown = await kubectl('get', 'tn')
    for (const column of ['SHARDS', 'VALIDATORS', 'READY', 'TPS', 'P99', 'HEIGHT', 'AGE'])
      assert.ok(shown.includes(column), `${column}: ${shown}`)
    assert.match(shown, /^demo +2 +8 +8/m)
    assert.match(await kubectl('get', 'shards'), /demo-g1-shard-1 +demo +1/)
    const written = stage.proxy.calls
      .filter(isWrite)
      .filter(({ name, resource }) => name.startsWith('demo-g1-shard-1') && resource !== 'events')
    const isStatus = ({ subresource }: ApiCall): boolean => subresource === 'status'
    assert.deepEqual(
      written
        .filter((call) => !isStatus(call))
        .map(({ resource }) => resource)
        .sort(),
      [
        'poddisruptionbudgets',
        'secrets',
        // Once more when all were ready: from then on nobody is born.
        'secrets',
        'services',
        'shards',
        'statefulsets',
      ],
    )
    const told = written.filter(isStatus).length
    assert.ok(told <= STATUS_WRITES_MAX, `its status was written ${told} times`)
  })

  test('is left alone once it is ready: its children are not written again', async () => {
    await kubectl('wait', '--for=condition=Ready', 'testnet/demo', `--timeout=${MAX_MS}ms`)
    await quiet(stage)
    stage.proxy.forget()
    await new Promise((resolve) => setTimeout(resolve, STEADY_MS))
    const writes = stage.proxy.calls.filter(isWrite).filter(({ resource }) => resource !== 'leases')
    assert.deepEqual(writes.filter(({ subresource }) => subresource !== 'status').map(labelOf), [])
  })

  test('heals what somebody deletes or changes', async () => {
    await kubectl('delete', 'service', 'demo-g1-shard-0')
    await kubectl(
      'patch',
      'pdb',
      'demo-g1-shard-1',
      '--type=merge',
      '-p',
      '{"spec":{"maxUnavailable":3}}',
    )
    await waitUntil('the service', MAX_MS, async () => {
      const { code } = await stage.cluster.run('kubectl', [
        '-n',
        stage.namespace,
        'get',
        'service',
        'demo-g1-shard-0',
      ])
      return code === 0
    })
    await waitUntil('the budget', MAX_MS, async () => {
      const told = await kubectl(
        'get',
        'pdb',
        'demo-g1-shard-1',
        '-o',
        'jsonpath={.spec.maxUnavailable}',
      )
      return told === '1'
    })
  })

  test('gets a new image a few validators at a time', { skip: NO_NEXT_IMAGE }, async () => {
    await demo.apply({ image: NEXT_IMAGE })
    await waitUntil(
      'the new image on every pod',
      MAX_MS,
      async () => {
        const words = ['get', 'pods', '-l', 'shardnet.dev/testnet=demo']
        const images = await kubectl(
          ...words,
          '-o',
          'jsonpath={.items[*].spec.containers[0].image}',
        )
        const list = images.split(' ')
        return list.length === 8 && list.every((image) => image === NEXT_IMAGE)
      },
      () => kubectl('get', 'pods', '-o', 'wide'),
    )
    await demo.becomes('Ready', 'True', MAX_MS)
  })

  test('is scaled by kubectl: a new generation takes the place of the old one, which is warned of', async () => {
    const { warnings } = await stage.cluster.api.ask({
      method: 'PATCH',
      path: `/apis/shardnet.dev/v1alpha1/namespaces/${stage.namespace}/testnets/demo?dryRun=All`,
      body: { spec: { shards: 3 } },
      contentType: 'application/merge-patch+json',
    })
    assert.match(warnings.join(), /generation|ledger/)
    assert.match(await kubectl('scale', 'tn/demo', '--replicas=3'), /scaled/)
    await waitUntil(
      'three shards of the second generation',
      MAX_MS,
      async () => {
        const names = (await kubectl('get', 'shards', '-o', 'name')).trim().split('\n').sort()
        return names.length === 3 && names.every((name) => name.includes('demo-g2-shard-'))
      },
      () => kubectl('get', 'shards,tn', '-o', 'wide'),
    )
    await demo.becomes('Ready', 'True', MAX_MS)
  })

  test('is deleted, and nothing is left', async () => {
    await kubectl('delete', 'tn', 'demo', `--timeout=${MAX_MS}ms`)
    await leaves('')
  })

  test('is taken down when its time to live is over, and says so', async () => {
    const brief = new TestnetHandle(stage.cluster.api, stage.namespace, 'brief')
    await brief.apply({ ttl: '10s' })
    await waitUntil('the end', MAX_MS, async () => {
      const { reason } = await brief.becomes('Ready', 'False', MAX_MS)
      return reason === 'TakenDown'
    })
    // With its root, which remembers what its validators signed: the Testnet may be given more time.
    await leaves('left: Secret brief-root,left: Testnet brief')
    await brief.remove()
    await brief.isGone(MAX_MS)
    await leaves('')
  })
})

/** Resolves when nothing but leases was written for some seconds. */
async function quiet({ proxy }: Stage): Promise<void> {
  await waitUntil('a steady operator', MAX_MS, async () => {
    proxy.forget()
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    return proxy.calls.filter(isWrite).every(({ resource }) => resource === 'leases')
  })
}
