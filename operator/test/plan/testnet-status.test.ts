import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Testnet } from '../../src/api/door.ts'
import type { ShardStatus, TestnetStatus } from '../../src/api/testnet-status.ts'
import { mergeConditions } from '../../src/plan/conditions.ts'
import { NOTHING_OBSERVED, planTestnet } from '../../src/plan/door.ts'
import { planHub } from '../../src/plan/hub-plan.ts'
import { type StatusWorld, testnetStatements } from '../../src/plan/testnet-status.ts'
import { clustersOf, hubWorld } from './hub-world.ts'

const VALIDATORS = 4
const MINUTE_MS = 60_000
const desired = Testnet.parse({
  apiVersion: 'shardnet.dev/v1alpha1',
  kind: 'Testnet',
  metadata: { name: 'demo' },
  spec: { shards: 2, validatorsPerShard: VALIDATORS },
})
type Report = ShardStatus & { readonly isTold?: boolean }

const running: ShardStatus = {
  born: true,
  readyValidators: VALIDATORS,
  updatedValidators: VALIDATORS,
}

/** A testnet of which all validators are ready, as its members report it. */
function worldOf(reports: readonly Report[], before: TestnetStatus, nowMs: number): StatusWorld {
  const { network, shards } = planTestnet(desired, NOTHING_OBSERVED)
  const observed = shards.map((plan) => ({ plan, readyValidators: VALIDATORS }))
  const clusters = clustersOf(desired)
  const found = { ...NOTHING_OBSERVED, generations: [{ network, shards: observed }] }
  return {
    desired,
    hub: planHub(desired, hubWorld(found, clusters)),
    shards: shards.map((plan, index) => {
      const report: Report = reports[index] ?? running
      const { isTold = true, ...status } = report
      return { plan, status, isTold }
    }),
    clusters: clusters.map((each) => ({ ...each, pricePerHour: null })),
    networkId: 'id',
    image: 'image',
    before,
    nowMs,
  }
}

/** Looks again and again, and remembers what was said. */
class Teller {
  #before: TestnetStatus = {}

  look(nowMs: number, ...reports: readonly Report[]) {
    const statements = testnetStatements(worldOf(reports, this.#before, nowMs))
    const conditions = [...mergeConditions(this.#before.conditions ?? [], statements, 1, nowMs)]
    this.#before = { conditions }
    return Object.fromEntries(
      conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]),
    )
  }
}

test('a testnet is steady when it has been ready for a minute in which nothing moved', () => {
  const teller = new Teller()
  assert.equal(teller.look(0)['Steady'], 'False Changing')
  assert.equal(teller.look(MINUTE_MS - 1_000)['Steady'], 'False Changing')
  const calm = teller.look(MINUTE_MS)
  assert.equal(calm['Steady'], 'True NothingChanges')
  assert.equal(calm['Progressing'], 'False AsWanted')
})

test('a rollout moves a testnet whose validators are all ready, and is followed by a minute of calm', () => {
  const teller = new Teller()
  teller.look(0)
  assert.equal(teller.look(MINUTE_MS)['Steady'], 'True NothingChanges')
  const started = teller.look(2 * MINUTE_MS, { ...running, isTold: false })
  assert.equal(started['Ready'], 'True AllValidatorsReady')
  assert.equal(started['Progressing'], 'True RollingOut')
  assert.equal(started['Steady'], 'False Changing')
  const halfWay = teller.look(4 * MINUTE_MS, running, { ...running, updatedValidators: 1 })
  assert.equal(halfWay['Progressing'], 'True RollingOut')
  assert.equal(halfWay['Steady'], 'False Changing')
  assert.equal(teller.look(5 * MINUTE_MS)['Progressing'], 'False AsWanted')
  assert.equal(teller.look(5 * MINUTE_MS + 1_000)['Steady'], 'False Changing')
  assert.equal(teller.look(6 * MINUTE_MS)['Steady'], 'True NothingChanges')
})

test('validators that come up for the first time are no rollout', () => {
  const young: ShardStatus = { readyValidators: VALIDATORS, updatedValidators: 0 }
  assert.equal(new Teller().look(0, young, young)['Progressing'], 'False AsWanted')
})
