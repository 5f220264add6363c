import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Testnet } from '../../src/api/door.ts'
import type { Action } from '../../src/plan/action.ts'
import { budgetOf, gatewaysOf } from '../../src/plan/budget.ts'
import { type ObservedCluster, planHub } from '../../src/plan/hub-plan.ts'
import {
  faultyMax,
  NOTHING_OBSERVED,
  type ObservedTestnet,
  planTestnet,
} from '../../src/plan/door.ts'
import { clustersOf, hubWorld } from './hub-world.ts'
import { anyTestnet, carriedOut } from './model.ts'

const TURNS_MAX = 200

function testnetWith(spec: Readonly<Record<string, unknown>>): Testnet {
  return Testnet.parse({
    apiVersion: 'shardnet.dev/v1alpha1',
    kind: 'Testnet',
    metadata: { name: 'demo' },
    spec,
  })
}

/** All clusters that either testnet names. */
function clustersOfBoth(one: Testnet, other: Testnet) {
  const all = [...clustersOf(one), ...clustersOf(other)]
  return all.filter(({ name }, index) => all.findIndex((each) => each.name === name) === index)
}

/** Carries actions out one by one; the operator is killed after each, and begins anew from what it finds. */
function settleKilled(
  desired: Testnet,
  from: ObservedTestnet,
  clusters: readonly ObservedCluster[],
): ObservedTestnet {
  let world = from
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const { plan, actions } = planHub(desired, hubWorld(world, clusters))
    const [first] = actions
    if (first === undefined) return world
    world = carriedOut({ ...plan, actions: [first] }, world)
  }
  return assert.fail('the plan does not settle')
}

test('killed after every single action, the hub converges to what an undisturbed one does', () => {
  fc.assert(
    fc.property(anyTestnet, anyTestnet, (first, second) => {
      const clusters = clustersOfBoth(first, second)
      const before = settleKilled(first, NOTHING_OBSERVED, clusters)
      const after = settleKilled(second, before, clusters)
      assert.equal(after.generations.length, 1)
      const { shards } = planTestnet(second, after)
      assert.deepEqual(
        [...(after.generations[0]?.shards ?? [])].map(({ plan }) => plan).sort(byPlace),
        [...shards].sort(byPlace),
      )
      assert.deepEqual(settleKilled(second, after, clusters), after, 'and stays')
    }),
  )
})

function byPlace(one: { name: string; cluster: string | null }, other: typeof one): number {
  const key = ({ name, cluster }: typeof one) => `${name}/${cluster}`
  return key(one).localeCompare(key(other))
}

test('an edit in the midst of another converges too: to the last one', () => {
  fc.assert(
    fc.property(anyTestnet, anyTestnet, anyTestnet, fc.nat(6), (first, second, third, steps) => {
      const clusters = [...clustersOfBoth(first, second), ...clustersOf(third)].filter(
        ({ name }, index, all) => all.findIndex((each) => each.name === name) === index,
      )
      let world = settleKilled(first, NOTHING_OBSERVED, clusters)
      for (let step = 0; step < steps; step++) {
        const { plan, actions } = planHub(second, hubWorld(world, clusters))
        world = carriedOut({ ...plan, actions: actions.slice(0, 1) }, world)
      }
      const after = settleKilled(third, world, clusters)
      assert.equal(after.generations.length, 1)
      const networks = new Set(after.generations[0]?.shards.map(({ plan }) => plan.network.shards))
      assert.deepEqual([...networks], [third.spec.shards])
    }),
  )
})

test('deleted, nothing is left, whatever was under way; a cluster that is away holds the end back', () => {
  fc.assert(
    fc.property(anyTestnet, fc.nat(8), (testnet, steps) => {
      const clusters = clustersOf(testnet)
      let world: ObservedTestnet = NOTHING_OBSERVED
      for (let step = 0; step < steps; step++) {
        const { plan, actions } = planHub(testnet, hubWorld(world, clusters))
        world = carriedOut({ ...plan, actions: actions.slice(0, 1) }, world)
      }
      const deleted = { ...world, isDeleted: true }
      assert.deepEqual(settleKilled(testnet, deleted, clusters).generations, [])
      const [name] = testnet.spec.placement.clusters.map((cluster) => cluster.name)
      const used = world.generations.some(({ shards }) =>
        shards.some(({ plan }) => plan.cluster === name),
      )
      if (name === undefined || !used) return
      const away = clustersOf(testnet, [name])
      const left = settleKilled(testnet, deleted, away)
      assert.equal(left.generations.length, world.generations.length)
      const { holds } = planHub(testnet, hubWorld(left, away))
      assert.ok(holds.some(({ reason }) => reason === 'ClusterUnreachable'))
      assert.deepEqual(settleKilled(testnet, left, clusters).generations, [], 'and goes on later')
    }),
  )
})

