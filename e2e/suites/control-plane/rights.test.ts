import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { labelOf } from '../../cluster/api-proxy/api-call.ts'
import { waitUntil } from '../../cluster/process/wait-until.ts'
import { renderOperator } from '../../operator/install.ts'
import { isLackOf, nameOfRight, type Right, rightsIn, without } from '../../operator/rights-seen.ts'
import {
  type GrantedRole,
  grantsOf,
  type Part,
  RightsStage,
  type RoleName,
} from '../../operator/rights-stage.ts'
import { clearStory, rightsStory, type Step } from '../../operator/rights-story.ts'
import { NAMESPACE } from '../../operator/stage.ts'
import { caseChoice, countOf, inOrder } from '../../operator/case-choice.ts'

const REFUSED_MAX_MS = 60_000
/** How long a refused operator is watched. */
const LOOK_MS = 5_000
/** Tries of one refused request in that time: back-off, not a loop. Both shards and every kind may want it. */
const TRIES_MAX = 12
/** Of the kills that a run takes. */
const PART = 0.25
const choice = caseChoice()

/** Rights that fake nodes do not lead to, and what does. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'hub: get shardnet.dev/faults': 'the result of a load test with faults, which real pods write',
}

describe("the operators' rights", () => {
  let stage: RightsStage
  let story: readonly Step[]
  /** The step in which a right was used first, by role and name. */
  const firstUse = new Map<string, number>()

  before(async () => {
    stage = await RightsStage.set()
    story = rightsStory(stage.cluster)
  })
  after(() => stage?.stop())

  test('suffice for everything that a testnet goes through, and each of them is needed for it', async () => {
    await stage.startOperators()
    try {
      for (const [index, step] of story.entries()) {
        await step.act()
        await step.settled()
        noteUses(index)
      }
      await clearStory(stage.cluster)
    } finally {
      await stage.killOperators()
    }
    for (const role of ['hub', 'member'] as const)
      assert.deepEqual(stage.part(role).refused.map(labelOf), [], `the ${role} was refused`)
    const all = grantsOf(stage.granted)
    const unused = all.map(keyOf).filter((key) => !firstUse.has(key))
    console.log(`used ${all.length - unused.length} of ${all.length} rights; not: ${unused.join()}`)
    assert.deepEqual(unused, Object.keys(ELSEWHERE), 'granted and never used')
  })

  function noteUses(step: number): void {
    const used = (['hub', 'member'] as const).flatMap((role) =>
      [...stage.part(role).used.keys()].map((name) => `${role}: ${name}`),
    )
    for (const key of used) if (!firstUse.has(key)) firstUse.set(key, step)
  }

  test('of an operator that is both are those of a hub and of a member, and no more', async () => {
    const rendered = await renderOperator(stage.cluster, { role: 'both', gateways: true })
    const granted = new Set(
      rendered.flatMap(({ kind, rules = [] }) =>
        kind === 'Role' || kind === 'ClusterRole' ? rightsIn(rules).map(nameOfRight) : [],
      ),
    )
    const together = new Set(grantsOf(stage.granted).map(({ right }) => nameOfRight(right)))
    assert.deepEqual([...granted].sort(), [...together].sort())
  })

  test('are missed in words when one is gone, not tried for in a loop', async () => {
    const all = grantsOf(stage.granted)
      .map((each) => ({ ...each, name: keyOf(each) }))
      .filter(({ name }) => firstUse.has(name))
    assert.ok(all.length > 40, 'the first test found out where each right is needed')
    const ordered = inOrder(all, choice)
    const picked = ordered.slice(0, countOf(ordered, choice, PART))
    const areAll = picked.length === all.length
    for (const [index, { grant, right }] of picked.entries()) {
      const startedAt = performance.now()
      // That an operator goes on by itself takes its back-off: once, and all of them at night.
      await lose(grant, right, areAll || index === 0)
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
      console.log(`missed: ${keyOf({ grant, right })} (${seconds} s)`)
    }
    console.log(`missed ${picked.length} of ${all.length} rights (seed ${choice.seed})`)
  })

  async function lose(grant: GrantedRole, right: Right, goesOnByItself: boolean): Promise<void> {
    const { role } = grant
    const at = firstUse.get(keyOf({ grant, right })) ?? 0
    const part = stage.part(role)
    const step = story[at]
    assert.ok(step !== undefined)
    try {
      if (at > 0) await stage.startOperators()
      for (const earlier of story.slice(0, at)) {
        await earlier.act()
        await earlier.settled()
      }
      part.refused.length = 0
      await stage.setRules(grant, without(grant.rules, right))
      if (at === 0) await stage.startOperators()
      await step.act()
      await missed(part, role, right)
    } finally {
      await stage.setRules(grant, grant.rules)
    }
    if (!goesOnByItself || part.operator?.isRunning === false) await stage.restart(role)
    await step.settled()
    await clearStory(stage.cluster)
    await stage.killOperators()
  }

  async function missed(part: Part, role: RoleName, right: Right): Promise<void> {
    const name = `${role}: ${nameOfRight(right)}`
    const refusals = () => part.refused.filter((call) => isLackOf(right, call))
    await waitUntil(`a refusal of ${name}`, REFUSED_MAX_MS, () => refusals().length > 0)
    const before = refusals().length
    await delay(LOOK_MS)
    const tries = refusals().length - before
    assert.ok(tries <= TRIES_MAX, `${name} was tried ${tries} times in ${LOOK_MS} ms`)
    const [, plain = ''] = /^(?:[^/]*\/)?([a-z]+)/.exec(right.resource) ?? []
    const said = (await part.operator?.log()) ?? ''
    const words = ['get', 'shards', '-n', NAMESPACE, '-o', 'jsonpath={.items[*].status.conditions}']
    const told = await stage.cluster.mustRun('kubectl', words)
    const isLogged = /forbidden/i.test(said) && said.includes(plain)
    const isTold = told.includes(`may not read ${plain}`)
    assert.ok(isLogged || isTold, `${name} is named: ${said.slice(-800)}`)
  }
})

function keyOf({ grant, right }: { readonly grant: GrantedRole; readonly right: Right }): string {
  return `${grant.role}: ${nameOfRight(right)}`
}
