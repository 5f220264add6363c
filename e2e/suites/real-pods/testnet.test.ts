import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Cluster, startCluster } from '../../cluster/cluster.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import { buildShardnetImage } from '../../image/image-archive.ts'
import { install } from '../../operator/install.ts'
import { differences, type Snapshot, takeSnapshot } from '../../operator/snapshot.ts'

const NAMESPACE = 'shardnet'
const MAX_MS = 600_000
const WAIT = `--timeout=${MAX_MS / 1_000}s`

/** Two shards of four validators, a load, faults and a rollout, in pods of the image, as a user would have them. */
describe('a testnet of real pods', () => {
  let cluster: Cluster
  let images: string
  let bare: Snapshot

  before(async () => {
    images = await mkdtemp(join(tmpdir(), 'shardnet-images-'))
    const image = await buildShardnetImage(join(images, 'shardnet.tar'))
    cluster = await startCluster({ name: 'pods', realNodes: { count: 2, images: [image] } })
    await install(cluster, { namespace: NAMESPACE })
    await kubectl('rollout', 'status', 'deployment/shardnet-operator', WAIT)
    bare = await takeSnapshot(cluster.api, NAMESPACE)
  })
  after(async () => {
    await cluster?.stop()
    await rm(images, { recursive: true, force: true })
  })

  const kubectl = (...words: readonly string[]): Promise<string> =>
    cluster.mustRun('kubectl', ['--namespace', NAMESPACE, ...words])
  const apply = async (kind: string, name: string, spec: object): Promise<void> => {
    const object = { apiVersion: 'shardnet.dev/v1alpha1', kind, metadata: { name }, spec }
    await cluster.mustRun('kubectl', ['-n', NAMESPACE, 'apply', '-f', '-'], JSON.stringify(object))
  }
  /** Everything that tells why something did not come, when it did not. */
  const explained = async (what: Promise<string>): Promise<string> => {
    try {
      return await what
    } catch (error) {
      const state = await kubectl('get', 'tn,shards,loadtests,faults,pods', '-o', 'wide')
      const events = await kubectl('get', 'events', '--sort-by=.lastTimestamp')
      const logs = await kubectl('logs', 'deployment/shardnet-operator', '--tail=30')
      throw new Error(`${String(error)}\n${state}\n${events.slice(-3_000)}\n${logs}`, {
        cause: error,
      })
    }
  }

  test('becomes ready', async () => {
    await apply('Testnet', 'demo', {
      shards: 2,
      validatorsPerShard: 4,
      // Eight validators and a cluster share two cores here.
      protocol: { viewTimeoutMs: 8_000, idleBlockIntervalMs: 2_000, networkDelayMs: 500 },
      genesis: { seed: 'demo', accountsPerShard: 100 },
      storage: { size: '1Gi', retention: 'Delete' },
    })
    await explained(kubectl('wait', '--for=condition=Ready', 'testnet/demo', WAIT))
    const pods = await kubectl('get', 'pods', '-l', 'shardnet.dev/testnet=demo', '-o', 'name')
    assert.equal(pods.trim().split('\n').length, 8)
  })

  test('shows the log of a validator, and lets in who may exec', async () => {
    const log = await kubectl('logs', 'demo-g1-shard-0-0')
    assert.match(log, /"msg":"ready"/)
    const script =
      "fetch('http://127.0.0.1:8080/livez').then((answer) => console.log(answer.status))"
    const words = ['exec', 'demo-g1-shard-0-0', '--', '/usr/local/bin/node', '-e', script]
    assert.equal(await kubectl(...words), '200\n')
  })

  test('takes the load of a LoadTest, which ends with a verdict', async () => {
    await apply('LoadTest', 'light', {
      testnet: 'demo',
      workload: { crossShard: '30%' },
      arrivals: { schedule: [{ rate: 20, for: '20s' }] },
      criteria: { lostMax: 0 },
    })
    await explained(kubectl('wait', '--for=condition=Succeeded', 'loadtest/light', WAIT))
    assert.match(await kubectl('get', 'loadtest', 'light'), /light +demo +20 +\d+/)
  })

  test('goes on when a Fault kills its proposers', async () => {
    await apply('Fault', 'proposers', {
      testnet: 'demo',
      action: 'kill',
      selector: { role: 'Proposer' },
    })
    await explained(kubectl('wait', '--for=condition=Succeeded', 'fault/proposers', WAIT))
    await explained(kubectl('wait', '--for=condition=Ready', 'testnet/demo', WAIT))
  })

  test('is deleted, and nothing is left', async () => {
    await kubectl('delete', 'loadtests,faults', '--all', WAIT)
    await kubectl('delete', 'testnet', 'demo', WAIT)
    let left: readonly string[] = []
    await waitUntil(
      'the namespace as it was',
      MAX_MS,
      async () => {
        left = differences(bare, await takeSnapshot(cluster.api, NAMESPACE))
        return left.length === 0
      },
      () => left.join('\n'),
    )
  })
})
