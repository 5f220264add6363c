import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMPLETION_INDEX, endOfLoad, failedGenerators } from '../../src/plan/generator-end.ts'
import { markOfFault } from '../../src/plan/fault-mark.ts'

const OF_JOB = 'Job has reached the specified backoff limit.'

function pod(index: number, terminated: object | null, status: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `load-${index}`, labels: { [COMPLETION_INDEX]: String(index) } },
    status: {
      ...status,
      containerStatuses: [{ state: terminated === null ? { running: {} } : { terminated } }],
    },
  }
}

const end = (...pods: readonly ReturnType<typeof pod>[]) =>
  endOfLoad(failedGenerators(pods), 3, OF_JOB)

const at = (second: number) => `2026-01-01T00:00:0${second}Z`
const orphaned = {
  exitCode: 4,
  reason: 'Error',
  message: 'generator 1 of 3 ended before the start',
}

test('one generator that is ended ends the load, and what befell it is the reason, not what the others say', () => {
  const killed = pod(1, { exitCode: 137, reason: 'OOMKilled', finishedAt: at(1) })
  const other = pod(0, { ...orphaned, finishedAt: at(1) })
  const late = pod(2, { ...orphaned, finishedAt: at(2) })
  assert.deepEqual(end(other, killed, late), {
    verdict: 'Aborted',
    why: 'Load generator 1 of 3 was ended before its time (OOMKilled, exit code 137).',
  })
})

test('what a generator says of itself is an error, in its own last words', () => {
  const message = '10 s of load\nno validator of shard 1 says where its accounts stand\n'
  const failed = pod(2, { exitCode: 3, reason: 'Error', message, finishedAt: at(1) })
  assert.deepEqual(end(pod(0, { ...orphaned, finishedAt: at(2) }), failed, pod(1, null)), {
    verdict: 'Error',
    why: 'Load generator 2 of 3 failed: no validator of shard 1 says where its accounts stand',
  })
})

test('a generator that nobody saw again is told by those that missed it; one that was evicted by the cluster', () => {
  const alone = end(pod(0, { ...orphaned, finishedAt: at(1) }))
  assert.deepEqual(alone, {
    verdict: 'Aborted',
    why: 'The load was ended: generator 1 of 3 ended before the start.',
  })
  const evicted = pod(1, null, { phase: 'Failed', reason: 'Evicted', message: 'low on memory' })
  assert.deepEqual(end(evicted), {
    verdict: 'Aborted',
    why: 'Load generator 1 of 3 was ended before its time (Evicted).',
  })
  assert.deepEqual(end(pod(0, { exitCode: 0, reason: 'Completed', finishedAt: at(1) })), {
    verdict: 'Aborted',
    why: `The load was ended: ${OF_JOB}`,
  })
})

test('a fault is marked where it was on the clock of the load', () => {
  const startedAtMs = Date.parse(at(0))
  const fault = {
    action: 'pause' as const,
    selector: { role: 'Any' as const },
    for: '3s',
  } as unknown as Parameters<typeof markOfFault>[0]
  const status = { startTime: at(5), endTime: at(8), targets: ['0/1'], state: 'Undone' }
  assert.deepEqual(markOfFault(fault, status, startedAtMs), {
    atMs: 5_000,
    untilMs: 8_000,
    kind: 'fault',
    text: 'pause for 3s on 0/1',
  })
  assert.equal(markOfFault(fault, {}, startedAtMs), null)
})
