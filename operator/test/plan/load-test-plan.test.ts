import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresOfResult, planLoadTest } from '../../src/plan/load-test-plan.ts'

const ready = { isReady: true, generation: 2 }
const running = { generation: 2, isUnderWay: true, isComplete: false, failure: null }
const starting = { generators: 2 }
const started = { ...starting, startTime: '2026-01-01T00:00:00Z' }

test('a load test waits for its testnet, starts once, and collects what came out', () => {
  const kind = (world: Parameters<typeof planLoadTest>[0]) => planLoadTest(world).kind
  assert.equal(kind({ status: {}, testnet: null, job: null }), 'wait')
  assert.equal(kind({ status: {}, testnet: { ...ready, isReady: false }, job: null }), 'wait')
  assert.equal(kind({ status: {}, testnet: ready, job: null }), 'start')
  const waiting = { ...running, isUnderWay: false }
  assert.equal(kind({ status: starting, testnet: ready, job: waiting }), 'watch')
  assert.equal(kind({ status: starting, testnet: ready, job: running }), 'begin')
  assert.equal(kind({ status: started, testnet: ready, job: running }), 'watch')
  const failed = { ...waiting, failure: 'BackoffLimitExceeded' }
  assert.equal(kind({ status: starting, testnet: ready, job: failed }), 'ask')
  assert.equal(
    kind({ status: started, testnet: { ...ready, isReady: false }, job: running }),
    'watch',
  )
  assert.equal(
    kind({ status: started, testnet: ready, job: { ...running, isComplete: true } }),
    'collect',
  )
  assert.equal(
    kind({ status: { ...started, verdict: 'Passed' }, testnet: null, job: null }),
    'done',
  )
})

test('a network that is replaced under a load test ends it with that reason; a finished one counts', () => {
  const replaced = planLoadTest({
    status: started,
    testnet: { ...ready, generation: 3 },
    job: running,
  })
  assert.ok(replaced.kind === 'end')
  assert.equal(replaced.verdict, 'Aborted')
  assert.match(replaced.why, /Generation 3 of the testnet replaced generation 2/)
  const complete = { ...running, isComplete: true }
  const counted = planLoadTest({
    status: started,
    testnet: { ...ready, generation: 3 },
    job: complete,
  })
  assert.equal(counted.kind, 'collect')
  const removed = planLoadTest({ status: starting, testnet: ready, job: null })
  assert.ok(removed.kind === 'end' && removed.verdict === 'Aborted', 'it is not begun anew')
})

test('passed, failed, aborted and "the generator was the limit" are told apart', () => {
  const result = (verdict: object, more: object = {}) =>
    figuresOfResult({
      verdict: { reasons: ['because'], ...verdict },
      committedPerSecond: 499.6,
      latency: { summary: { p50Ms: 100.4, p99Ms: 250.5 } },
      ...more,
    })
  assert.partialDeepStrictEqual(result({ kind: 'passed' }), {
    verdict: 'Passed',
    committedPerSecond: 500,
    p50: '100ms',
    p99: '251ms',
    message: 'because',
  })
  assert.equal(result({ kind: 'failed' })?.verdict, 'Failed')
  assert.equal(result({ kind: 'none' }, { interrupted: true })?.verdict, 'Aborted')
  assert.equal(
    result({ kind: 'none' }, { generator: { wasLimit: true } })?.verdict,
    'GeneratorLimited',
  )
  const limited = result({ kind: 'generatorLimited' })
  assert.equal(limited?.verdict, 'GeneratorLimited')
  assert.match(limited.message ?? '', /More spec\.generators share the load/)
  assert.equal(result({ kind: 'none' })?.verdict, 'Undecided')
  assert.equal(figuresOfResult({ anything: 'else' }), null)
})
