import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiCall, isWrite, labelOf } from '../../cluster/api-proxy/api-call.ts'
import type { Fate, Interference } from '../../cluster/api-proxy/interference.ts'
import { type Disturbance, disturbedLife, type Golden, goldenLife } from '../../operator/life.ts'
import { cover, coverageText, Lanes } from '../../operator/lanes.ts'
import { shuffled } from '../../operator/write-points.ts'

const seed = Number(process.env['SHARDNET_SEED'] ?? Date.now() % 1_000_000)
const isExhaustive = process.env['SHARDNET_EXHAUSTIVE'] !== undefined
const DROPS_CHOSEN = 4

describe('an API server that misbehaves', { concurrency: true }, () => {
  let lanes: Lanes
  let golden: Golden
  const events = new Set<string>()

  before(async () => {
    lanes = await Lanes.open({ name: 'faults' })
    const [stage] = lanes.stages
    assert.ok(stage !== undefined)
    golden = await goldenLife(stage, 'short', {
      onWatchEvent: (_, { type, kind, name }) => {
        if (type !== 'BOOKMARK') events.add(`${type} ${kind} ${name}`)
        return 'pass'
      },
    })
  })
  after(() => lanes?.stop())

  const disturbed = (disturbance: Disturbance): Promise<readonly string[]> =>
    lanes.on((stage) => disturbedLife(stage, golden, disturbance))

  const fates: Readonly<Record<string, Fate>> = {
    'refuses each write once as a conflict': { kind: 'answer', status: 409 },
    'fails once at each request': { kind: 'answer', status: 500 },
    'is busy once at each request, and says for how long': {
      kind: 'answer',
      status: 429,
      retryAfterSeconds: 1,
    },
    'cuts the connection before each request': { kind: 'cutBefore' },
    'cuts the connection after each request took effect': { kind: 'cutAfter' },
    'answers late': { kind: 'delay', ms: 1_500 },
  }
  for (const [name, fate] of Object.entries(fates))
    test(`${name}: the operator comes to the same end`, async () => {
      const isMeant = name.includes('each write') ? isWrite : () => true
      assert.deepEqual(await disturbed(() => onceEach(fate, isMeant)), [])
    })

  test('says 410 once to each list and watch: the operator reads anew', async () => {
    const gone: Fate = { kind: 'answer', status: 410 }
    const isRead = ({ verb }: ApiCall): boolean => verb === 'watch' || verb === 'list'
    assert.deepEqual(await disturbed(() => onceEach(gone, isRead)), [])
  })

  test('never answers one write: the operator gives it up and tries again', async () => {
    const isIt = (call: ApiCall): boolean => isWrite(call) && call.resource === 'statefulsets'
    assert.deepEqual(await disturbed(() => onceEach({ kind: 'silence' }, isIt)), [])
  })

  test('cuts each watch at its first event', async () => {
    const cut = new Set<string>()
    const cutting: Interference = {
      onWatchEvent: (call) => {
        if (cut.has(call.resource)) return 'pass'
        cut.add(call.resource)
        return 'cut'
      },
    }
    assert.deepEqual(await disturbed(() => cutting), [])
  })

  test('loses an event of a watch: the operator does not rest on it', async () => {
    const all = [...events]
    const wanted = isExhaustive ? all.length : DROPS_CHOSEN
    assert.ok(all.length > DROPS_CHOSEN, 'events were seen')
    const cases = shuffled(all, seed).map((name) => ({ name }))
    const found = await cover(lanes, cases, wanted, async (stage, { name }) => {
      let isReached = false
      const losing: Interference = {
        onWatchEvent: (_, event) => {
          if (isReached || `${event.type} ${event.kind} ${event.name}` !== name) return 'pass'
          isReached = true
          return 'drop'
        },
      }
      const problems = await disturbedLife(stage, golden, () => losing)
      return { isReached, problems }
    })
    console.log(coverageText('events lost:', found, all.length, seed))
    assert.deepEqual(found.failures, [])
    if (!isExhaustive) assert.equal(found.covered, DROPS_CHOSEN)
  })
})

/** Every different request meets that fate once, all others pass. Leases are left alone: they have tests of their own. */
function onceEach(fate: Fate, isMeant: (call: ApiCall) => boolean = () => true): Interference {
  const met = new Set<string>()
  return {
    onCall: (call) => {
      const label = labelOf(call)
      if (met.has(label) || call.resource === 'leases' || !isMeant(call)) return { kind: 'forward' }
      met.add(label)
      return fate
    },
  }
}
