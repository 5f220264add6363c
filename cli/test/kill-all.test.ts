import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  ArrivalsSpec,
  arrivalsOf,
  CriteriaSpec,
  criteriaOf,
  runLoad,
  WorkloadSpec,
  workloadOf,
  type LoadProgress,
} from '@shardnet/load-generator'
import { statusOf, type LocalPlace, type TestnetStatus } from '@shardnet/operator/local'
import { localPlace } from '../src/place.ts'
import { loadNetworkOf, targetsOf } from '../src/run/load-network.ts'
import { Workplace } from './shardnet.ts'

/** The first one finds a testnet without backlog; the three after it are the ones that the test is about. */
const KILLS = 4
/** Transactions that clients were told are durable, since the kill before. */
const ACKNOWLEDGED_MIN = 1_000
/** Of them not yet committed in every shard they touch, at the moment of the kill. */
const UNDER_WAY_MIN = { first: 300, later: 1_000 }
/** Commits after a kill that show that the load goes on. */
const RESUMED_MIN = 200
const RESTARTED_WITHIN_MS = 10_000
/** Pauses f + 1 validators of each shard, so that nothing commits and acknowledged transactions pile up at the others. */
const PAUSED_PER_SHARD = 2

function pidsOf({ validators }: TestnetStatus): number[] {
  return validators.flatMap(({ pid }) => pid ?? [])
}

/** Transactions that a client was told are durable and that are not committed in every shard they touch. */
function underWayOf({ acknowledgedInFlight, receiptsInFlight }: LoadProgress): number {
  return acknowledgedInFlight + receiptsInFlight
}

/** What one kill met and how long it took until all were processes again. */
interface Kill {
  readonly acknowledged: number
  readonly underWay: number
  readonly receipts: number
  readonly restartedMs: number
  readonly committed: number
}

/** Kills all validators when enough is under way, and watches the supervisor start them again. */
class Killer {
  readonly kills: Kill[] = []
  /** Ends of validators that were not our doing. */
  readonly otherEnds = new Set<string>()
  readonly #place: LocalPlace
  #latest: LoadProgress | null = null
  #working: Promise<void> | null = null

  constructor(place: LocalPlace) {
    this.#place = place
  }

  onProgress(progress: LoadProgress): void {
    this.#latest = progress
    const last = this.kills.at(-1)
    // After the first one the next comes as soon as the load goes on: what piled up meanwhile is still under way then.
    const due = last === undefined ? ACKNOWLEDGED_MIN : last.committed + RESUMED_MIN
    const isDue = progress.committed >= due && this.kills.length < KILLS
    if (isDue && this.#working === null) this.#working = this.#kill()
  }

  async finished(): Promise<void> {
    await this.#working
  }

  async #kill(): Promise<void> {
    const status = await this.#whole()
    const pids = pidsOf(status)
    const paused = status.validators.filter(({ validator }) => validator < PAUSED_PER_SHARD)
    for (const pid of pidsOf({ ...status, validators: paused })) process.kill(pid, 'SIGSTOP')
    await this.#until(
      'enough under way',
      (now) =>
        underWayOf(now) >= (this.kills.length === 0 ? UNDER_WAY_MIN.first : UNDER_WAY_MIN.later) &&
        now.receiptsInFlight > 0,
    )
    const { receiptsInFlight, committed } = this.#now()
    const underWay = underWayOf(this.#now())
    const before = this.kills.at(-1)?.committed ?? 0
    const killedAtMs = performance.now()
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await this.#restarted(new Set(pids))
    this.kills.push({
      // What is committed was acknowledged before.
      acknowledged: committed - before + underWay,
      underWay,
      receipts: receiptsInFlight,
      restartedMs: performance.now() - killedAtMs,
      committed,
    })
    this.#working = null
  }

  #now(): LoadProgress {
    assert(this.#latest)
    return this.#latest
  }

  async #until(what: string, isSo: (now: LoadProgress) => boolean): Promise<void> {
    for (const signal = AbortSignal.timeout(60_000); !isSo(this.#now());) {
      assert(!signal.aborted, `${what}: ${JSON.stringify(this.#now())}`)
      await delay(50)
    }
  }

  /** All eight, each a process; what ended one of them beside our own kills is told with the result. */
  async #whole(): Promise<TestnetStatus> {
    for (const signal = AbortSignal.timeout(60_000); ;) {
      signal.throwIfAborted()
      const status = await statusOf(this.#place, 'kill')
      for (const { name, lastEnd } of status.validators) {
        if (lastEnd !== null && lastEnd !== 'signal SIGKILL')
          this.otherEnds.add(`${name}: ${lastEnd}`)
      }
      if (pidsOf(status).length === 8) return status
      await delay(50)
    }
  }

  async #restarted(before: ReadonlySet<number>): Promise<void> {
    for (const signal = AbortSignal.timeout(60_000); ;) {
      signal.throwIfAborted()
      const pids = pidsOf(await statusOf(this.#place, 'kill'))
      if (pids.length === 8 && pids.every((pid) => !before.has(pid))) return
      await delay(50)
    }
  }
}

test('kill -9 of all validators, again and again at full default load: nothing is lost and the checks pass', async (context) => {
  const workplace = await Workplace.create(context)
  const up = await workplace.run(['up', '--detach', '--name', 'kill'])
  assert.equal(up.code, 0, up.errors + up.output)
  const place: LocalPlace = { ...localPlace(), home: join(workplace.home, 'testnets') }
  const status = await statusOf(place, 'kill')
  const killer = new Killer(place)
  const result = await runLoad({
    network: await loadNetworkOf(status),
    targets: targetsOf(status),
    workload: workloadOf(WorkloadSpec.parse({ crossShard: '30%' })),
    arrivals: arrivalsOf(ArrivalsSpec.parse({ schedule: [{ rate: 500, for: '90s' }] })),
    criteria: criteriaOf(CriteriaSpec.parse({})),
    signal: AbortSignal.timeout(240_000),
    drainMsMax: 90_000,
    onProgress: (progress) => killer.onProgress(progress),
  })
  await killer.finished()
  context.diagnostic(JSON.stringify({ kills: killer.kills, otherEnds: [...killer.otherEnds] }))
  assert.equal(killer.kills.length, KILLS)
  for (const [index, kill] of killer.kills.entries()) {
    assert(kill.acknowledged >= ACKNOWLEDGED_MIN)
    assert(kill.underWay >= (index === 0 ? UNDER_WAY_MIN.first : UNDER_WAY_MIN.later))
    assert(kill.receipts > 0)
    assert(kill.restartedMs <= RESTARTED_WITHIN_MS, `restarted after ${kill.restartedMs} ms`)
  }
  assert.equal(result.counts.lost, 0)
  assert.equal(result.counts.committed, result.counts.sent)
  const down = await workplace.run(['down', 'kill', '--check'])
  assert.equal(down.code, 0, down.output + down.errors)
  assert.match(down.output, /Safety check passed/)
})
