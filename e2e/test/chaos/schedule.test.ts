import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  amnesiacOf,
  FAULT_CLASSES,
  missingOf,
  nothingFired,
  requirementsOf,
  type Step,
  stepsOf,
} from '../../chaos/schedule.ts'

const seed = fc.nat(2 ** 31 - 1)

function stepsIn(drawn: number, shard: number, count: number): readonly Step[] {
  const steps = stepsOf(drawn, shard, 4)
  return Array.from({ length: count }, () => steps.next().value)
}

test('the same seed gives the same steps, another one others', () => {
  const property = fc.property(seed, (drawn) => {
    assert.deepEqual(stepsIn(drawn, 0, 40), stepsIn(drawn, 0, 40))
    assert.notDeepEqual(stepsIn(drawn, 0, 40), stepsIn(drawn + 1, 0, 40))
  })
  fc.assert(property, { numRuns: 20 })
})

test('in two shards every class comes three times within two rounds of each', () => {
  const property = fc.property(seed, (drawn) => {
    const round = FAULT_CLASSES.length - 1
    const steps = [...stepsIn(drawn, 0, 2 * (round + 2)), ...stepsIn(drawn, 1, 2 * round)]
    for (const fault of FAULT_CLASSES)
      assert(steps.filter((step) => step.fault === fault).length >= 3, fault)
  })
  fc.assert(property, { numRuns: 20 })
})

test('durable data is lost by one member of a shard only, however long the run', () => {
  const property = fc.property(seed, fc.nat(1), (drawn, shard) => {
    const losers = stepsIn(drawn, shard, 120)
      .filter(({ fault }) => fault === 'truncateTail')
      .map(({ victim }) => victim)
    assert(losers.length > 5)
    assert.deepEqual([...new Set(losers)], [amnesiacOf(drawn, shard, 4)])
  })
  fc.assert(property, { numRuns: 20 })
})

test('a run counts only with every class and enough transactions, and says what is missing', () => {
  const { firedMin, acknowledgedMin, isShort } = requirementsOf(180_000)
  assert.deepEqual([firedMin, acknowledgedMin, isShort], [3, 10_000, false])
  const requirements = { firedMin, acknowledgedMin }
  const all = nothingFired()
  for (const fault of FAULT_CLASSES) all[fault] = 3
  assert.deepEqual(missingOf(all, 10_000, requirements), [])
  assert.deepEqual(missingOf({ ...all, fillDisk: 2 }, 9_999, requirements), [
    'fillDisk happened 2 of 3 times',
    '9999 of 10000 transactions were acknowledged',
  ])
  assert.equal(missingOf(nothingFired(), 0, requirements).length, FAULT_CLASSES.length + 1)
  assert.equal(requirementsOf(179_999).isShort, true)
})
