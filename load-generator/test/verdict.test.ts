import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadResult, resultJsonSchema, type SafetyCheck } from '../src/result.ts'
import { exitCodeOf, judge, withSafety, type Evidence } from '../src/verdict.ts'
import { exampleResult } from './example-result.ts'

const SAFE: SafetyCheck = { kind: 'passed', findings: [], facts: [] }
const UNSAFE: SafetyCheck = {
  kind: 'failed',
  findings: ['shard 1: two blocks at height 7'],
  facts: [],
}

const GOOD: Evidence = {
  criteria: { committedPerSecondMin: 400, p99MaxMs: 2_000, lostMax: 0 },
  safety: SAFE,
  committedPerSecond: 500,
  p99Ms: 900,
  lost: 0,
  shards: [{ shard: 0, heightFirst: 1, heightLast: 9, sent: 5, committed: 5 }],
  generatorReasons: [],
  interrupted: false,
}
const noRate = { committedPerSecondMin: null, p99MaxMs: null, lostMax: 0 }
const late = ['late']
const stuck = [{ shard: 0, heightFirst: 1, heightLast: 1, sent: 0, committed: 0 }]
const deaf = [{ shard: 0, heightFirst: 1, heightLast: 9, sent: 5, committed: 0 }]

const table: readonly (readonly [string, Partial<Evidence>, 'passed' | 'failed' | 'none'])[] = [
  ['all criteria met', {}, 'passed'],
  ['exactly at the limits', { committedPerSecond: 400, p99Ms: 2_000 }, 'passed'],
  ['too little committed', { committedPerSecond: 399.9 }, 'failed'],
  ['too slow', { p99Ms: 2_000.1 }, 'failed'],
  ['one lost', { lost: 1 }, 'failed'],
  ['as many lost as allowed', { lost: 1, criteria: { ...noRate, lostMax: 1 } }, 'passed'],
  ['a safety finding', { safety: UNSAFE }, 'failed'],
  ['safety not checked', { safety: { ...SAFE, kind: 'notChecked' } }, 'passed'],
  ['a shard without a block', { shards: stuck }, 'failed'],
  ['a shard that commits nothing of what it was sent', { shards: deaf }, 'failed'],
  ['no shard at all', { shards: [] }, 'failed'],
  ['the generator was the limit', { generatorReasons: late }, 'none'],
  [
    'the generator was the limit and the rate is missed',
    { generatorReasons: late, committedPerSecond: 1 },
    'none',
  ],
  [
    'the generator was the limit, nothing depends on rate',
    { generatorReasons: late, criteria: noRate },
    'passed',
  ],
  ['the generator was the limit and one is lost', { generatorReasons: late, lost: 1 }, 'failed'],
  [
    'the generator was the limit and safety failed',
    { generatorReasons: late, safety: UNSAFE },
    'failed',
  ],
  ['interrupted', { interrupted: true }, 'none'],
  ['interrupted and unsafe', { interrupted: true, safety: UNSAFE }, 'failed'],
  ['nothing was measured for p99', { p99Ms: null }, 'none'],
]

for (const [name, change, expected] of table) {
  test(`verdict: ${name} is ${expected}`, () => {
    const verdict = judge({ ...GOOD, ...change })
    assert.equal(verdict.kind, expected)
    if (expected !== 'passed') assert.ok(verdict.reasons.length > 0, 'it says why')
  })
}

test('exit codes follow the verdict', () => {
  const codes = (['passed', 'failed', 'none'] as const).map((kind) =>
    exitCodeOf({ kind, reasons: [], criteria: [] }),
  )
  assert.deepEqual(codes, [0, 1, 3])
})

test('the safety check turns a verdict that was good', () => {
  const result = exampleResult()
  assert.equal(result.verdict.kind, 'passed')
  assert.equal(withSafety(result, SAFE).verdict.criteria[0]?.outcome, 'met')
  const unsafe = withSafety(result, UNSAFE)
  assert.equal(unsafe.verdict.kind, 'failed')
  assert.deepEqual(unsafe.safety.findings, UNSAFE.findings)
})

test('a produced result is what the schema says, and comes back from its text unchanged', () => {
  const result = exampleResult()
  assert.deepEqual(LoadResult.parse(JSON.parse(JSON.stringify(result))), result)
  assert.equal(LoadResult.safeParse({ ...result, format: 2 }).success, false)
  assert.equal(LoadResult.safeParse({ ...result, extra: 1 }).success, false)
})

test('the JSON Schema describes every field of the result', () => {
  const schema = resultJsonSchema() as { properties: object; required: string[]; $schema: string }
  assert.deepEqual(schema.required.toSorted(), Object.keys(exampleResult()).toSorted())
  assert.deepEqual(
    Object.keys(schema.properties).toSorted(),
    Object.keys(exampleResult()).toSorted(),
  )
})
