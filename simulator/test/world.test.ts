import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runForkWorld } from '../src/adversary/fork-world.ts'
import { drawWorldPlan } from '../src/world/world-plan.ts'
import { World } from '../src/world/world.ts'

test('a seed leaves one trace, however often it is run and whoever decodes', () => {
  for (const seed of [3, 6]) {
    const plan = drawWorldPlan(seed, { shards: 1, size: 4 })
    const first = new World(plan).run()
    const again = new World({ ...plan, isDecodingApart: !plan.isDecodingApart }).run()
    assert.equal(again.traceHash, first.traceHash, `seed ${seed}`)
    const printed = new World(plan, () => {}).run()
    assert.equal(printed.traceHash, first.traceHash, `seed ${seed}, with lines`)
  }
})

test('a healthy world makes blocks, orders what it acknowledged, and delivers across shards', () => {
  const plan = drawWorldPlan(11, { kind: 'liveness', shards: 2, size: 4, heightsAim: 20 })
  const load = {
    pauseMs: 500,
    transfersMax: 4,
    crossShare: 0.5,
    cellShare: 0.2,
    oddShare: 0,
    silentFromMs: null,
  }
  const result = new World({ ...plan, faults: new Map(), stormMs: 5_000, load }).run()
  assert.equal(result.violation, null)
  assert.ok(result.heightMin >= 20)
  assert.ok(result.committed > 0)
})

test('votes with real signatures lead to blocks as well', () => {
  const changes = {
    kind: 'liveness',
    shards: 1,
    size: 4,
    heightsAim: 8,
    isCryptoReal: true,
  } as const
  const plan = drawWorldPlan(12, changes)
  const result = new World({ ...plan, faults: new Map(), stormMs: 2_000 }).run()
  assert.equal(result.violation, null)
  assert.ok(result.heightMin >= 8)
})

test('more than f liars fork the chain; it is seen, the honest stop, and only liars are proven guilty', () => {
  for (const seed of [500, 1_000]) {
    const { isForkSeen, halted, guilty, liars, isHonestAccused } = runForkWorld(seed)
    assert.ok(isForkSeen, `seed ${seed}`)
    assert.ok(halted > 0, `seed ${seed}`)
    assert.ok(guilty.length >= liars, `seed ${seed}: ${guilty.join(' ')}`)
    assert.ok(!isHonestAccused, `seed ${seed}`)
  }
})
