import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isWrite, labelOf, readCall } from '../cluster/api-proxy/api-call.ts'

const json = 'application/json'
const set = '/apis/apps/v1/namespaces/demo/statefulsets'

describe('a request is read as the API server reads it', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['GET', '/api/v1/namespaces/demo', json, 'get namespaces demo'],
    ['GET', '/api/v1/namespaces/demo/pods', json, 'list pods demo/'],
    ['GET', '/api/v1/pods?watch=true', json, 'watch pods'],
    ['GET', `${set}?watch=1&resourceVersion=7`, json, 'watch statefulsets.apps demo/'],
    [
      'PATCH',
      `${set}/a?force=true`,
      'application/apply-patch+yaml',
      'apply statefulsets.apps demo/a',
    ],
    [
      'PATCH',
      `${set}/a/status`,
      'application/merge-patch+json',
      'patch statefulsets.apps demo/a status',
    ],
    [
      'PUT',
      '/apis/coordination.k8s.io/v1/namespaces/s/leases/l',
      json,
      'update leases.coordination.k8s.io s/l',
    ],
    ['DELETE', `${set}/a`, json, 'delete statefulsets.apps demo/a'],
    ['DELETE', set, json, 'deletecollection statefulsets.apps demo/'],
    ['PUT', '/api/v1/namespaces/demo/status', json, 'update namespaces demo status'],
    ['GET', '/version', json, 'get /version'],
    ['GET', '/apis', json, 'get /apis'],
  ]
  for (const [method, url, type, label] of cases)
    test(`${method} ${url}`, () => assert.equal(labelOf(readCall(method, url, type)), label))
})

test('a creation goes by the name in its body, an event by what it says of whom', () => {
  const named = readCall('POST', set, json, { metadata: { name: 'a' } })
  assert.equal(labelOf(named), 'create statefulsets.apps demo/a')
  const regarding = { kind: 'Testnet', name: 'demo' }
  const event = { metadata: { name: 'demo.17af' }, reason: 'Ready', regarding }
  const said = readCall('POST', '/apis/events.k8s.io/v1/namespaces/demo/events', json, event)
  assert.equal(labelOf(said), 'create events.events.k8s.io demo/Ready of Testnet/demo')
})

test('reading is no write, changing is one', () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    assert.equal(isWrite(readCall(method, `${set}/a`, json)), true, method)
  for (const url of [set, `${set}/a`, `${set}?watch=true`])
    assert.equal(isWrite(readCall('GET', url, json)), false, url)
})
