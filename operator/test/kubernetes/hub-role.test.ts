import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { stringify } from 'yaml'
import { ClusterSession, OURS } from '../../src/kubernetes/cluster-session.ts'
import { EventRecorder } from '../../src/kubernetes/event-recorder.ts'
import { HubRole } from '../../src/kubernetes/hub-role.ts'
import { TESTNET_UID } from '../../src/kubernetes/hub-world.ts'
import { OperatorMetrics } from '../../src/kubernetes/operator-metrics.ts'
import { RESOURCES } from '../../src/kubernetes/resource.ts'
import type { KubernetesObject } from '../../src/objects/kubernetes-object.ts'
import { testnetLabels } from '../../src/objects/labels.ts'
import { FakeApiServer } from './fake-api-server.ts'

const OWN = '/apis/shardnet.dev/v1alpha1/namespaces/default'
const TESTNET = `${OWN}/testnets/demo`
const MAPS = '/api/v1/namespaces/default/configmaps'
const GENESIS = `${MAPS}/demo-g1-genesis-0`
const BOOK = `${MAPS}/demo-g1-peers`
const POLICY = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/demo-g1'
const CLUSTERS = ['east', 'west'] as const

/** A hub at work on a Testnet of two shards, one in each of two other clusters. */
async function startHub(context: TestContext) {
  const [hub, east, west] = await Promise.all([0, 1, 2].map(() => FakeApiServer.start()))
  assert.ok(hub !== undefined && east !== undefined && west !== undefined)
  for (const [index, server] of [east, west].entries()) {
    server.interfere = (_method, path) =>
      path === '/version' ? { status: 200, body: { gitVersion: 'v1.36.1' } } : null
    joinCluster(hub, CLUSTERS[index] ?? '', server)
  }
  hub.put(TESTNET, testnet('one'))
  const cacheFolder = await mkdtemp(join(tmpdir(), 'shardnet-hub-'))
  const metrics = new OperatorMetrics()
  const mayWrite = () => true
  const sessions = { metrics, mayWrite, instead: undefined, onError: () => undefined }
  const session = new ClusterSession({ ...sessions, access: hub.access, namespaces: ['default'] })
  const told = { reporter: 'test', instance: 'test', mayWrite, onError: () => undefined }
  const events = new EventRecorder({ client: session.client, ...told })
  const shards = session.follow(RESOURCES.shards, { labelSelector: OURS })
  const logger = pino({ level: 'silent' })
  const role = new HubRole(
    {
      ...{ session, metrics, events, logger, workers: 2, defaultImage: 'image', cacheFolder },
      ...{ sessions, nodePorts: { port: 30_000, endPort: 32_767 } },
    },
    shards,
  )
  context.after(async () => {
    await role.stop()
    await session.stop()
    for (const server of [hub, east, west]) await server.stop()
    await rm(cacheFolder, { recursive: true })
  })
  session.start()
  await session.synced()
  role.begin()
  await until(() => east.get(BOOK) !== undefined && west.get(BOOK) !== undefined, 'both books')
  return { hub, east, west }
}

function testnet(uid: string): KubernetesObject {
  const { apiVersion, kind } = RESOURCES.testnets
  const spec = {
    shards: 2,
    validatorsPerShard: 4,
    genesis: { seed: 'demo', accountsPerShard: 10 },
    placement: { clusters: CLUSTERS.map((name) => ({ name })) },
  }
  const creationTimestamp = new Date().toISOString()
  const metadata = { name: 'demo', namespace: 'default', uid, creationTimestamp, generation: 1 }
  return { apiVersion, kind, metadata, spec }
}

/** A Cluster object, and the Secret with the way to it. */
function joinCluster(hub: FakeApiServer, name: string, { access }: FakeApiServer): void {
  const kubeconfig = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: access.server, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: { token: 'token' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
  hub.put(`/api/v1/namespaces/default/secrets/${name}`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default', uid: name },
    data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') },
  })
  hub.put(`${OWN}/clusters/${name}`, {
    ...{ apiVersion: 'shardnet.dev/v1alpha1', kind: 'Cluster' },
    metadata: { name, namespace: 'default', uid: name, generation: 1 },
    spec: { kubeconfigSecret: { name } },
  })
}

/** Waits until something holds, which it does unless the code is wrong. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (holds()) return
    await delay(10)
  }
  assert.fail(`never came: ${what}`)
}

function bookIn(server: FakeApiServer): string {
  const data = server.get(BOOK)?.['data'] as Readonly<Record<string, string>> | undefined
  return data?.['peers.json'] ?? ''
}

function writesTo(server: FakeApiServer, path: string): number {
  return server.requests.filter((request) => request === `PATCH ${path}`).length
}

/** What a member says of its Shard once its gateways have ports. */
function reportGateway(server: FakeApiServer, shard: string, address: string): void {
  const path = `${OWN}/shards/${shard}`
  const object = server.get(path) as KubernetesObject
  server.put(path, { ...object, status: { gateways: [{ validator: 0, address }] } })
}

