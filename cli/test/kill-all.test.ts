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

const KILLS = 3
const ACKNOWLEDGED_MIN = 1_000
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
  readonly receipts: number
  readonly restartedMs: number
  readonly committedBefore: number
}

/** Kills all validators when enough is under way, and watches the supervisor start them again. */
class Killer {
  readonly kills: Kill[] = []
  readonly #place: LocalPlace
  #latest: LoadProgress | null = null
  #working: Promise<void> | null = null
  #resumesAtMs = 5_000

  constructor(place: LocalPlace) {
    this.#place = place
  }

  onProgress(progress: LoadProgress): void {
    this.#latest = progress
    const isDue = progress.elapsedMs >= this.#resumesAtMs && this.kills.length < KILLS
    if (isDue && this.#working === null) this.#working = this.#kill()
  }

  async finished(): Promise<void> {
    await this.#working
  }

  async #kill(): Promise<void> {
    const status = await statusOf(this.#place, 'kill')
    const pids = pidsOf(status)
    assert.equal(pids.length, 8)
    const paused = status.validators.filter(({ validator }) => validator < PAUSED_PER_SHARD)
    for (const pid of pidsOf({ ...status, validators: paused })) process.kill(pid, 'SIGSTOP')
    await this.#until(
      'enough under way',
      (now) => underWayOf(now) >= ACKNOWLEDGED_MIN && now.receiptsInFlight > 0,
    )
    const { acknowledgedInFlight, receiptsInFlight, committed } = this.#now()
    const killedAtMs = performance.now()
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await this.#restarted(new Set(pids))
    this.kills.push({
      acknowledged: acknowledgedInFlight,
      receipts: receiptsInFlight,
      restartedMs: performance.now() - killedAtMs,
      committedBefore: committed,
    })
    await this.#until('load goes on', (now) => now.committed > committed + 500)
    this.#resumesAtMs = this.#now().elapsedMs + 3_000
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

  async #restarted(before: ReadonlySet<number>): Promise<void> {
    for (const signal = AbortSignal.timeout(60_000); ;) {
      signal.throwIfAborted()
      const pids = pidsOf(await statusOf(this.#place, 'kill'))
      if (pids.length === 8 && pids.every((pid) => !before.has(pid))) return
      await delay(50)
    }
  }
}

test('kill -9 of all validators, three times at full default load: nothing is lost and the checks pass', async (context) => {
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
  context.diagnostic(JSON.stringify(killer.kills))
  assert.equal(killer.kills.length, KILLS)
  for (const kill of killer.kills) {
    assert(kill.acknowledged + kill.receipts >= ACKNOWLEDGED_MIN && kill.receipts > 0)
    assert(kill.restartedMs <= RESTARTED_WITHIN_MS, `restarted after ${kill.restartedMs} ms`)
  }
  assert.equal(result.counts.lost, 0)
  assert.equal(result.counts.committed, result.counts.sent)
  const down = await workplace.run(['down', 'kill', '--check'])
  assert.equal(down.code, 0, down.output + down.errors)
  assert.match(down.output, /Safety check passed/)
})
