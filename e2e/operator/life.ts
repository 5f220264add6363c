import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { isWrite, labelOf } from '../cluster/api-proxy/api-call.ts'
import { ApiProxy } from '../cluster/api-proxy/api-proxy.ts'
import type { Interference } from '../cluster/api-proxy/interference.ts'
import { waitUntil } from '../cluster/process/wait-until.ts'
import type { OperatorProcess } from './operator-process.ts'
import { differences, type Snapshot } from './snapshot.ts'
import type { Stage } from './stage.ts'
import { TestnetHandle } from './testnets.ts'
import { holdAt, type KillPoint, killPoints, writesOf } from './write-points.ts'

const CONVERGED_MAX_MS = 180_000
/** A look at everything is many requests. */
const LEFT_EVERY_MS = 500
/** Of the operator's log, where a life went wrong. */
const LOG_LINES_SHOWN = 40

/** What disturbs one life of a testnet. `kill` ends the operator at once; another one goes on in its place. */
export type Disturbance = (kill: () => void) => Interference

/**
 * What a testnet goes through between nothing and nothing: `short` is made and removed; `full` gets a new image and one
 * more shard meanwhile.
 */
export type LifeStory = 'short' | 'full'

/** The golden life of a story: what the testnet is, in whatever namespace, before it is removed. */
export interface Golden {
  readonly story: LifeStory
  readonly ready: Snapshot
  /** Labels of the writes until then. */
  readonly writes: readonly string[]
  /** All moments at which its operator could have died, until nothing was left. */
  readonly points: readonly KillPoint[]
}

/** One life without a disturbance, seen by `watch`. */
export async function goldenLife(
  stage: Stage,
  story: LifeStory,
  watch: Interference = {},
): Promise<Golden> {
  const lived = await live(stage, story, () => watch)
  return { story, ...lived, points: killPoints(stage.proxy.calls) }
}

/** One disturbed life; resolves with what was different when the testnet was ready. */
export async function disturbedLife(
  stage: Stage,
  golden: Golden,
  disturbance: Disturbance,
): Promise<readonly string[]> {
  const { ready } = await live(stage, golden.story, disturbance)
  return differences(golden.ready, ready)
}

/** From nothing to a ready testnet, and to nothing again. Resolves with what there was when it was ready, and its writes. */
async function live(
  stage: Stage,
  story: LifeStory,
  disturbance: Disturbance,
): Promise<Pick<Golden, 'ready' | 'writes'>> {
  const { proxy } = stage
  const bare = await stage.contents.read()
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
  try {
    const demo = await grow(stage, story)
    const ready = await snapshotBeside(stage, bare)
    const writes = writesOf(proxy.calls)
    await perish(stage, demo, bare)
    return { ready, writes }
  } catch (error) {
    throw await withLastWords(operator, error)
  } finally {
    proxy.interference = {}
    await Promise.all(successions)
    await operator.kill()
  }
}

/** What became of a write that was held back until another operator had done everything. */
export interface LateWrite {
  readonly isReached: boolean
  /** What the API server said to it; null when it was not held. */
  readonly status: number | null
  /** What it changed, or what its operator wrote when it was woken. */
  readonly problems: readonly string[]
}

/**
 * One life in which the operator is stopped with a write on its way. Its lease runs out, another one finishes the work,
 * the write arrives, and the first one is woken.
 */
export async function lateLife(stage: Stage, golden: Golden, label: string): Promise<LateWrite> {
  const { cluster, proxy } = stage
  const bare = await stage.contents.read()
  await stage.forgetLease()
  proxy.forget()
  const first = await stage.startOperator()
  const other = new ApiProxy(cluster.access)
  const url = await other.listen()
  const gate = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<number>()
  let succession: Promise<OperatorProcess> | null = null
  proxy.interference = holdAt(label, gate.promise, {
    onHeld: () => {
      first.signal('SIGSTOP')
      succession = stage.startOperator({}, url)
    },
    onAnswered: answered.resolve,
  })
  try {
    const demo = await grow(stage, golden.story)
    const problems: string[] = []
    let status: number | null = null
    if (succession !== null) {
      // With its last writes a life may be over before the lease is: then nobody has taken over yet.
      await waitUntil('a successor', CONVERGED_MAX_MS, () => stage.isLedByAnother(first))
      const before = await snapshotBeside(stage, bare)
      problems.push(...differences(golden.ready, before))
      gate.resolve()
      status = await answered.promise
      problems.push(...differences(before, await snapshotBeside(stage, bare)))
      problems.push(...(await wake(stage, first)))
      problems.push(...differences(before, await snapshotBeside(stage, bare)))
    }
    await perish(stage, demo, bare)
    return { isReached: succession !== null, status, problems }
  } catch (error) {
    throw await withLastWords(
      (await (succession as Promise<OperatorProcess> | null)) ?? first,
      error,
    )
  } finally {
    gate.resolve()
    proxy.interference = {}
    await first.kill()
    await (await (succession as Promise<OperatorProcess> | null))?.kill()
    await other.close()
  }
}

