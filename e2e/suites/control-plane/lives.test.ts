import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiCall, isWrite, labelOf } from '../../cluster/api-proxy/api-call.ts'
import type { Fate, Interference } from '../../cluster/api-proxy/interference.ts'
import { caseChoice, countOf, inOrder } from '../../operator/case-choice.ts'
import { type Goldens, inShortest, kills, lostEvents } from '../../operator/disturbances.ts'
import { cover, coverageText, Lanes } from '../../operator/lanes.ts'
import { type Disturbance, disturbedLife, goldenLife, lateLife } from '../../operator/life.ts'

const choice = caseChoice()
/** Of kills: a life takes a few turns that another one does not, such as evictions and second looks. */
const MISSED_MAX = 0.1
/** Late writes beside those that are always tried, for one kill or lost event. */
const LATE_PART = 0.2
/** What a late write could do harm to. */
const LATE_ALWAYS = [
  'apply secrets demo-g1-shard-0-keys (2)',
  'apply shards.shardnet.dev demo-g1-shard-0',
  'apply shards.shardnet.dev demo-g1-shard-1 (2)',
  'apply statefulsets.apps demo-g1-shard-0',
  'apply statefulsets.apps demo-g1-shard-1 (2)',
]

/**
 * Lives of a testnet, from nothing to nothing, in each of which something goes wrong. What there is when the testnet is
 * ready, and when it is gone, is the same as in a life in which nothing does. All are on one cluster, each in a namespace
 * with an installation, an operator and a way to the API server of its own.
 */
describe('lives of a testnet', { concurrency: true }, () => {
  let lanes: Lanes
  let goldens: Goldens
  const events = new Set<string>()

  before(async () => {
    lanes = await Lanes.open({ name: 'lives' })
    const [short, full] = await Promise.all([
      lanes.on((stage) =>
        goldenLife(stage, 'short', {
          onWatchEvent: (_, { type, kind, name }) => {
            if (type !== 'BOOKMARK') events.add(`${type} ${kind} ${name}`)
            return 'pass'
          },
        }),
      ),
      lanes.on((stage) => goldenLife(stage, 'full')),
    ])
    goldens = { short, full }
  })
  after(() => lanes?.stop())

  const disturbed = (disturbance: Disturbance): Promise<readonly string[]> =>
    lanes.on((stage) => disturbedLife(stage, goldens.short, disturbance))

  test('an operator that is stopped with a write on its way: when the write arrives another one holds the lease, and nothing changes', async () => {
    const cases = inShortest(
      goldens,
      // Nobody holds the lease any more when the operator is woken.
      ({ writes }) => writes.filter((label) => !label.includes(' leases.')),
      (label) => label,
    ).map(({ golden, each }) => ({ name: each, golden }))
    const isAlways = ({ name }: { readonly name: string }) => LATE_ALWAYS.includes(name)
    assert.equal(
      cases.filter(isAlways).length,
      LATE_ALWAYS.length,
      cases.map(({ name }) => name).join('\n'),
    )
    const ordered = inOrder(cases, choice)
    const always = ordered.filter(isAlways)
    const others = ordered.filter((each) => !isAlways(each))
    const wanted = always.length + countOf(others, choice, LATE_PART)
    const answers = new Map<string, number | null>()
    const found = await cover(lanes, [...always, ...others], wanted, async (stage, each) => {
      const late = await lateLife(stage, each.golden, each.name)
      answers.set(each.name, late.status)
      return late
    })
    console.log(coverageText('late were', found, cases.length, choice.seed))
    console.log([...answers].map(([name, status]) => `${status} to ${name}`).join('\n'))
    assert.deepEqual(found.failures, [])
    for (const { name } of always) assert.equal(answers.get(name), 409, name)
    if (wanted < ordered.length) assert.equal(found.covered, wanted)
  })

  test('an API server that never answers one write: the operator gives it up and tries again', async () => {
    const isIt = (call: ApiCall): boolean => isWrite(call) && call.resource === 'statefulsets'
    assert.deepEqual(await disturbed(() => onceEach({ kind: 'silence' }, isIt)), [])
  })

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
    test(`an API server that ${name}`, async () => {
      const isMeant = name.includes('each write') ? isWrite : () => true
      assert.deepEqual(await disturbed(() => onceEach(fate, isMeant)), [])
    })

  test('an API server that says 410 once to each list and watch: the operator reads anew', async () => {
    const gone: Fate = { kind: 'answer', status: 410 }
    const isRead = ({ verb }: ApiCall): boolean => verb === 'watch' || verb === 'list'
    assert.deepEqual(await disturbed(() => onceEach(gone, isRead)), [])
  })

  test('an API server that cuts each watch at its first event', async () => {
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

  test('an operator that is killed at a write, and one that is not told of a change: another look finds everything', async () => {
    const killed = kills(goldens)
    assert.ok(killed.length > 40, `only ${killed.length} kills were found`)
    assert.ok(events.size > 4, 'events were seen')
    const all = [...killed, ...lostEvents(goldens.short, events)]
    const cases = inOrder(all, choice)
    const wanted = countOf(cases, choice)
    const found = await cover(lanes, cases, wanted, async (stage, { golden, disturbance }) => {
      let isReached = false
      const happens = disturbance(() => (isReached = true))
      return { problems: await disturbedLife(stage, golden, happens), isReached }
    })
    console.log(coverageText('killed, or not told:', found, all.length, choice.seed))
    assert.deepEqual(found.failures, [])
    if (wanted < cases.length) assert.equal(found.covered, wanted)
    const missed = found.missed.filter((name) => name.startsWith('killed '))
    assert.ok(missed.length <= Math.ceil(wanted * MISSED_MAX), `not come to: ${missed.join('; ')}`)
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
