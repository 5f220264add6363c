import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ApiClient } from '../../src/kubernetes/api-client.ts'
import type { ApiError } from '../../src/kubernetes/api-error.ts'
import { Informer, type InformerTiming } from '../../src/kubernetes/informer.ts'
import { RESOURCES } from '../../src/kubernetes/resource.ts'
import { WatchedList } from '../../src/kubernetes/watched-list.ts'
import type { KubernetesObject } from '../../src/objects/kubernetes-object.ts'
import { FakeApiServer } from './fake-api-server.ts'

const COLLECTION = '/apis/shardnet.dev/v1alpha1/namespaces/default/shards'
const QUICK: InformerTiming = {
  watchMs: 60_000,
  silentMs: 60_000,
  resyncMs: 60_000,
  backOffMs: 5,
  backOffMsMax: 20,
}

function shard(name: string, size = 1): KubernetesObject {
  const { apiVersion, kind } = RESOURCES.shards
  return { apiVersion, kind, metadata: { name, namespace: 'default', uid: name }, spec: { size } }
}

async function follow(context: TestContext, timing: Partial<InformerTiming> = {}) {
  const server = await FakeApiServer.start()
  context.after(() => server.stop())
  const changes: string[] = []
  const errors: ApiError[] = []
  const informer = new Informer({
    client: new ApiClient(server.access),
    resource: RESOURCES.shards,
    namespace: 'default',
    onChange: (key) => changes.push(key),
    onError: (error) => errors.push(error),
    timing: { ...QUICK, ...timing },
  })
  context.after(() => informer.stop())
  return { server, informer, changes, errors }
}

/** Waits until something holds, which it does unless the code is wrong. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (holds()) return
    await delay(10)
  }
  assert.fail(`never came: ${what}`)
}

test('a copy follows what others do', async (context) => {
  const { server, informer, changes } = await follow(context)
  server.put(`${COLLECTION}/one`, shard('one'))
  informer.start()
  await informer.synced()
  assert.deepEqual(changes, ['default/one'])
  await until(() => server.watches === 1, 'a watch')
  server.put(`${COLLECTION}/two`, shard('two'))
  server.remove(`${COLLECTION}/one`)
  await until(() => informer.get('default/one') === undefined, 'the deletion')
  assert.deepEqual(
    informer.all().map(({ metadata }) => metadata.name),
    ['two'],
  )
  assert.equal(informer.get('default/two')?.kind, 'Shard', 'items of lists say their kind too')
})

test('lists that fail are tried until one does not; with pages, all of it is there', async (context) => {
  const { server, informer, errors } = await follow(context)
  for (let index = 0; index < 1_201; index++)
    server.put(`${COLLECTION}/s${index}`, shard(`s${index}`), false)
  let failures = 0
  server.interfere = () => (failures++ < 3 ? { status: failures === 2 ? 403 : 500 } : null)
  informer.start()
  await informer.synced()
  assert.equal(errors.length, 3)
  assert.equal(informer.all().length, 1_201)
})

test('a watch that is cut loses nothing: what was missed comes out of the next list', async (context) => {
  const { server, informer, changes } = await follow(context)
  server.put(`${COLLECTION}/gone`, shard('gone'))
  informer.start()
  await until(() => server.watches === 1, 'a watch')
  server.put(`${COLLECTION}/missed`, shard('missed'), false)
  server.remove(`${COLLECTION}/gone`, false)
  server.cutWatches()
  await until(() => changes.includes('default/missed'), 'what the watch did not tell')
  assert.equal(informer.get('default/gone'), undefined)
  assert.equal(changes.filter((key) => key === 'default/gone').length, 2, 'it came, and it went')
})

test('a version that is too old is followed by a list at once', async (context) => {
  const { server, informer, errors } = await follow(context)
  server.put(`${COLLECTION}/one`, shard('one'))
  informer.start()
  await until(() => server.watches === 1, 'a watch')
  server.put(`${COLLECTION}/two`, shard('two'), false)
  server.forgottenBelow = 3
  server.endWatches()
  await until(() => informer.get('default/two') !== undefined, 'what was told while nobody watched')
  assert.deepEqual(
    errors.map(({ status }) => status),
    [410],
  )
})

test('a watch that says nothing, not even a bookmark, is cut', async (context) => {
  const { server, informer } = await follow(context, { silentMs: 200 })
  server.isSilent = true
  server.put(`${COLLECTION}/one`, shard('one'))
  informer.start()
  await informer.synced()
  server.put(`${COLLECTION}/two`, shard('two'))
  await until(
    () => informer.get('default/two') !== undefined,
    'what the silent watch kept to itself',
  )
})

test('everything is told again from time to time, in case somebody overlooked it', async (context) => {
  const { server, informer, changes } = await follow(context, { resyncMs: 30 })
  server.put(`${COLLECTION}/one`, shard('one'))
  informer.start()
  await until(() => changes.length >= 4, 'the same object again')
})

test('an answer to a write of ours counts until the watch tells something newer', async (context) => {
  const { server, informer } = await follow(context)
  server.put(`${COLLECTION}/one`, shard('one', 1))
  informer.start()
  await informer.synced()
  const old = informer.get('default/one')
  assert.ok(old)
  informer.note({ ...shard('one', 2), metadata: { ...old.metadata, resourceVersion: '900' } })
  informer.note(old)
  assert.deepEqual(
    informer.get('default/one')?.['spec'],
    { size: 2 },
    'an older one changes nothing',
  )
})

test('what we wrote ourselves is told at once, and not again by its event', async (context) => {
  const { server, informer, changes } = await follow(context)
  informer.start()
  await until(() => server.watches === 1, 'a watch')
  const written = { ...shard('one'), metadata: { ...shard('one').metadata, resourceVersion: '2' } }
  informer.note(written)
  assert.deepEqual(changes, ['default/one'])
  server.put(`${COLLECTION}/one`, shard('one'))
  server.put(`${COLLECTION}/two`, shard('two'))
  await until(() => informer.get('default/two') !== undefined, 'the second one')
  assert.deepEqual(changes, ['default/one', 'default/two'])
})

test('what a watch did not tell of is known after one object was read anew', async (context) => {
  const { server, informer, changes } = await follow(context)
  for (const name of ['one', 'two', 'three']) server.put(`${COLLECTION}/${name}`, shard(name))
  informer.start()
  await informer.synced()
  await until(() => server.watches === 1, 'a watch')
  server.put(`${COLLECTION}/one`, shard('one', 2), false)
  server.remove(`${COLLECTION}/two`, false)
  changes.length = 0
  for (const name of ['one', 'two', 'three', 'none']) await informer.refresh('default', name)
  assert.deepEqual(informer.get('default/one')?.['spec'], { size: 2 })
  assert.equal(informer.get('default/two'), undefined)
  assert.notEqual(informer.get('default/three'), undefined)
  assert.deepEqual(changes, ['default/one', 'default/two'])
})

test('an object that a list did not have yet stays', () => {
  const list = new WatchedList()
  const one = shard('one')
  list.put({ ...one, metadata: { ...one.metadata, resourceVersion: '10' } })
  assert.equal(list.removeAt('default/one', '9'), undefined)
  assert.notEqual(list.get('default/one'), undefined)
  assert.notEqual(list.removeAt('default/one', '10'), undefined)
  assert.equal(list.get('default/one'), undefined)
})