/** Wakes a stopped operator, and waits until it has ended because its lease is gone. Resolves with what it wrote. */
async function wake({ proxy }: Stage, operator: OperatorProcess): Promise<readonly string[]> {
  proxy.forget()
  operator.signal('SIGCONT')
  await waitUntil(
    'the end of an operator that lost its lease',
    CONVERGED_MAX_MS,
    () => !operator.isRunning,
  )
  return proxy.calls
    .filter(isWrite)
    .filter(({ resource }) => resource !== 'leases')
    .map((call) => `written after waking: ${labelOf(call)}`)
}

async function withLastWords(operator: OperatorProcess, error: unknown): Promise<Error> {
  const lines = (await operator.log()).trimEnd().split('\n').slice(-LOG_LINES_SHOWN)
  return new Error(`the last words of ${operator.name}:\n${lines.join('\n')}`, { cause: error })
}

/** What there is beside what was there before, which has names of its own in every namespace. */
async function snapshotBeside(stage: Stage, bare: Snapshot): Promise<Snapshot> {
  const all = await stage.contents.read()
  return new Map([...all].filter(([key]) => !bare.has(key)))
}

/** From nothing to a testnet that is as it will be. */
async function grow(stage: Stage, story: LifeStory): Promise<TestnetHandle> {
  const demo = new TestnetHandle(stage.cluster.api, stage.namespace, 'demo')
  await demo.apply()
  await demo.becomes('Ready', 'True', CONVERGED_MAX_MS)
  const evicted = stage.proxy.calls.filter(({ subresource }) => subresource === 'eviction')
  assert.deepEqual(evicted.map(labelOf), [], 'no pod goes before anything of it is changed')
  if (story === 'full') await change(stage, demo)
  return demo
}

/** And to nothing again. */
async function perish(stage: Stage, demo: TestnetHandle, bare: Snapshot): Promise<void> {
  await demo.remove()
  await demo.isGone(CONVERGED_MAX_MS)
  assert.deepEqual(await leftOver(stage, bare), [], 'nothing is left')
}

const NEW_IMAGE = 'localhost/shardnet:2'

/** A new image, then one shard more. */
async function change({ cluster, namespace }: Stage, demo: TestnetHandle): Promise<void> {
  const read = async (path: string): Promise<readonly Listed[]> =>
    ((await cluster.api.must({ path })) as { readonly items: readonly Listed[] }).items
  await demo.apply({ image: NEW_IMAGE })
  const pods = `/api/v1/namespaces/${namespace}/pods?labelSelector=shardnet.dev%2Ftestnet%3Ddemo`
  await waitUntil('the new image on every pod', CONVERGED_MAX_MS, async () => {
    const images = (await read(pods)).map(({ spec }) => spec?.containers?.[0]?.image)
    return images.length === 8 && images.every((image) => image === NEW_IMAGE)
  })
  await demo.becomes('Ready', 'True', CONVERGED_MAX_MS)
  await demo.apply({ image: NEW_IMAGE, shards: 3 })
  const shards = `/apis/shardnet.dev/v1alpha1/namespaces/${namespace}/shards`
  await waitUntil('the second generation alone', CONVERGED_MAX_MS, async () => {
    const names = (await read(shards)).map(({ metadata }) => metadata.name)
    return names.length === 3 && names.every((name) => name.startsWith('demo-g2-'))
  })
  await demo.becomes('Progressing', 'False', CONVERGED_MAX_MS)
  await demo.becomes('Ready', 'True', CONVERGED_MAX_MS)
  const left = async (kind: string): Promise<readonly string[]> =>
    (await read(`/api/v1/namespaces/${namespace}/${kind}`))
      .map(({ metadata }) => metadata.name)
      .filter((name) => name.includes('demo-g1'))
  for (const kind of ['persistentvolumeclaims', 'pods', 'configmaps', 'secrets'])
    await waitUntil(
      `the end of the ${kind} of the first generation`,
      CONVERGED_MAX_MS,
      async () => (await left(kind)).length === 0,
      async () => (await left(kind)).join(),
    )
}

interface Listed {
  readonly metadata: { readonly name: string }
  readonly spec?: { readonly containers?: readonly { readonly image: string }[] }
}

/** What is there and should not be. The cluster itself takes a moment to remove what belonged to a testnet. */
async function leftOver(stage: Stage, bare: Snapshot): Promise<readonly string[]> {
  const until = performance.now() + CONVERGED_MAX_MS
  for (;;) {
    const left = differences(bare, await stage.contents.read())
    if (left.length === 0 || performance.now() > until) return left
    await delay(LEFT_EVERY_MS)
  }
}
