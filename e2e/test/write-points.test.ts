import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApiCall } from '../cluster/api-proxy/api-call.ts'
import { holdAt, killAt, killPoints, nameOf, writesOf } from '../operator/write-points.ts'

const call = (verb: ApiCall['verb'], resource: string, rest: Partial<ApiCall> = {}): ApiCall => ({
  verb,
  group: '',
  resource,
  subresource: '',
  namespace: 'one',
  name: 'demo',
  ...rest,
})

const life = [
  call('create', 'leases'),
  call('update', 'leases'),
  call('list', 'pods'),
  call('apply', 'secrets'),
  call('apply', 'shards', { subresource: 'status' }),
  call('apply', 'shards', { subresource: 'status' }),
  call('apply', 'secrets', { namespace: 'two' }),
]

test('the points of a life are its writes, each before and after; a lease that is renewed is none', () => {
  assert.deepEqual(killPoints(life).map(nameOf), [
    'before create leases demo',
    'after create leases demo',
    'before apply secrets demo',
    'after apply secrets demo',
    'before apply shards demo status',
    'after apply shards demo status',
    'before apply secrets demo (2)',
    'after apply secrets demo (2)',
  ])
  assert.equal(writesOf(life).length, 4)
})

test('dies before exactly that write, and once', () => {
  let kills = 0
  const { onCall } = killAt({ label: 'apply secrets demo (2)', when: 'before' }, () => kills++)
  const fates = [...life, ...life].map((each) => onCall?.(each).kind)
  assert.deepEqual(
    fates.flatMap((fate, index) => (fate === 'cutBefore' ? index : [])),
    [6],
  )
  assert.equal(kills, 1)
})

test('holds one write, and tells what became of that one', () => {
  const told: number[] = []
  const { onCall, onAnswered } = holdAt('apply secrets demo', Promise.resolve(), {
    onHeld: () => told.push(0),
    onAnswered: (status) => told.push(status),
  })
  const fates = life.map((each) => onCall?.(each).kind)
  for (const each of life) onAnswered?.(each, each.namespace === 'one' ? 409 : 200)
  assert.deepEqual(
    fates.flatMap((fate, index) => (fate === 'hold' ? index : [])),
    [3],
  )
  assert.deepEqual(told, [0, 409])
})
