import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Shard } from '../../src/api/door.ts'
import { shardSpec } from '../../src/api/rules.ts'
import { mergeConditions, newsAmong, type Statement } from '../../src/plan/conditions.ts'
import { type PodReport, troubleOf } from '../../src/plan/pod-trouble.ts'
import { figuresOf, type ShardReading } from '../../src/plan/shard-figures.ts'
import {
  isBorn,
  needsBudget,
  NO_FIGURES,
  shardNews,
  shardStatements,
  shardStatus,
  type ShardWorld,
} from '../../src/plan/shard-status.ts'
import { writeAtMs } from '../../src/plan/status-writing.ts'
import { testnetNews } from '../../src/plan/testnet-status.ts'

const shard = Shard.parse({
  apiVersion: 'shardnet.dev/v1alpha1',
  kind: 'Shard',
  metadata: { name: 'demo-g1-shard-0' },
  spec: shardSpec({}),
})

function worldWith(changes: Partial<ShardWorld>): ShardWorld {
  const set = { ready: 4, updated: 4, isCurrent: true }
  return { shard, set, trouble: null, figures: NO_FIGURES, gateways: [], before: {}, ...changes }
}

test('a condition keeps its time until its status changes, and names the generation it is about', () => {
  const say = (status: 'True' | 'False', reason: string): readonly Statement[] => {
    return [{ type: 'Ready', status, reason, message: 'words' }]
  }
  const first = mergeConditions([], say('False', 'Starting'), 1, 1_000)
  const second = mergeConditions(first, say('False', 'Other'), 2, 60_000)
  const third = mergeConditions(second, say('True', 'Done'), 2, 120_000)
  assert.equal(second[0]?.lastTransitionTime, first[0]?.lastTransitionTime)
  assert.equal(second[0]?.observedGeneration, 2)
  assert.equal(third[0]?.lastTransitionTime, '1970-01-01T00:02:00Z')
  assert.equal(newsAmong(first, say('False', 'Starting')).length, 0)
  assert.equal(newsAmong(first, say('False', 'Other')).length, 1, 'another reason is news')
})

test('a shard is born when all of its validators were ready at once, and stays born', () => {
  assert.ok(isBorn(worldWith({})))
  assert.ok(!isBorn(worldWith({ set: { ready: 3, updated: 4, isCurrent: true } })))
  assert.ok(!isBorn(worldWith({ set: { ready: 4, updated: 4, isCurrent: false } })))
  const later = worldWith({
    set: { ready: 0, updated: 4, isCurrent: true },
    before: { born: true },
  })
  assert.equal(shardStatus(later).born, true)
})

/** What a controller last wrote of an object, and whether it may write the next state of it. */
class WrittenStatus<Status extends object> {
  readonly #newsOf: (status: Status) => unknown
  #status: Status
  #atMs = 0
  writes = 0

  constructor(status: Status, newsOf: (status: Status) => unknown) {
    this.#status = status
    this.#newsOf = newsOf
  }

  offer(after: Status, nowMs: number): void {
    const change = { before: this.#status, after, newsOf: this.#newsOf }
    const atMs = writeAtMs(change, this.#atMs)
    if (atMs === null || atMs > nowMs) return
    this.#status = after
    this.#atMs = nowMs
    this.writes += 1
  }
}

const claim = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
  type,
  status,
  observedGeneration: 1,
  lastTransitionTime: '1970-01-01T00:00:00Z',
  reason,
  message,
})

test('a shard gets its budget once the budget may allow something, and keeps it from its birth on', () => {
  const ready = (count: number, before: ShardWorld['before'] = {}) =>
    needsBudget(worldWith({ set: { ready: count, updated: 4, isCurrent: true }, before }), 1)
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((count) => ready(count)),
    [false, false, false, true, true],
  )
  assert.ok(ready(0, { born: true }))
  assert.ok(!needsBudget(worldWith({ set: null }), 1))
})

test('figures alone are written every half a minute, news at once, and nothing when nothing changed', () => {
  const before = { height: 10, readyValidators: 4 }
  const at = (after: object) => writeAtMs({ before, after, newsOf: shardNews }, 5_000)
  assert.equal(at({ readyValidators: 4, height: 10 }), null)
  assert.equal(at({ ...before, height: 11 }), 35_000)
  assert.equal(at({ ...before, readyValidators: 3 }), 35_000)
  assert.equal(at({ ...before, born: true }), 0)
  assert.equal(at({ ...before, observedGeneration: 2 }), 0)
  assert.equal(at({ ...before, gateways: [{ validator: 0, address: 'a:1' }] }), 0)
})

