import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiClient } from '../../src/kubernetes/api-client.ts'
import { Refusals } from '../../src/kubernetes/refusals.ts'
import { FakeApiServer } from './fake-api-server.ts'

const EVENTS = '/api/v1/namespaces/default/events'

function complaint(server: FakeApiServer, event: string, set: string, message: string): void {
  const lastTimestamp = `2026-11-26T10:00:0${event}Z`
  const metadata = { name: event, namespace: 'default' }
  const involvedObject = { kind: 'StatefulSet', name: set }
  const object = { apiVersion: 'v1', kind: 'Event', metadata, involvedObject }
  server.put(`${EVENTS}/${event}`, { ...object, message, lastTimestamp })
}

test('one question answers for all sets of a namespace: the newest complaint of each', async (context) => {
  const server = await FakeApiServer.start()
  context.after(() => server.stop())
  complaint(server, '2', 'one', 'newer')
  complaint(server, '1', 'one', 'older')
  complaint(server, '3', 'two', 'of another')
  const selectors: (string | null)[] = []
  server.interfere = (_method, _path, query) => {
    selectors.push(query.get('fieldSelector'))
    return null
  }
  const refusals = new Refusals(new ApiClient(server.access, { onCall: () => undefined }))
  const asked = ['one', 'two', 'three'].map((set) => refusals.of('default', set))
  assert.deepEqual(await Promise.all(asked), ['newer', 'of another', null])
  assert.deepEqual(selectors, ['involvedObject.kind=StatefulSet,reason=FailedCreate'])
})

test('a question that failed is asked again', async (context) => {
  const server = await FakeApiServer.start()
  context.after(() => server.stop())
  complaint(server, '1', 'one', 'no room')
  server.interfere = () => ({ status: 500 })
  const refusals = new Refusals(new ApiClient(server.access, { onCall: () => undefined }))
  await assert.rejects(refusals.of('default', 'one'))
  server.interfere = () => null
  assert.equal(await refusals.of('default', 'one'), 'no room')
})
