import assert from 'node:assert/strict'
import { test } from 'node:test'
import { caseChoice, CASES_DEFAULT, countOf, shuffled } from '../operator/case-choice.ts'

const all = Array.from({ length: 50 }, (_, index) => index)

test('a seed chooses an order of all, and the same one each time', () => {
  assert.deepEqual(shuffled(all, 7), shuffled(all, 7))
  assert.notDeepEqual(shuffled(all, 7), shuffled(all, 8))
  assert.deepEqual(
    [...shuffled(all, 7)].sort((one, other) => one - other),
    all,
  )
})

test('a run takes a few cases, as many as it is told to, or all', () => {
  assert.equal(caseChoice({}).count, CASES_DEFAULT)
  const told = caseChoice({ SHARDNET_SEED: '7', SHARDNET_CASES: '20' })
  assert.deepEqual(told, { seed: 7, count: 20 })
  assert.equal(countOf(all, told), 20)
  assert.equal(countOf(all, told, 0.25), 5)
  assert.equal(countOf(all, { seed: 7, count: 1 }, 0.25), 1, 'never none')
  assert.equal(countOf(all, { seed: 7, count: 200 }), 50)
  assert.equal(countOf(all, caseChoice({ SHARDNET_EXHAUSTIVE: '1' }), 0.25), 50)
})
