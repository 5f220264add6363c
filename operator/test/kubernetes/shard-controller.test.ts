import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { Shard } from '../../src/api/door.ts'
import { shardSpec } from '../../src/api/rules.ts'
import type { ShardStatus } from '../../src/api/testnet-status.ts'
import { ClusterSession, OURS } from '../../src/kubernetes/cluster-session.ts'
import { EventRecorder } from '../../src/kubernetes/event-recorder.ts'
import { memberRole } from '../../src/kubernetes/member-role.ts'
import { OperatorMetrics } from '../../src/kubernetes/operator-metrics.ts'
import { RESOURCES } from '../../src/kubernetes/resource.ts'
import type { KubernetesObject } from '../../src/objects/kubernetes-object.ts'
import { LABEL, MANAGED_BY } from '../../src/objects/labels.ts'
import { FakeApiServer } from './fake-api-server.ts'

const NAME = 'demo-g1-shard-0'
const SHARD = `/apis/shardnet.dev/v1alpha1/namespaces/default/shards/${NAME}`
const SECRET = `/api/v1/namespaces/default/secrets/${NAME}-keys`
const SET = `/apis/apps/v1/namespaces/default/statefulsets/${NAME}`
const BUDGET = `/apis/policy/v1/namespaces/default/poddisruptionbudgets/${NAME}`
const PODS = 'GET /api/v1/namespaces/default/pods'
const VALIDATORS = 4
const ALL_READY = {
  replicas: VALIDATORS,
  updatedReplicas: VALIDATORS,
  readyReplicas: VALIDATORS,
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** A member at work on one Shard, whose keys are there. */
async function startMember(context: TestContext) {
  const server = await FakeApiServer.start()
  const spec = shardSpec({})
  const { apiVersion, kind } = RESOURCES.shards
  Shard.parse({ apiVersion, kind, metadata: { name: NAME }, spec })
  const labels = { 'app.kubernetes.io/managed-by': MANAGED_BY, [LABEL.testnet]: 'demo' }
  const creationTimestamp = new Date().toISOString()
  const metadata = { name: NAME, namespace: 'default', uid: 'one', labels, creationTimestamp }
  server.put(SHARD, { apiVersion, kind, metadata: { ...metadata, generation: 1 }, spec })
  server.put(SECRET, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${NAME}-keys`, namespace: 'default', uid: 'keys' },
    data: { secret: base64('secret'), births: base64('open') },
  })
  const metrics = new OperatorMetrics()
  const logger = pino({ level: 'silent' })
  const mayWrite = () => true
  const session = new ClusterSession({
    access: server.access,
    namespaces: ['default'],
    metrics,
    mayWrite,
    instead: undefined,
    onError: () => undefined,
  })
  const { client } = session
  const told = { reporter: 'test', instance: 'test', mayWrite, onError: () => undefined }
  const events = new EventRecorder({ client, ...told })
  const shards = session.follow(RESOURCES.shards, { labelSelector: OURS })
  const shared = { session, metrics, events, logger, workers: 2, defaultImage: 'image' }
  const roles = memberRole(shared, shards)
  context.after(async () => {
    await Promise.all(roles.map((role) => role.stop()))
    await session.stop()
    await server.stop()
  })
  session.start()
  await session.synced()
  for (const role of roles) role.begin()
  return server
}

/** Waits until something holds, which it does unless the code is wrong. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (holds()) return
    await delay(10)
  }
  assert.fail(`never came: ${what}`)
}

function statusOf(server: FakeApiServer): Partial<ShardStatus> {
  return server.get(SHARD)?.['status'] ?? {}
}

function isTrue(server: FakeApiServer, type: string): boolean {
  const { conditions = [] } = statusOf(server)
  return conditions.some((each) => each.type === type && each.status === 'True')
}

/** What the cluster's controller says of the set once so many of its pods are ready. */
function becomeReady(server: FakeApiServer, ready: number): void {
  const set = server.get(SET) as KubernetesObject
  server.put(SET, { ...set, status: { ...ALL_READY, readyReplicas: ready } })
}

function birthsIn(server: FakeApiServer): string {
  const data = server.get(SECRET)?.['data'] as Readonly<Record<string, string>>
  return Buffer.from(data['births'] ?? '', 'base64').toString()
}

test('a set whose validators come one by one costs two statuses, no list of pods and no event', async (context) => {
  const server = await startMember(context)
  await until(() => server.get(SET) !== undefined, 'the set')
  await until(() => isTrue(server, 'Progressing'), 'that it is on its way')
  for (let ready = 1; ready < VALIDATORS; ready++) {
    assert.equal(server.get(BUDGET), undefined, 'it would allow nothing yet')
    becomeReady(server, ready)
    await delay(50)
  }
  await until(() => server.get(BUDGET) !== undefined, 'the budget: one may be away')
  assert.equal(birthsIn(server), 'open')
  becomeReady(server, VALIDATORS)
  await until(() => isTrue(server, 'Ready'), 'Ready')
  const calls = (what: string) => server.requests.filter((request) => request === what).length
  assert.equal(calls(`PATCH ${SHARD}/status`), 2)
  assert.equal(calls(PODS), 0)
  assert.deepEqual(
    server.requests.filter((request) => request.startsWith('POST')),
    [],
  )
})

test('births are closed and the budget is there before it is said that a shard was born, whenever its last validator came', async (context) => {
  const server = await startMember(context)
  await until(() => isTrue(server, 'Progressing'), 'that it is on its way')
  const set = server.get(SET) as KubernetesObject
  server.interfere = (method, path) => {
    if (method !== 'PATCH' || path !== SET) return null
    // By the time of the answer all are ready: the member looks at it in the middle of what it does.
    server.interfere = () => null
    server.put(SET, { ...set, status: ALL_READY })
    return { status: 200, body: server.get(SET) ?? {} }
  }
  server.remove(SET)
  await until(() => statusOf(server).born === true, 'its birth')
  assert.equal(birthsIn(server), 'closed')
  const told = server.requests.lastIndexOf(`PATCH ${SHARD}/status`)
  for (const path of [BUDGET, SECRET]) {
    const made = server.requests.indexOf(`PATCH ${path}`)
    assert.ok(made >= 0 && made < told, `${path} was written before it was told`)
  }
})
