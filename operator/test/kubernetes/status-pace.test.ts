import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusPace } from '../../src/kubernetes/status-pace.ts'
import { shardNews } from '../../src/plan/shard-status.ts'

const figures = { before: { height: 1 }, after: { height: 2 }, newsOf: shardNews }

test('a successor writes figures half a minute after it first saw them: not at once, and not never', () => {
  let nowMs = 0
  const pace = new StatusPace(() => nowMs)
  assert.equal(pace.dueInMs('default/demo', figures), 30_000)
  nowMs = 29_000
  assert.equal(pace.dueInMs('default/demo', figures), 1_000)
  nowMs = 31_000
  assert.equal(pace.dueInMs('default/demo', figures), 0)
  pace.wrote('default/demo')
  assert.equal(pace.dueInMs('default/demo', figures), 30_000)
})

test('one object is not held back by what was written of another', () => {
  let nowMs = 0
  const pace = new StatusPace(() => nowMs)
  pace.dueInMs('default/one', figures)
  pace.dueInMs('default/other', figures)
  nowMs = 30_000
  pace.wrote('default/one')
  assert.equal(pace.dueInMs('default/one', figures), 30_000)
  assert.equal(pace.dueInMs('default/other', figures), 0)
  assert.equal(pace.dueInMs('default/other', { ...figures, after: { born: true } }), 0)
})
