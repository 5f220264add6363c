import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiClient } from '../../src/kubernetes/api-client.ts'
import { Lease } from '../../src/kubernetes/lease.ts'
import { RESOURCES } from '../../src/kubernetes/resource.ts'
import { DeposedError, Writer } from '../../src/kubernetes/writer.ts'
import type { KubernetesObject } from '../../src/objects/kubernetes-object.ts'
import { FakeApiServer } from './fake-api-server.ts'

const PATH = '/apis/coordination.k8s.io/v1/namespaces/default/leases/operator'
/** Whole seconds, as a Lease has them. */
const TIMING = { durationMs: 2_000, renewDeadlineMs: 1_000, retryMs: 100 }

async function serverFor(context: TestContext): Promise<FakeApiServer> {
  const server = await FakeApiServer.start()
  context.after(() => server.stop())
  return server
}

function leaseOf(server: FakeApiServer, identity: string): Lease {
  return new Lease({
    client: new ApiClient(server.access),
    namespace: 'default',
    name: 'operator',
    identity,
    onError: () => undefined,
    timing: TIMING,
  })
}

function holderOf(server: FakeApiServer): unknown {
  const spec = server.get(PATH)?.['spec'] as { holderIdentity?: string } | undefined
  return spec?.holderIdentity
}

test('of two that want it at once, one holds it; released, the other has it soon', async (context) => {
  const server = await serverFor(context)
  const [one, two] = [leaseOf(server, 'one'), leaseOf(server, 'two')]
  const first = await Promise.race([
    one.acquire(() => undefined).then(() => one),
    two.acquire(() => undefined).then(() => two),
  ])
  const other = first === one ? two : one
  assert.ok(first.isHeld)
  assert.ok(!other.isHeld)
  await first.release()
  assert.ok(!first.isHeld)
  await waitFor(() => other.isHeld)
  await other.release()
})

test('the holder goes on holding it, longer than a lease lasts', async (context) => {
  const server = await serverFor(context)
  const lease = leaseOf(server, 'one')
  let isLost = false
  await lease.acquire(() => (isLost = true))
  await delay(TIMING.durationMs + 500)
  assert.ok(lease.isHeld)
  assert.equal(isLost, false)
  await lease.release()
})

test('a holder that is cut off stops before another begins', async (context) => {
  const server = await serverFor(context)
  const [old, young] = [leaseOf(server, 'old'), leaseOf(server, 'young')]
  let isCut = false
  const lost = new Promise<void>((resolve) => {
    void old.acquire(() => resolve())
  })
  await waitFor(() => old.isHeld)
  // Only the old one's updates fail; both may read.
  server.interfere = (method) =>
    isCut && method === 'PUT' && holderOf(server) === 'old' ? { status: 500 } : null
  isCut = true
  const taken = young.acquire(() => undefined)
  await lost
  assert.ok(!old.isHeld)
  assert.ok(!young.isHeld, 'there is a time in which nobody writes')
  isCut = false
  await taken
  assert.equal(holderOf(server), 'young')
  await Promise.all([old.release(), young.release()])
  assert.notEqual(holderOf(server), 'old')
})

test('a deposed leader writes nothing, and a decision on an old state changes nothing', async (context) => {
  const server = await serverFor(context)
  let mayWrite = true
  const client = new ApiClient(server.access)
  const stale: string[] = []
  const writer = new Writer({
    client,
    manager: 'test',
    mayWrite: () => mayWrite,
    onStale: async ({ metadata }) => void stale.push(metadata.name),
  })
  const { apiVersion, kind } = RESOURCES.configMaps
  const map: KubernetesObject = { apiVersion, kind, metadata: { name: 'm', namespace: 'default' } }
  const path = '/api/v1/namespaces/default/configmaps/m'
  const applied = await writer.apply(map)
  server.put(path, { ...map, data: { from: 'another' } })
  await assert.rejects(writer.apply(map, applied.metadata), { reason: 'Conflict' })
  assert.deepEqual(server.get(path)?.['data'], { from: 'another' })
  assert.deepEqual(stale, ['m'], 'the copy of it is read anew')

  mayWrite = false
  const before = server.requests.length
  const writes = [
    writer.apply(map),
    writer.create(map),
    writer.remove(map),
    writer.applyStatus(map, {}),
    writer.setFinalizers(map, []),
    writer.evict({ name: 'p', namespace: 'default' }),
  ]
  for (const write of writes) await assert.rejects(write, DeposedError)
  assert.equal(server.requests.length, before, 'not even a request')
})

async function waitFor(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (holds()) return
    await delay(10)
  }
  assert.fail('it never came')
}