test('what a network has in another cluster is put back when somebody takes or changes it there, and not written otherwise', async (context) => {
  const { east, west } = await startHub(context)
  reportGateway(west, 'demo-g1-shard-1', '10.0.0.2:30001')
  await until(() => bookIn(east).includes('10.0.0.2:30001'), 'the gateway in the book')
  const paths = [GENESIS, POLICY, BOOK]
  const written = paths.map((path) => writesTo(east, path))
  assert.deepEqual(written.slice(0, 2), [1, 1], 'once each')

  for (const path of paths) {
    east.remove(path)
    await until(() => east.get(path) !== undefined, `${path} again`)
  }
  const book = bookIn(east)
  east.put(BOOK, { ...(east.get(BOOK) as KubernetesObject), data: { 'peers.json': '{}' } })
  await until(() => bookIn(east) === book, 'the book as it was')
  assert.deepEqual(
    paths.map((path) => writesTo(east, path)),
    written.map((count, index) => count + (paths[index] === BOOK ? 2 : 1)),
  )
})

test('an address book that another operator wrote since we looked is looked at again before it is written', async (context) => {
  const { east, west } = await startHub(context)
  const { interfere } = east
  let versions: readonly unknown[] = []
  east.interfere = (method, path, query) => {
    if (method === 'PATCH' && path === BOOK) {
      east.interfere = interfere
      const found = east.get(BOOK) as KubernetesObject
      east.put(BOOK, { ...found, data: { 'peers.json': '{}' } })
      versions = [found, east.get(BOOK)].map((each) => each?.metadata.resourceVersion)
    }
    return interfere(method, path, query)
  }
  const written = writesTo(east, BOOK)
  reportGateway(west, 'demo-g1-shard-1', '10.0.0.2:30001')
  await until(() => bookIn(east).includes('10.0.0.2:30001'), 'the gateway in the book')
  assert.notEqual(versions[0], versions[1])
  assert.equal(writesTo(east, BOOK) - written, 2, 'refused once')
})

test('what comes to another cluster after its network was removed is taken out again', async (context) => {
  const { hub, east } = await startHub(context)
  const uid = 'one'
  const late = (generation: number): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `demo-g${generation}-peers`,
      namespace: 'default',
      labels: { ...testnetLabels('demo'), 'shardnet.dev/generation': String(generation) },
      annotations: { [TESTNET_UID]: uid },
    },
    data: { 'peers.json': '{}' },
  })
  const other = `${MAPS}/demo-g7-peers`
  east.put(other, late(7))
  await until(() => east.get(other) === undefined, 'the end of a book of no generation')
  assert.notEqual(east.get(BOOK), undefined, 'that of this one stays')

  const object = hub.get(TESTNET) as KubernetesObject
  const deletionTimestamp = new Date().toISOString()
  hub.put(TESTNET, { ...object, metadata: { ...object.metadata, deletionTimestamp } })
  const finalizers = (): readonly string[] => hub.get(TESTNET)?.metadata.finalizers ?? []
  await until(() => finalizers().length === 0, 'the end of all that was made')
  hub.remove(TESTNET)
  east.put(BOOK, late(1))
  await until(() => east.get(BOOK) === undefined, 'the end of a book of no testnet')
})

test('a testnet comes to its end although nothing tells of that of its genesis', async (context) => {
  const { hub } = await startHub(context)
  hub.interfere = (method, path) => {
    if (method !== 'DELETE' || path !== GENESIS || hub.get(GENESIS) === undefined) return null
    hub.remove(GENESIS, false)
    return { status: 200 }
  }
  const object = hub.get(TESTNET) as KubernetesObject
  const deletionTimestamp = new Date().toISOString()
  hub.put(TESTNET, { ...object, metadata: { ...object.metadata, deletionTimestamp } })
  await until(() => hub.get(TESTNET)?.metadata.finalizers?.length === 0, 'its end')
})

test('what another hub has in the same cluster is left alone', async (context) => {
  const { east } = await startHub(context)
  const path = `${MAPS}/other-g1-peers`
  east.put(path, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'other-g1-peers',
      namespace: 'default',
      labels: { ...testnetLabels('other'), 'shardnet.dev/generation': '1' },
      annotations: { [TESTNET_UID]: 'another' },
    },
    data: { 'peers.json': '{}' },
  })
  east.remove(POLICY)
  await until(() => east.get(POLICY) !== undefined, 'another look')
  assert.notEqual(east.get(path), undefined)
})
