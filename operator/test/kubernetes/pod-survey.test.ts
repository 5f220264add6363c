import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { goldenTestnet } from '../../src/objects/golden.ts'
import { ApiClient } from '../../src/kubernetes/api-client.ts'
import { surveyPods } from '../../src/kubernetes/pod-survey.ts'
import { planTestnet } from '../../src/plan/plan-testnet.ts'
import { NOTHING_OBSERVED } from '../../src/plan/observed.ts'
import { FakeApiServer } from './fake-api-server.ts'

const PODS = '/api/v1/namespaces/default/pods'
/** Another order than the API server's: columns are found by name. */
const COLUMNS = ['Node', 'Name', 'Ready', 'Status'].map((name) => ({ name }))

type Row = readonly [node: string, name: string, ready: string, status: string]

/** Takes a survey of pods that an API server tells as a table. */
async function survey(context: TestContext, rows: readonly Row[], gone: readonly string[] = []) {
  const server = await FakeApiServer.start()
  context.after(() => server.stop())
  for (const [, name] of rows) {
    if (gone.includes(name)) continue
    const metadata = { name, namespace: 'default' }
    server.put(`${PODS}/${name}`, { apiVersion: 'v1', kind: 'Pod', metadata })
  }
  server.interfere = (_method, path) => {
    if (path !== PODS) return null
    const body = { columnDefinitions: COLUMNS, rows: rows.map((cells) => ({ cells })) }
    return { status: 200, body }
  }
  const [shard] = planTestnet(goldenTestnet(), NOTHING_OBSERVED).shards
  assert.ok(shard !== undefined)
  const found = await surveyPods(new ApiClient(server.access), 'default', shard)
  const read = server.requests.filter((request) => request.startsWith(`GET ${PODS}/`))
  return { ...found, names: found.suspects.map(({ metadata }) => metadata.name), read }
}

test('pods that work or are on their way are counted, and not read', async (context) => {
  const { count, machines, read } = await survey(context, [
    ['one', 'demo-0', '1/1', 'Running'],
    ['two', 'demo-1', '0/1', 'Running'],
    ['two', 'demo-2', '0/1', 'ContainerCreating'],
    ['one', 'demo-3', '0/1', 'Pending'],
  ])
  assert.equal(count, 4)
  assert.deepEqual([...machines.values()], ['one', 'two', 'two', 'one'])
  assert.deepEqual(read, [])
})

test('of each kind of trouble a few pods are read', async (context) => {
  const { count, machines, names } = await survey(context, [
    ['one', 'demo-0', '0/1', 'CrashLoopBackOff'],
    ['<none>', 'demo-1', '0/1', 'Pending'],
    ...[2, 3, 4, 5].map((index): Row => ['two', `demo-${index}`, '0/1', 'ImagePullBackOff']),
  ])
  assert.equal(count, 6)
  assert.equal(machines.size, 5)
  assert.deepEqual(names, ['demo-0', 'demo-1', 'demo-2', 'demo-3', 'demo-4'])
})

test('one that is gone since is left out', async (context) => {
  const rows: readonly Row[] = [['one', 'demo-0', '0/1', 'ErrImagePull']]
  const { count, suspects } = await survey(context, rows, ['demo-0'])
  assert.equal(count, 1)
  assert.deepEqual(suspects, [])
})
