import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawTwinsPlan } from '../src/twins/twins-plan.ts'
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
