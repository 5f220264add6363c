import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCall } from '../cluster/api-proxy/api-call.ts'
import {
  isLackOf,
  nameOfRight,
  rightsIn,
  rightsOfCall,
  type Rule,
  without,
} from '../operator/rights-seen.ts'

const rules: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['create', 'patch'] },
]
const apply = readCall(
  'PATCH',
  '/apis/apps/v1/namespaces/one/statefulsets/demo?fieldManager=me',
  'application/apply-patch+yaml',
)
const log = readCall('GET', '/api/v1/namespaces/one/pods/demo/log', '')

test('an apply that made its object needed the right to create it, another one did not', () => {
  assert.deepEqual(rightsOfCall(apply, 200).map(nameOfRight), ['patch apps/statefulsets'])
  assert.deepEqual(rightsOfCall(apply, 201).map(nameOfRight), [
    'patch apps/statefulsets',
    'create apps/statefulsets',
  ])
  assert.deepEqual(rightsOfCall(log, 200).map(nameOfRight), ['get /pods/log'])
})

test('rights are taken away one verb at a time', () => {
  const all = rightsIn(rules)
  assert.deepEqual(all.map(nameOfRight), [
    'get /pods/log',
    'create apps/statefulsets',
    'patch apps/statefulsets',
  ])
  for (const right of all)
    assert.deepEqual(
      rightsIn(without(rules, right)),
      all.filter((each) => each !== right),
    )
  // The API server refuses a rule without verbs.
  assert.deepEqual(
    without(rules, { resource: '/pods/log', verb: 'get' }).map(({ resources }) => resources[0]),
    ['statefulsets'],
  )
})

test('a refusal is put down to the right that was lacking', () => {
  const [get, create, patch] = rightsIn(rules)
  assert.ok(get !== undefined && create !== undefined && patch !== undefined)
  assert.deepEqual(
    [get, create, patch].map((right) => isLackOf(right, apply)),
    [false, true, true],
  )
  assert.deepEqual(
    [get, create, patch].map((right) => isLackOf(right, log)),
    [true, false, false],
  )
})
