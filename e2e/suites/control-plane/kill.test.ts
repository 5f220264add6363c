import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiCall, labelOf } from '../../cluster/api-proxy/api-call.ts'
import type { Interference } from '../../cluster/api-proxy/interference.ts'
import { disturbedLife, type Golden, goldenLife } from '../../operator/life.ts'
import { Stage } from '../../operator/stage.ts'
import { chosen, type KillPoint, killPoints } from '../../operator/write-points.ts'

const CHOSEN = 20
const seed = Number(process.env['SHARDNET_SEED'] ?? Date.now() % 1_000_000)
const isExhaustive = process.env['SHARDNET_EXHAUSTIVE'] !== undefined

/**
 * The life of a testnet, from nothing to nothing, with the operator killed at one of its writes: before the API server
 * hears of it, or after it has taken effect and before the operator knows. Another operator goes on. What there is when
 * the testnet is ready, and when it is gone, is the same as in a life without a kill.
 */
describe('an operator killed at a write', () => {
  let stage: Stage
  let golden: Golden
  let points: readonly KillPoint[] = []

  before(async () => {
    stage = await Stage.set({ name: 'kill' })
    golden = await goldenLife(stage)
    points = killPoints(stage.proxy.calls)
  })
  after(() => stage?.stop())

  test('leaves what an operator that lives leaves', async () => {
    const picked = isExhaustive ? points : chosen(points, CHOSEN, seed)
    assert.ok(points.length > CHOSEN, `only ${points.length} points were found`)
    const failures: string[] = []
    let covered = 0
    for (const point of picked) {
      const name = `${point.when} ${point.label}`
      try {
        const found = await disturbedLife(stage, golden, (kill) =>
          killAt(point, () => {
            covered++
            kill()
          }),
        )
        failures.push(...found.map((line) => `${name}: ${line}`))
      } catch (error) {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    console.log(`killed at ${covered} of ${points.length} points (seed ${seed})`)
    assert.deepEqual(failures, [])
    // What is written depends a little on what comes first, so a point may not be reached; most are.
    assert.ok(covered >= picked.length / 2, `${covered} of ${picked.length} points were reached`)
  })
})

function killAt({ label, when }: KillPoint, kill: () => void): Interference {
  let isDone = false
  const hits = (call: ApiCall): boolean => {
    if (isDone || labelOf(call) !== label) return false
    isDone = true
    kill()
    return true
  }
  return when === 'before'
    ? { onCall: (call) => ({ kind: hits(call) ? 'cutBefore' : 'forward' }) }
    : { onAnswered: (call) => void hits(call) }
}