test('no generation gets the number of one that is gone: its validators have voted', () => {
  const testnet = testnetWith({ shards: 1 })
  const { network } = planTestnet(testnet, { ...NOTHING_OBSERVED, lastGeneration: 3 })
  assert.equal(network.generation, 4)
})

test('a rollout over clusters takes one part of a shard at a time', () => {
  const clusters = ['a', 'b', 'c', 'd'].map((name) => ({ name }))
  const placement = { spread: 'Validators', clusters }
  const before = testnetWith({ shards: 2, image: 'one', placement })
  const after = testnetWith({ shards: 2, image: 'two', placement })
  const known = clustersOf(before)
  let world = settleKilled(before, NOTHING_OBSERVED, known)
  for (let turn = 0; turn < 4; turn++) {
    const { plan, actions, holds } = planHub(after, hubWorld(world, known))
    assert.deepEqual(shardsOf(actions), [0, 1], `turn ${turn}: one part of each shard`)
    assert.equal(
      holds.some(({ reason }) => reason === 'RollingOut'),
      turn < 3,
    )
    const half = carriedOut({ ...plan, actions }, world, 0)
    const waiting = planHub(after, hubWorld(half, known))
    assert.deepEqual(shardsOf(waiting.actions), [], 'the next waits until that one is ready')
    world = carriedOut({ ...plan, actions }, world)
  }
  assert.deepEqual(planHub(after, hubWorld(world, known)).actions, [])
})

function shardsOf(actions: readonly Action[]): readonly number[] {
  return actions.flatMap((action) => (action.kind === 'applyShard' ? [action.shard.shard] : []))
}

test('without room for both generations nothing is begun, and the reason says what to do', () => {
  const placement = { clusters: [{ name: 'a' }] }
  const two = testnetWith({ shards: 2, placement })
  const three = testnetWith({ shards: 3, placement })
  const roomy = clustersOf(two)
  const world = settleKilled(two, NOTHING_OBSERVED, roomy)
  const full = roomy.map((cluster) => ({ ...cluster, capacity: cluster.name === 'a' ? 19 : null }))
  const { actions, holds } = planHub(three, hubWorld(world, full))
  assert.deepEqual(actions, [])
  assert.match(holds[0]?.message ?? '', /room for 19.*12 are wanted beside 8.*raise its capacity/)
  const grown = full.map((cluster) => ({ ...cluster, capacity: cluster.name === 'a' ? 20 : null }))
  const later = settleKilled(three, world, grown)
  assert.equal(later.generations[0]?.network.shards, 3, 'it recovers by itself')
})

test('an unknown cluster holds its own part back and no other', () => {
  const placement = { clusters: [{ name: 'a' }, { name: 'b' }] }
  const testnet = testnetWith({ shards: 2, placement })
  const clusters = clustersOf(testnet).filter(({ name }) => name !== 'b')
  const { actions, holds } = planHub(testnet, hubWorld(NOTHING_OBSERVED, clusters))
  assert.deepEqual(shardsOf(actions), [0])
  assert.equal(holds[0]?.reason, 'ClusterUnknown')
})

test('the budgets of all parts of a shard come to at most f, and gateways meet what they are for', () => {
  fc.assert(
    fc.property(anyTestnet, (testnet) => {
      const { shards } = planTestnet(testnet, NOTHING_OBSERVED)
      const f = faultyMax(testnet.spec.validatorsPerShard)
      for (const shard of shards) {
        const parts = shards.filter((each) => each.shard === shard.shard)
        const sum = parts.reduce((total, part) => total + budgetOf(part, shards), 0)
        assert.ok(sum <= f)
        if (parts.length === 1) assert.equal(sum, f)
        const gateways = gatewaysOf(shard, shards, testnet)
        const isAlone = new Set(shards.map(({ cluster }) => cluster)).size === 1
        if (isAlone) assert.equal(gateways, 0)
        else if (testnet.spec.placement.spread === 'Validators') {
          assert.equal(gateways, shard.ordinals.count)
        } else assert.equal(gateways, f + 1)
      }
    }),
  )
})
