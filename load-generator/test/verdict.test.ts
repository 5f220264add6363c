import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadResult, resultJsonSchema, type SafetyCheck } from '../src/result.ts'
import { exitCodeOf, judge, withMarks, withSafety, type Evidence } from '../src/verdict.ts'
import { verdictKinds, type Verdict } from '../src/result/verdict-shape.ts'
import { exampleResult, exampleSearchResult } from './example-result.ts'
import { notSteadySection } from './example-sections.ts'

function exampleOverload() {
  const overload = exampleSearchResult().search?.overload
  assert.ok(overload)
  return overload
}

const SAFE: SafetyCheck = { kind: 'passed', findings: [], facts: [] }
const UNSAFE: SafetyCheck = {
  kind: 'failed',
  findings: ['shard 1: two blocks at height 7'],
  facts: [],
}

const GOOD: Evidence = {
  criteria: { committedPerSecondMin: 400, p99MaxMs: 2_000, lostMax: 0, steady: true },
  safety: SAFE,
  committedPerSecond: 500,
  p99Ms: 900,
  lost: 0,
  shards: [{ shard: 0, heightFirst: 1, heightLast: 9, sent: 5, committed: 5 }],
  generatorReasons: [],
  clockJumps: [],
  steadyState: { kind: 'steady', reasons: [], isDisturbed: false },
  search: null,
  budgetEndedTheRun: false,
  interrupted: false,
}
const drifting: Evidence['steadyState'] = {
  kind: 'notSteady',
  reasons: ['the backlog grows'],
  isDisturbed: false,
}
const short: Evidence['steadyState'] = {
  kind: 'unknown',
  reasons: ['too short'],
  isDisturbed: false,
}
const disturbed = { ...drifting, isDisturbed: true }
const found = { limit: 'testnet', endedBecause: '', overload: null } as const
const overload = { ...exampleOverload(), goodputDuringShare: 0.81, goodputAfterShare: 0.96 }
const jump = [{ atMs: 5_000, byMs: 60_000 }]
const noRate = { committedPerSecondMin: null, p99MaxMs: null, lostMax: 0, steady: false }
const late = ['late']
const stuck = [{ shard: 0, heightFirst: 1, heightLast: 1, sent: 0, committed: 0 }]
const deaf = [{ shard: 0, heightFirst: 1, heightLast: 9, sent: 5, committed: 0 }]

const table: readonly (readonly [string, Partial<Evidence>, Verdict['kind']])[] = [
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
  ['the generator was the limit', { generatorReasons: late }, 'generatorLimited'],
  [
    'the generator was the limit and the rate is missed',
    { generatorReasons: late, committedPerSecond: 1 },
    'generatorLimited',
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
  ['interrupted', { interrupted: true }, 'aborted'],
  ['interrupted, and the rate is missed', { interrupted: true, committedPerSecond: 1 }, 'aborted'],
  ['out of budget', { budgetEndedTheRun: true, interrupted: true }, 'aborted'],
  ['not steady', { steadyState: drifting }, 'notSteady'],
  ['not steady and too slow', { steadyState: drifting, p99Ms: 9_000 }, 'notSteady'],
  ['not steady, nothing depends on rate', { steadyState: drifting, criteria: noRate }, 'passed'],
  ['not steady, and one is lost', { steadyState: drifting, lost: 1 }, 'failed'],
  [
    'not steady because the generator was late',
    { steadyState: drifting, generatorReasons: late },
    'generatorLimited',
  ],
  ['disturbed by a fault, criteria met', { steadyState: disturbed }, 'passed'],
  ['disturbed by a fault, too slow', { steadyState: disturbed, p99Ms: 9_000 }, 'failed'],
  ['too short to tell', { steadyState: short }, 'undecided'],
  ['too short to tell, but too slow', { steadyState: short, p99Ms: 9_000 }, 'failed'],
  [
    'too short to tell, nothing depends on rate',
    { steadyState: short, criteria: noRate },
    'passed',
  ],
  ['the clock jumped', { clockJumps: jump }, 'clockJumped'],
  ['the clock jumped, nothing depends on it', { clockJumps: jump, criteria: noRate }, 'passed'],
  [
    'the clock jumped and the generator was late',
    { clockJumps: jump, generatorReasons: late },
    'clockJumped',
  ],
  ['a search that found its knee', { search: found, steadyState: short }, 'passed'],
  [
    'a search that the generator ended',
    { search: { ...found, limit: 'generator' } },
    'generatorLimited',
  ],
  ['a search whose testnet stands the overload', { search: { ...found, overload } }, 'passed'],
  [
    'a search whose testnet drowns',
    { search: { ...found, overload: { ...overload, goodputDuringShare: 0.79 } } },
    'failed',
  ],
  [
    'a search whose testnet stays drowned',
    { search: { ...found, overload: { ...overload, goodputAfterShare: 0.94 } } },
    'failed',
  ],
  ['interrupted and unsafe', { interrupted: true, safety: UNSAFE }, 'failed'],
  ['nothing was measured for p99', { p99Ms: null }, 'undecided'],
]

for (const [name, change, expected] of table) {
  test(`verdict: ${name} is ${expected}`, () => {
    const verdict = judge({ ...GOOD, ...change })
    assert.equal(verdict.kind, expected)
    if (expected !== 'passed') assert.ok(verdict.reasons.length > 0, 'it says why')
  })
}

test('exit codes follow the verdict', () => {
  const codes = verdictKinds.map((kind) => exitCodeOf({ kind, reasons: [], criteria: [] }))
  assert.deepEqual(codes, [0, 1, 3, 3, 3, 3, 3])
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
  for (const each of [result, exampleSearchResult()])
    assert.deepEqual(LoadResult.parse(JSON.parse(JSON.stringify(each))), each)
  assert.equal(LoadResult.safeParse({ ...result, format: 1 }).success, false)
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

test('a fault in the window explains what is not steady; one outside of it, or another mark, does not', () => {
  const drifting = exampleResult({ marks: [], steadyState: notSteadySection })
  const marked = (kind: 'fault' | 'epoch', atMs: number) =>
    withMarks(drifting, [{ kind, atMs, untilMs: atMs + 1_000, text: '' }])
  assert.equal(marked('fault', 10_000).verdict.kind, 'passed')
  assert.equal(marked('fault', 1_000).verdict.kind, 'notSteady')
  assert.equal(marked('epoch', 10_000).verdict.kind, 'notSteady')
  assert.equal(marked('fault', 4_500).steadyState.isDisturbed, true, 'it reaches into the window')
})
