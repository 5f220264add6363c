import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../../src/api/door.ts'
import { faultMoment, rememberedProposers, targetsOf } from '../../src/plan/fault-timeline.ts'

function faultWith(spec: object): Fault {
  return Fault.parse({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Fault',
    metadata: { name: 'f' },
    spec: { testnet: 'demo', ...spec },
  })
}

const CREATED = Date.parse('2026-01-01T00:00:00Z')
const START = '2026-01-01T00:00:10Z'

test('a fault waits, begins, lasts and is over, by its own times', () => {
  const fault = faultWith({ action: 'pause', at: '5s', for: '20s' })
  const at = (seconds: number, status: object = {}) =>
    faultMoment(fault, status, CREATED, CREATED + seconds * 1_000).kind
  assert.equal(at(4), 'waiting')
  assert.equal(at(5), 'begin')
  assert.equal(at(12, { startTime: START }), 'active')
  assert.equal(at(30, { startTime: START }), 'over')
  assert.equal(at(31, { startTime: START, state: 'Undone' }), 'ended')
  assert.equal(at(5, { state: 'Failed' }), 'ended')
})

test('a kill without a length is done, however late its operator comes back', () => {
  const kill = faultWith({ action: 'kill' })
  const moment = faultMoment(kill, { startTime: START }, CREATED, CREATED + 3_600_000)
  assert.equal(moment.kind, 'active')
})

test('a status names the first targets, counts all, and remembers who proposed', () => {
  const steps = Array.from({ length: 70 }, (_, shard) => {
    return { kind: 'kill' as const, target: { shard, validator: shard % 4 } }
  })
  const { targets, count } = targetsOf(steps)
  assert.equal(targets?.length, 64)
  assert.equal(count, 70)
  const remembered = rememberedProposers({ targets: ['0/3', '5/2', 'nonsense'] })
  assert.deepEqual(
    [...remembered],
    [
      [0, 3],
      [5, 2],
    ],
  )
})
