import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLoadTest } from '@shardnet/operator/api'
import { InputError } from '../src/input-error.ts'
import { HISTORICAL_SHARES, planMatrix } from '../src/run/matrix-plan.ts'

const BASE = defaultLoadTest('local')

test('the historical matrix is four shares without faults, then the same four with them', () => {
  const cells = planMatrix(BASE, HISTORICAL_SHARES)
  assert.deepEqual(
    cells.map(({ folder }) => folder),
    [
      'cross-0',
      'cross-30',
      'cross-60',
      'cross-90',
      'cross-0-faults',
      'cross-30-faults',
      'cross-60-faults',
      'cross-90-faults',
    ],
  )
  for (const { crossShard, hasFaults, loadTest } of cells) {
    assert.equal(loadTest.spec.workload.crossShard, crossShard)
    assert.equal(loadTest.spec.faults.length > 0, hasFaults)
    assert.deepEqual(loadTest.spec.arrivals, BASE.spec.arrivals, 'nothing else differs')
    assert.equal(loadTest.spec.workload.seed, BASE.spec.workload.seed)
  }
})

test('faults lie inside of the schedule, and those of a document win', () => {
  const cell = planMatrix(BASE, ['30%']).find(({ hasFaults }) => hasFaults)
  const times = cell?.loadTest.spec.faults.map(({ action, at, for: length }) => [
    action,
    at,
    length,
  ])
  assert.deepEqual(times, [
    ['kill', '9000ms', undefined],
    ['delay', '16500ms', '6000ms'],
  ])
  const faults: typeof BASE.spec.faults = [{ action: 'kill', selector: { shards: [1] }, at: '2s' }]
  const own = { ...BASE, spec: { ...BASE.spec, faults } }
  assert.deepEqual(planMatrix(own, ['30%'])[1]?.loadTest.spec.faults, faults)
})

test('every wrong share is told at once', () => {
  assert.throws(
    () => planMatrix(BASE, ['30%', 'half', '130%', '30%']),
    (error) => error instanceof InputError && error.lines.length === 3,
  )
})
