import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { existsSync } from 'node:fs'
import { type Cluster, startCluster } from '../../cluster/cluster.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'

const POD_MAX_MS = 120_000

describe('a cluster of fake nodes', () => {
  let cluster: Cluster
  before(async () => {
    cluster = await startCluster({ name: 'basic', fakeNodes: { count: 3 } })
  })
  after(() => cluster.stop())

  test('tells its version as a release does', async () => {
    const { gitVersion } = (await cluster.api.must({ path: '/version' })) as { gitVersion: string }
    assert.match(gitVersion, /^v1\.\d+\.\d+$/)
    assert.match(await cluster.mustRun('kubectl', ['version']), /Server Version: v1\.\d+\.\d+/)
    assert.match(await cluster.mustRun('helm', ['version']), /GoVersion/)
  })

  test('says that the pods of a StatefulSet run, with their volumes bound', async () => {
    const path = '/apis/apps/v1/namespaces/default/statefulsets/demo'
    await cluster.api.apply(path, statefulSet(10))
    let seen: unknown
    await waitUntil(
      '10 ready pods',
      POD_MAX_MS,
      async () => {
        const set = (await cluster.api.must({ path })) as { status?: { readyReplicas?: number } }
        seen = set.status
        return set.status?.readyReplicas === 10
      },
      () => JSON.stringify(seen),
    )
    const text = await cluster.mustRun('kubectl', ['get', 'pods', '-o', 'name'])
    assert.equal(text.trim().split('\n').length, 10)
  })

  test('comes back over its state when API server and etcd end', async () => {
    const { controlPlane } = cluster
    for (const program of ['kube-apiserver', 'etcd'] as const) await controlPlane.stop(program)
    for (const program of ['etcd', 'kube-apiserver'] as const) controlPlane.start(program)
    await controlPlane.ready()
    assert.match(await cluster.mustRun('kubectl', ['get', 'statefulsets']), /demo +10\/10/)
  })
})

test('two clusters run beside each other, and leave nothing', async () => {
  const folders: string[] = []
  {
    await using first = await startCluster({ name: 'first' })
    await using second = await startCluster({ name: 'second' })
    folders.push(first.folder, second.folder)
    await first.mustRun('kubectl', ['create', 'namespace', 'only-here'])
    assert.equal((await second.api.ask({ path: '/api/v1/namespaces/only-here' })).status, 404)
  }
  assert.deepEqual(
    folders.filter((folder) => existsSync(folder)),
    [],
  )
})

function statefulSet(replicas: number): unknown {
  const labels = { app: 'demo' }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'demo' },
    spec: {
      replicas,
      serviceName: 'demo',
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'localhost/nothing:1' }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
    },
  }
}
