import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Testnet } from '../../src/api/door.ts'
import {
  faultyMax,
  NOTHING_OBSERVED,
  type ObservedTestnet,
  type Plan,
  planTestnet,
  planValidators,
  survivesOneCluster,
  validatorsOf,
} from '../../src/plan/door.ts'
import { anyTestnet, carriedOut } from './model.ts'

const TURNS_MAX = 10

/** Plans and carries out until nothing is left to do. */
function settle(desired: Testnet, from: ObservedTestnet): { world: ObservedTestnet; plan: Plan } {
  let world = from
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const plan = planTestnet(desired, world)
    if (plan.actions.length === 0) return { world, plan }
    world = carriedOut(plan, world)
  }
  return assert.fail('the plan does not settle')
}

function testnetWith(spec: Readonly<Record<string, unknown>>): Testnet {
  return Testnet.parse({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Testnet',
    metadata: { name: 'demo' },
    spec,
  })
}

test('a plan carried out leads to a plan without actions, whatever was wanted before', () => {
  fc.assert(
    fc.property(anyTestnet, anyTestnet, (first, second) => {
      const before = settle(first, NOTHING_OBSERVED)
      const after = settle(second, before.world)
      assert.equal(after.world.generations.length, 1, 'one generation is left')
      assert.deepEqual(
        after.world.generations[0]?.shards.map(({ plan }) => plan),
        after.plan.shards,
      )
      assert.ok(
        after.plan.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
    }),
  )
})

test('the plan is a function of what is wanted and found: asked twice, it says the same', () => {
  fc.assert(
    fc.property(anyTestnet, anyTestnet, (first, second) => {
      const { world } = settle(first, NOTHING_OBSERVED)
      const copy = structuredClone(world)
      assert.deepEqual(planTestnet(second, world), planTestnet(structuredClone(second), copy))
      assert.deepEqual(world, copy, 'and what was found is not touched')
    }),
  )
})

test('every seat of every committee is placed exactly once', () => {
  fc.assert(
    fc.property(anyTestnet, (testnet) => {
      const { shards } = planTestnet(testnet, NOTHING_OBSERVED)
      const seats = shards
        .flatMap(validatorsOf)
        .map(({ shard, validator }) => `${shard}/${validator}`)
      assert.equal(new Set(seats).size, seats.length)
      assert.equal(seats.length, testnet.spec.shards * testnet.spec.validatorsPerShard)
    }),
  )
})

test('spread over validators, no cluster holds more than f of a shard where the numbers allow it', () => {
  fc.assert(
    fc.property(anyTestnet, (testnet) => {
      const { placement, validatorsPerShard } = testnet.spec
      fc.pre(placement.spread === 'Validators' && placement.clusters.length > 0)
      const plan = planTestnet(testnet, NOTHING_OBSERVED)
      const largest = Math.max(...plan.shards.map(({ ordinals }) => ordinals.count))
      const allows = placement.clusters.length * faultyMax(validatorsPerShard) >= validatorsPerShard
      assert.equal(survivesOneCluster(testnet), allows)
      assert.equal(largest <= faultyMax(validatorsPerShard), allows)
      assert.equal(
        plan.conditions.some(({ type, status }) => type === 'Degraded' && status === 'True'),
        !allows,
      )
    }),
  )
})

test('spread over shards, weights decide how many shards a cluster takes', () => {
  const clusters = [
    { name: 'large', weight: 2 },
    { name: 'small', weight: 1 },
  ]
  const { shards } = planTestnet(
    testnetWith({ shards: 6, placement: { clusters } }),
    NOTHING_OBSERVED,
  )
  assert.deepEqual(
    shards.map(({ cluster }) => cluster),
    ['large', 'small', 'large', 'large', 'small', 'large'],
  )
})

test('more shards: the old generation serves until the new one is ready', () => {
  const { world: two } = settle(testnetWith({ shards: 2 }), NOTHING_OBSERVED)
  const wanted = testnetWith({ shards: 3 })
  const first = planTestnet(wanted, two)
  assert.deepEqual(
    first.actions.map(({ kind }) => kind),
    ['createNetwork', 'applyShard', 'applyShard', 'applyShard'],
  )
  assert.equal(first.network.generation, 2)
  const half = carriedOut(first, two, 0.5)
  assert.deepEqual(planTestnet(wanted, half).actions, [], 'half ready: nothing is removed')
  const ready = carriedOut(first, two)
  assert.deepEqual(
    planTestnet(wanted, ready).actions.map(({ kind }) => kind),
    ['removeShard', 'removeShard'],
  )
  const { world } = settle(wanted, ready)
  assert.deepEqual(
    world.generations.map(({ network }) => network.generation),
    [2],
  )
})

test('a generation that never became ready goes at once when a third one is wanted', () => {
  const { world: two } = settle(testnetWith({ shards: 2 }), NOTHING_OBSERVED)
  const unready = carriedOut(planTestnet(testnetWith({ shards: 3 }), two), two, 0)
  const plan = planTestnet(testnetWith({ shards: 4 }), unready)
  const removed = plan.actions.flatMap((action) =>
    action.kind === 'removeShard' ? [action.shard.name] : [],
  )
  assert.deepEqual(removed, ['demo-g2-shard-0', 'demo-g2-shard-1', 'demo-g2-shard-2'])
  assert.equal(plan.network.generation, 3)
})

test('another image or disk is another state of the same sets, not another generation', () => {
  const { world } = settle(testnetWith({ image: 'one' }), NOTHING_OBSERVED)
  const plan = planTestnet(testnetWith({ image: 'two', storage: { size: '20Gi' } }), world)
  assert.equal(plan.network.generation, 1)
  assert.deepEqual(
    plan.actions.map(({ kind }) => kind),
    ['applyShard', 'applyShard'],
  )
})

test('a testnet goes when its time is over or nothing happens, and never while it is paused', () => {
  const spec = { ttl: '1h', idleAfter: '10m' }
  const { world } = settle(testnetWith(spec), NOTHING_OBSERVED)
  const old = { ...world, ageMs: 3_600_000 }
  const idle = { ...world, idleMs: 600_000 }
  assert.equal(
    planTestnet(testnetWith(spec), { ...world, ageMs: 3_599_999, idleMs: 599_999 }).ending,
    null,
  )
  for (const found of [old, idle]) {
    const plan = planTestnet(testnetWith(spec), found)
    assert.notEqual(plan.ending, null)
    assert.deepEqual(
      plan.actions.map(({ kind }) => kind),
      ['removeShard', 'removeShard'],
    )
    assert.deepEqual(planTestnet(testnetWith({ ...spec, paused: true }), found).actions, [])
    assert.deepEqual(settle(testnetWith(spec), found).world.generations, [])
  }
})

test('data goes or stays as the policy says', () => {
  for (const retention of ['Delete', 'Retain']) {
    const wanted = testnetWith({ ttl: '1s', storage: { retention } })
    const { world } = settle(testnetWith({ storage: { retention } }), NOTHING_OBSERVED)
    const { actions } = planTestnet(wanted, { ...world, ageMs: 5_000 })
    assert.deepEqual(
      actions.map((action) => ('data' in action ? action.data : null)),
      [retention, retention],
    )
  }
})

test('a plan of 4,096 validators takes no time worth counting', () => {
  const wanted = testnetWith({ shards: 64, validatorsPerShard: 64 })
  const plan = planTestnet(wanted, NOTHING_OBSERVED)
  assert.equal(plan.shards.flatMap(validatorsOf).length, 4_096)
})

test('validators: unborn ones are initialised before they start, dead ones wait, running ones are left alone', () => {
  const [shard] = planTestnet(testnetWith({ shards: 1 }), NOTHING_OBSERVED).shards
  assert.ok(shard)
  const at = (validator: number, isRunning: boolean, isBorn: boolean, notBeforeMs: number) => {
    return { validator, isRunning, isBorn, notBeforeMs }
  }
  const found = [
    at(0, true, true, 0),
    at(1, false, true, 0),
    at(2, false, true, 1_500),
    at(3, false, false, 0),
  ]
  const plan = planValidators(shard, found, 1_000)
  assert.deepEqual(
    plan.actions.map(({ kind, validator }) => `${kind} ${validator.validator}`),
    ['startValidator 1', 'initialiseValidator 3', 'startValidator 3'],
  )
  assert.equal(plan.wakeAtMs, 1_500)
})
