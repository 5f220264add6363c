import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Cluster, startCluster } from '../../cluster/cluster.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import { buildShardnetImage, SHARDNET_IMAGE } from '../../image/image-archive.ts'

const POD_MAX_MS = 180_000

/** An HTTP server that says its name, in the project's own image. */
const SERVER = `
  require('node:http')
    .createServer((_, answer) => answer.end(require('node:os').hostname()))
    .listen(8080, () => console.log('listening'))
  process.on('SIGTERM', () => process.exit(0))
`

describe('real nodes', () => {
  let cluster: Cluster
  let images: string

  before(async () => {
    images = await mkdtemp(join(tmpdir(), 'shardnet-images-'))
    const image = await buildShardnetImage(join(images, 'shardnet.tar'))
    cluster = await startCluster({ name: 'nodes', realNodes: { count: 2, images: [image] } })
    await cluster.mustRun('kubectl', ['apply', '-f', '-'], JSON.stringify(echo))
    await waitUntil(
      'two ready pods',
      POD_MAX_MS,
      async () => (await readyReplicas()) === 2,
      () => cluster.mustRun('kubectl', ['describe', 'pods']),
    )
  })
  after(async () => {
    await cluster?.stop()
    await rm(images, { recursive: true, force: true })
  })

  async function readyReplicas(): Promise<number | undefined> {
    const path = '/apis/apps/v1/namespaces/default/statefulsets/echo'
    const set = (await cluster.api.must({ path })) as {
      readonly status: { readonly readyReplicas?: number }
    }
    return set.status.readyReplicas
  }
  const inside = (pod: string, script: string): Promise<string> =>
    cluster.mustRun('kubectl', ['exec', pod, '--', '/usr/local/bin/node', '-e', script])

  test('run pods of the image as a user without rights, on a file system that cannot be written', async () => {
    const script =
      "console.log(process.getuid()); try { require('node:fs').writeFileSync('/app/x', '') } catch (error) { console.log(error.code) }"
    assert.equal(await inside('echo-0', script), '65532\nEROFS\n')
  })

  test('spread them, and show their logs', async () => {
    const text = await cluster.mustRun('kubectl', ['get', 'pods', '-o', 'wide'])
    assert.match(text, /node-1/)
    assert.match(text, /node-2/)
    assert.equal(await cluster.mustRun('kubectl', ['logs', 'echo-1']), 'listening\n')
  })

  test('let them find each other by name, and a service by its own', async () => {
    const ask = (host: string): Promise<string> =>
      inside('echo-0', `fetch('http://${host}:8080').then((a) => a.text()).then(console.log)`)
    assert.equal(await ask('echo-1.echo.default.svc.cluster.local'), 'echo-1\n')
    assert.match(await ask('echo'), /^echo-[01]\n$/)
  })

  test('keep the disk of a pod that is replaced', async () => {
    await inside('echo-1', "require('node:fs').writeFileSync('/data/mark', 'kept')")
    await cluster.mustRun('kubectl', ['delete', 'pod', 'echo-1'])
    await waitUntil('both pods again', POD_MAX_MS, async () => (await readyReplicas()) === 2)
    const read = "console.log(require('node:fs').readFileSync('/data/mark', 'utf8'))"
    assert.equal(await inside('echo-1', read), 'kept\n')
  })
})

test('nothing is left of a cluster with nodes: no namespace, no mount, no process, no control group', async () => {
  let prefix = ''
  let folder = ''
  {
    await using cluster = await startCluster({ name: 'gone', realNodes: { count: 1, images: [] } })
    prefix = cluster.nodes?.prefix ?? ''
    folder = cluster.folder
    assert.ok((await namespaces()).some((name) => name.startsWith(prefix)))
  }
  assert.deepEqual(
    (await namespaces()).filter((name) => name.startsWith(prefix)),
    [],
  )
  assert.equal(
    (await readdir('/sys/fs/cgroup/memory')).filter((name) => name.startsWith(prefix)).length,
    0,
  )
  assert.equal(folder === '', false)
})

function namespaces(): Promise<readonly string[]> {
  return readdir('/run/netns')
}

const labels = { app: 'echo' }
const securityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}
const echo = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'echo' },
      spec: { clusterIP: 'None', selector: labels, ports: [{ port: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'echo' },
      spec: {
        replicas: 2,
        serviceName: 'echo',
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 5,
            securityContext: { fsGroup: 65_532 },
            containers: [
              {
                name: 'main',
                image: SHARDNET_IMAGE,
                args: ['-e', SERVER],
                securityContext,
                readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
                resources: { limits: { memory: '128Mi' } },
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    },
  ],
}