test('on the way to ready a status is written every half a minute, however many validators come', () => {
  const seconds = 120
  const count = (ready: number) => `${ready} of ${seconds} validators are ready.`
  const shardAt = (ready: number) => ({
    observedGeneration: 1,
    readyValidators: ready,
    ready: `${ready}/${seconds}`,
    conditions: [
      ready === seconds
        ? claim('Ready', 'True', 'AllValidatorsReady', count(ready))
        : claim('Ready', 'False', 'StartingValidators', count(ready)),
    ],
  })
  const testnetAt = (ready: number) => ({
    ...shardAt(ready),
    clusters: [{ name: '', validators: seconds, readyValidators: ready, reachable: true }],
    worstShards: [{ shard: 0, readyValidators: ready, message: count(ready) }],
  })
  const shardWritten = new WrittenStatus(shardAt(0), shardNews)
  const testnetWritten = new WrittenStatus(testnetAt(0), testnetNews)
  for (let second = 1; second <= seconds; second++) {
    shardWritten.offer(shardAt(second), second * 1_000)
    testnetWritten.offer(testnetAt(second), second * 1_000)
  }
  // At 30, 60, 90 and 120 seconds; that all are ready is the last of them.
  assert.deepEqual([shardWritten.writes, testnetWritten.writes], [4, 4])
})

test('a condition that turns is written at once, whatever was written a moment before', () => {
  const conditions = [claim('Ready', 'False', 'StartingValidators', '3 of 4')]
  const turned = [claim('Ready', 'True', 'AllValidatorsReady', '4 of 4')]
  const recounted = [claim('Ready', 'False', 'StartingValidators', '2 of 4')]
  for (const newsOf of [shardNews, testnetNews]) {
    const at = (after: typeof conditions) =>
      writeAtMs({ before: { conditions }, after: { conditions: after }, newsOf }, 5_000)
    assert.equal(at(turned), 0)
    assert.equal(at(recounted), 35_000)
  }
})

test('a rate is rounded to what counts, so that flicker is not written', () => {
  const figures = { ...NO_FIGURES, committedPerSecond: 1_234.5, p99Ms: 250 }
  const status = shardStatus(worldWith({ figures }))
  assert.equal(status.committedPerSecond, 1_200)
  assert.equal(status.p99, '250ms')
})

test('what keeps validators from starting is told with the next step', () => {
  const pod = (status: PodReport['status']): PodReport => {
    return { metadata: { name: 'demo-g1-shard-0-0' }, ...(status === undefined ? {} : { status }) }
  }
  const waiting = (reason: string, message: string) =>
    pod({ containerStatuses: [{ state: { waiting: { reason, message } } }] })
  const unscheduled = (message: string, lastTransitionTime: string) =>
    pod({
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message,
          lastTransitionTime,
        },
      ],
    })
  const crashed = pod({
    containerStatuses: [
      {
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: {
          terminated: { exitCode: 3, message: 'log\nthe folder is of another network' },
        },
      },
    ],
  })
  const old = '1970-01-01T00:00:00Z'
  const now = 3_600_000
  assert.match(
    troubleOf([waiting('ErrImagePull', 'not found')], now)?.message ?? '',
    /Check spec.image/,
  )
  assert.equal(
    troubleOf([unscheduled('0/3 nodes: Insufficient cpu', old)], now)?.reason,
    'Unschedulable',
  )
  assert.equal(
    troubleOf([unscheduled('unbound immediate PersistentVolumeClaims', old)], now)?.reason,
    'VolumeUnbound',
  )
  assert.equal(
    troubleOf([unscheduled('Insufficient cpu', new Date(now - 1_000).toISOString())], now),
    null,
    'one that waits for a moment is no news',
  )
  assert.equal(
    troubleOf([unscheduled('unbound immediate PersistentVolumeClaims', old)], now, 10_000),
    null,
    'nor is one that waits while others of its set get what it waits for',
  )
  assert.equal(
    troubleOf([waiting('ErrImagePull', 'not found')], now, 10_000)?.reason,
    'ImageCannotStart',
    'an image that cannot be had is one all the same',
  )
  assert.match(
    troubleOf([crashed], now)?.message ?? '',
    /code 3: the folder is of another network\. See: kubectl logs/,
  )
  assert.equal(troubleOf([pod(undefined), waiting('ContainerCreating', '')], now), null)
  const statements = shardStatements(
    worldWith({ set: null, trouble: { reason: 'KeysMissing', message: 'No keys.' } }),
  )
  assert.deepEqual(
    statements.map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    ['Ready False KeysMissing', 'Progressing True StartingValidators', 'Degraded True KeysMissing'],
  )
})

test('figures come from two readings; a validator that began anew says nothing', () => {
  const reading = (
    atMs: number,
    rows: Readonly<Record<string, readonly [number, number]>>,
  ): ShardReading => ({
    atMs,
    of: new Map(
      Object.entries(rows).map(([name, [height, results]]) => [
        name,
        {
          height,
          results,
          orderSeconds: [
            { bound: 0.1, count: results / 2 },
            { bound: 0.25, count: results },
            { bound: Number.POSITIVE_INFINITY, count: results },
          ],
        },
      ]),
    ),
  })
  const before = reading(0, { a: [10, 1_000], b: [10, 1_000], c: [10, 5_000] })
  const now = reading(10_000, { a: [30, 3_000], b: [25, 2_500], c: [29, 100] })
  const figures = figuresOf(before, now, NO_FIGURES)
  assert.deepEqual(figures, {
    height: 30,
    lag: 5,
    committedPerSecond: 200,
    p99Ms: 250,
    lastCommitMs: 10_000,
  })
  const silent = figuresOf(now, reading(20_000, {}), figures)
  assert.deepEqual(silent, { ...NO_FIGURES, lastCommitMs: 10_000 })
})
