import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { cover, coverageText, Lanes } from '../../operator/lanes.ts'
import { disturbedLife, type Golden, goldenLife } from '../../operator/life.ts'
import {
  killAt,
  type KillPoint,
  killPoints,
  nameOf,
  shuffled,
} from '../../operator/write-points.ts'

const CHOSEN = 20
const seed = Number(process.env['SHARDNET_SEED'] ?? Date.now() % 1_000_000)
const isExhaustive = process.env['SHARDNET_EXHAUSTIVE'] !== undefined

/**
 * The life of a testnet, from nothing to nothing, with the operator killed at one of its writes: before the API server
 * hears of it, or after it has taken effect and before the operator knows. Another operator goes on. What there is when
 * the testnet is ready, and when it is gone, is the same as in a life without a kill.
 */
describe('an operator killed at a write', () => {
  let lanes: Lanes
  let golden: Golden
  let points: readonly KillPoint[] = []

  before(async () => {
    lanes = await Lanes.open({ name: 'kill' })
    const [stage] = lanes.stages
    assert.ok(stage !== undefined)
    golden = await goldenLife(stage, 'full')
    points = shuffled(killPoints(stage.proxy.calls), seed)
  })
  after(() => lanes?.stop())

  test('leaves what an operator that lives leaves', async () => {
    assert.ok(points.length > CHOSEN, `only ${points.length} points were found`)
    const cases = points.map((point) => ({ point, name: nameOf(point) }))
    const wanted = isExhaustive ? cases.length : CHOSEN
    const found = await cover(lanes, cases, wanted, async (stage, { point }) => {
      let isReached = false
      const problems = await disturbedLife(stage, golden, (kill) =>
        killAt(point, () => {
          isReached = true
          kill()
        }),
      )
      return { isReached, problems }
    })
    console.log(coverageText('killed at', found, points.length, seed))
    assert.deepEqual(found.failures, [])
    if (!isExhaustive) assert.equal(found.covered, CHOSEN)
    // A life takes a few turns that another one does not: evictions and second looks. They are few.
    assert.ok(found.missed.length <= wanted / 10, `${found.missed.length} were not come to`)
  })
})
