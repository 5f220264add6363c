import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Interference } from '../cluster/api-proxy/interference.ts'
import type { OperatorProcess } from './operator-process.ts'
import { differences, type Snapshot, takeSnapshot } from './snapshot.ts'
import { NAMESPACE, type Stage } from './stage.ts'
import { TestnetHandle } from './testnets.ts'

const CONVERGED_MAX_MS = 180_000
/** Of the operator's log, where a life went wrong. */
const LOG_LINES_SHOWN = 40

/** What disturbs one life of a testnet. `kill` ends the operator at once; another one goes on in its place. */
export type Disturbance = (kill: () => void) => Interference

/** The golden lives of a stage: what there is before a testnet, and while it is ready. */
export interface Golden {
  readonly bare: Snapshot
  readonly ready: Snapshot
}

/** One life without a disturbance; its calls are in the proxy afterwards. */
export async function goldenLife(stage: Stage): Promise<Golden> {
  const bare = await takeSnapshot(stage.cluster.api, NAMESPACE)
  const ready = await live(stage, bare, () => ({}))
  return { bare, ready }
}

/** One disturbed life; resolves with what was different when the testnet was ready. */
export async function disturbedLife(
  stage: Stage,
  { bare, ready }: Golden,
  disturbance: Disturbance,
): Promise<readonly string[]> {
  return differences(ready, await live(stage, bare, disturbance))
}

/** From nothing to a ready testnet, and to nothing again. Resolves with what there was when it was ready. */
async function live(stage: Stage, bare: Snapshot, disturbance: Disturbance): Promise<Snapshot> {
  const { cluster, proxy } = stage
  await stage.forgetLease()
  proxy.forget()
  let operator: OperatorProcess = await stage.startOperator()
  const successions: Promise<void>[] = []
  const succeed = async (): Promise<void> => {
    await operator.kill()
    await stage.forgetLease()
    operator = await stage.startOperator()
  }
  proxy.interference = disturbance(() => {
    operator.signal('SIGKILL')
    if (successions.length === 0) successions.push(succeed())
  })
  const demo = new TestnetHandle(cluster.api, NAMESPACE, 'demo')
  try {
    await demo.apply()
    await demo.becomes('Ready', 'True', CONVERGED_MAX_MS)
    const whenReady = await takeSnapshot(cluster.api, NAMESPACE)
    await demo.remove()
    await demo.isGone(CONVERGED_MAX_MS)
    assert.deepEqual(await leftOver(stage, bare), [], 'nothing is left')
    return whenReady
  } catch (error) {
    const lines = (await operator.log()).trimEnd().split('\n').slice(-LOG_LINES_SHOWN)
    throw new Error(`the last words of ${operator.name}:\n${lines.join('\n')}`, { cause: error })
  } finally {
    proxy.interference = {}
    await Promise.all(successions)
    await operator.kill()
  }
}

/** What is there and should not be. The cluster itself takes a moment to remove what belonged to a testnet. */
async function leftOver(stage: Stage, bare: Snapshot): Promise<readonly string[]> {
  const until = performance.now() + CONVERGED_MAX_MS
  for (;;) {
    const left = differences(bare, await takeSnapshot(stage.cluster.api, NAMESPACE))
    if (left.length === 0 || performance.now() > until) return left
    await delay(200)
  }
}
