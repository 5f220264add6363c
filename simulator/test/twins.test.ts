import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roundKindsOf } from '../src/twins/round-kinds.ts'
import { drawTwinsPlan } from '../src/twins/twins-plan.ts'
import { addScenario, emptyTwinsTotals, mergeTwinsTotals } from '../src/twins/twins-totals.ts'
import { TwinsWorld } from '../src/twins/twins-world.ts'

const resultOf = (index: number, changes = {}) =>
  new TwinsWorld(drawTwinsPlan(index, changes)).run()

test('a scenario is a function of its index', () => {
  for (const index of [3, 24, 77]) assert.deepEqual(resultOf(index), resultOf(index))
})

test('with f twins nothing breaks, although they equivocate, are found out and cost views', () => {
  const sum = { equivocations: 0, accused: 0, skips: 0, restarts: 0, heights: 0 }
  for (let index = 1; index <= 400; index++) {
    const { violation, equivocations, accused, skips, restarts, height } = resultOf(index)
    assert.equal(
      violation,
      null,
      `scenario ${index}: ${violation?.invariant} ${violation?.message}`,
    )
    sum.equivocations += equivocations
    sum.accused += accused
    sum.skips += skips
    sum.restarts += restarts
    sum.heights += height
  }
  for (const [name, count] of Object.entries(sum)) assert.ok(count > 400, `${name}: ${count}`)
})

test('one twin more than the protocol bears forks it, and the fork is seen', () => {
  const invariants = new Set<string>()
  for (let index = 1; index <= 20; index++) {
    const { size } = drawTwinsPlan(index)
    const twins = Math.trunc((size - 1) / 3) + 1
    invariants.add(resultOf(index, { twins, isSplit: true }).violation?.invariant ?? 'none')
  }
  assert.ok(invariants.has('I1 agreement'), [...invariants].join())
})

test('a round is named by who is apart, where a quorum is, and whether twins hear each other', () => {
  // Seats 0, 1, 2, 3, and the other half of 2.
  const kinds = (groupOf: number[], dropRate = 0) =>
    roundKindsOf({ forMs: 1, groupOf, dropRate }, [0, 1, 2, 3, 2], 4).join('; ')
  assert.equal(kinds([1, 1, 1, 1, 1]), 'partition: nobody apart; partition: twins together')
  assert.equal(
    kinds([0, 0, 0, 1, 1]),
    'partition: 2 groups, a quorum in one; partition: twins apart',
  )
  assert.equal(
    kinds([0, 0, 1, 1, 1], 0.1),
    'partition: 2 groups, a quorum nowhere; partition: twins together; partition: with loss',
  )
  assert.equal(
    kinds([0, 1, 2, 2, 2]),
    'partition: 3 groups, a quorum nowhere; partition: twins together',
  )
})

test('totals tell partitions, and the roles of twins, by how often they happened, and halves of them add up', () => {
  const totals = [emptyTwinsTotals(), emptyTwinsTotals(), emptyTwinsTotals()] as const
  let rounds = 0
  for (let index = 1; index <= 60; index++) {
    const result = resultOf(index)
    rounds += drawTwinsPlan(index).rounds.length
    addScenario(totals[0], result)
    addScenario(totals[1 + (index % 2)] ?? totals[0], result)
  }
  const { happened, equivocations } = totals[0]
  const sumOf = (pattern: RegExp) =>
    Object.entries(happened).reduce(
      (sum, [name, times]) => sum + (pattern.test(name) ? times : 0),
      0,
    )
  assert.equal(sumOf(/^partition: (nobody apart|\d groups, a quorum \w+ ?\w+)$/), rounds)
  assert.equal(sumOf(/^partition: twins (apart|together)$/), rounds)
  assert.equal(sumOf(/^twin: two values/), equivocations)
  assert.equal(sumOf(/^committee of/), 60)
  assert.equal(happened['partition: 2 groups, a quorum nowhere, fired'] !== undefined, true)
  assert.ok(sumOf(/^twin: proposal of a half$/) > 0)
  mergeTwinsTotals(totals[1], totals[2])
  assert.deepEqual(totals[1], totals[0])
})
