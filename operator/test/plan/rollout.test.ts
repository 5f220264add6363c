import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type ObservedPod, planRollout } from '../../src/plan/rollout.ts'

const anyPod = fc.record({
  isReady: fc.boolean(),
  isLeaving: fc.boolean(),
  isUpdated: fc.boolean(),
  height: fc.option(fc.integer({ min: 0, max: 100 })),
})

const anySet = fc
  .array(anyPod, { minLength: 1, maxLength: 16 })
  .map((pods) =>
    pods.map((pod, index): ObservedPod => ({ ...pod, name: `v${index}`, uid: `${index}` })),
  )

function isServing(pod: ObservedPod, pods: readonly ObservedPod[]): boolean {
  const tip = Math.max(0, ...pods.flatMap(({ height }) => height ?? []))
  return pod.isReady && !pod.isLeaving && (pod.height === null || pod.height >= tip - 10)
}

test('no step takes the number of validators that serve below what the budget leaves', () => {
  fc.assert(
    fc.property(anySet, fc.integer({ min: 1, max: 5 }), (pods, room) => {
      const replaced = planRollout(pods, pods.length, room)
      const serving = pods.filter((pod) => isServing(pod, pods))
      const left = serving.filter((pod) => !replaced.includes(pod))
      const fewest = Math.min(serving.length, pods.length - room)
      assert.ok(left.length >= fewest, `${left.length} of ${serving.length} serve`)
      assert.ok(replaced.every((pod) => !pod.isUpdated && !pod.isLeaving))
    }),
  )
})

test('a rollout ends with every pod updated, whatever the start', () => {
  fc.assert(
    fc.property(anySet, fc.integer({ min: 1, max: 5 }), (start, room) => {
      let pods = start
      for (let turn = 0; turn < 40; turn++) {
        const replaced = new Set(planRollout(pods, pods.length, room).map(({ name }) => name))
        // Replaced and leaving pods come back updated, ready and caught up; others catch up meanwhile.
        pods = pods.map((pod) => {
          const isNew = replaced.has(pod.name) || pod.isLeaving
          return {
            ...pod,
            isLeaving: false,
            isReady: true,
            isUpdated: pod.isUpdated || isNew,
            height: 100,
          }
        })
        if (pods.every(({ isUpdated }) => isUpdated)) return
      }
      assert.fail('some pod is never replaced')
    }),
  )
})

test('one that is ready but behind holds the next one back until it has caught up', () => {
  const pod = (name: string, isUpdated: boolean, height: number): ObservedPod => {
    return { name, uid: name, isReady: true, isLeaving: false, isUpdated, height }
  }
  const behind = [
    pod('a', true, 20),
    pod('b', false, 100),
    pod('c', false, 100),
    pod('d', false, 100),
  ]
  assert.deepEqual(planRollout(behind, 4, 1), [])
  const caughtUp = [pod('a', true, 95), ...behind.slice(1)]
  assert.deepEqual(
    planRollout(caughtUp, 4, 1).map(({ name }) => name),
    ['b'],
  )
})

test('an image that cannot start takes f validators, not one more; the way back replaces those first', () => {
  const pod = (name: string, isUpdated: boolean, isReady: boolean): ObservedPod => {
    return { name, uid: name, isReady, isLeaving: false, isUpdated, height: null }
  }
  const stuck = [
    pod('a', true, false),
    pod('b', false, true),
    pod('c', false, true),
    pod('d', false, true),
  ]
  assert.deepEqual(planRollout(stuck, 4, 1), [])
  const mended = stuck.map((each) => ({ ...each, isUpdated: !each.isUpdated }))
  assert.deepEqual(
    planRollout(mended, 4, 1).map(({ name }) => name),
    ['a'],
  )
})
