import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { disturbedLife, type Golden, goldenLife } from '../../operator/life.ts'
import { Stage } from '../../operator/stage.ts'
import {
  killAt,
  type KillPoint,
  killPoints,
  nameOf,
  shuffled,
} from '../../operator/write-points.ts'

const CHOSEN = 20
/** Lives that go on beside each other, each in a namespace of its own: most of a life is waiting for the cluster. */
const LANES = 3
/** A point that a life does not come to is tried for again so often. */
const TRIES = 3
const seed = Number(process.env['SHARDNET_SEED'] ?? Date.now() % 1_000_000)
const isExhaustive = process.env['SHARDNET_EXHAUSTIVE'] !== undefined

/**
 * The life of a testnet, from nothing to nothing, with the operator killed at one of its writes: before the API server
 * hears of it, or after it has taken effect and before the operator knows. Another operator goes on. What there is when
 * the testnet is ready, and when it is gone, is the same as in a life without a kill.
 */
describe('an operator killed at a write', () => {
  const stages: Stage[] = []
  let golden: Golden
  let points: readonly KillPoint[] = []

  before(async () => {
    const stage = await Stage.set({ name: 'kill', fakeNodes: { count: 12 } })
    stages.push(stage)
    for (let lane = 1; lane < LANES; lane++) stages.push(await stage.beside(`lane-${lane}`))
    golden = await goldenLife(stage, 'full')
    points = shuffled(killPoints(stage.proxy.calls), seed)
  })
  after(() => stages[0]?.stop())

  test('leaves what an operator that lives leaves', async () => {
    assert.ok(points.length > CHOSEN, `only ${points.length} points were found`)
    const wanted = isExhaustive ? points.length : CHOSEN
    const waiting = points.map((point) => ({ point, tries: 0 }))
    const failures: string[] = []
    const missed: string[] = []
    let [covered, running] = [0, 0]
    const lane = async (stage: Stage): Promise<void> => {
      while (covered + running < wanted) {
        const next = waiting.shift()
        if (next === undefined) return
        running++
        const { isReached, problems } = await die(stage, golden, next.point)
        running--
        failures.push(...problems)
        if (isReached) covered++
        else if (isExhaustive && next.tries + 1 < TRIES)
          waiting.push({ ...next, tries: next.tries + 1 })
        else missed.push(nameOf(next.point))
      }
    }
    await Promise.all(stages.map(lane))
    console.log(`killed at ${covered} of ${points.length} points (seed ${seed})`)
    if (missed.length > 0)
      console.log(`not come to, and others taken instead: ${missed.join('; ')}`)
    assert.deepEqual(failures, [])
    // A life takes a few turns that another one does not: evictions and second looks. They are few.
    const missedMax = isExhaustive ? points.length / 10 : CHOSEN / 2
    assert.ok(missed.length <= missedMax, `${missed.length} were not come to`)
    if (!isExhaustive) assert.equal(covered, CHOSEN)
  })
})

async function die(stage: Stage, golden: Golden, point: KillPoint) {
  const name = nameOf(point)
  let isReached = false
  const startedAt = performance.now()
  try {
    const found = await disturbedLife(stage, golden, (kill) =>
      killAt(point, () => {
        isReached = true
        kill()
      }),
    )
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
    console.log(`${isReached ? 'killed' : 'not come to'}: ${name} (${seconds} s)`)
    return { isReached, problems: found.map((line) => `${name}: ${line}`) }
  } catch (error) {
    // With its cause, which says what was waited for; the error itself has the operator's last words.
    const cause =
      error instanceof Error ? `${error.message}\n${String(error.cause)}` : String(error)
    return { isReached, problems: [`${name}: ${cause}`] }
  }
}
