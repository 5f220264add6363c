import assert from 'node:assert/strict'
import { test } from 'node:test'
import { caseChoice, CASES_DEFAULT, countOf, inOrder } from '../operator/case-choice.ts'

const all = Array.from({ length: 50 }, (_, index) => ({ name: `case ${index}` }))

test('a seed chooses an order of all, and the same one each time', () => {
  const ordered = (seed: number) => inOrder(all, { seed, count: 8, only: null })
  assert.deepEqual(ordered(7), ordered(7))
  assert.notDeepEqual(ordered(7), ordered(8))
  assert.deepEqual(new Set(ordered(7)), new Set(all))
})

test('cases are taken by their names', () => {
  const choice = caseChoice({ SHARDNET_CASE: 'case 4' })
  const ordered = inOrder(all, choice)
  assert.equal(ordered.length, 11, '4, and 40 to 49')
  assert.equal(countOf(ordered, choice), 11)
})

test('a run takes a few cases, as many as it is told to, or all', () => {
  assert.equal(caseChoice({}).count, CASES_DEFAULT)
  const told = caseChoice({ SHARDNET_SEED: '7', SHARDNET_CASES: '20' })
  assert.deepEqual(told, { seed: 7, count: 20, only: null })
  assert.equal(countOf(all, told), 20)
  assert.equal(countOf(all, told, 0.25), 5)
  assert.equal(countOf(all, { seed: 7, count: 1, only: null }, 0.25), 1, 'never none')
  assert.equal(countOf(all, { seed: 7, count: 200, only: null }), 50)
  assert.equal(countOf(all, caseChoice({ SHARDNET_EXHAUSTIVE: '1' }), 0.25), 50)
})
