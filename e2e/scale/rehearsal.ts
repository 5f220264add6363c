import { scrapeOf, type Scrape } from '@shardnet/load-generator'
import { findFreePorts } from '@shardnet/operator/ports'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { kubeconfigText } from '../cluster/api/kubeconfig.ts'
import type { ApiClient } from '../cluster/api/api-client.ts'
import { type Cluster, startCluster } from '../cluster/cluster.ts'
import { waitUntil } from '../cluster/process/wait-until.ts'
import { buildApplicationTree } from '../image/application-tree.ts'
import { install, operatorToken, RELEASE } from '../operator/install.ts'
import { OperatorProcess } from '../operator/operator-process.ts'
import { NAMESPACE } from '../operator/stage.ts'
import { TestnetHandle } from '../operator/testnets.ts'
import { appliedBetween, appliedIn } from './applied.ts'
import type { Layout } from './layout.ts'
import { processUse } from './process-use.ts'
import { applyByHand, podTimes, type PodTimes, type SetSeen, setsOf } from './sets.ts'

/** What is rehearsed. */
export interface Rehearsal extends Layout {
  readonly clusters: 1 | 3
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** What operators did and took, all of them together but for the memory of the largest. */
export interface OperatorFigures {
  readonly cpuSeconds: number
  readonly residentBytesMax: number
  readonly callsPerValidator: number
  readonly writesPerShard: number
  /** Objects applied on the way to ready, by resource; all Shards together. */
  readonly applied: Readonly<Record<string, number>>
  readonly readyMsBehindScheduled: number | null
  /** Calls in half a minute of steady state: all, and writes but for the lease. */
  readonly steadyCalls: number
  readonly steadyWrites: number
}

export interface RehearsalResult extends PodTimes {
  readonly operator: OperatorFigures
  readonly sets: readonly (readonly SetSeen[])[]
}

const TESTNET = 'scale'
const PODS_PER_NODE = 250
const SPARE_NODES = 4
/** Of 41,440 validators on three API servers, some 4,700 are gateways in each. */
const PROPORTIONS = { nodePorts: '20000-32767', isFrugal: true, bindsVolumes: false }
/** Control planes that share two cores with everything else take seconds to answer. */
const LEASE_SECONDS = '60'
const PODS_MAX_MS = 40 * 60_000
const READY_MAX_MS = 20 * 60_000
/** A Testnet calls itself steady a minute after it became ready. */
const STEADY_MAX_MS = 5 * 60_000
/** Every Shard is looked at for its figures once in that time. */
const STEADY_MS = 30_000
const WRITES = ['create', 'patch', 'delete'] as const

interface Watched {
  readonly operator: OperatorProcess
  readonly pid: number
  readonly metrics: string
}

/** Has operators make one Testnet true on fake nodes, and measures it. */
export async function rehearse(rehearsal: Rehearsal): Promise<RehearsalResult> {
  const { shards, validatorsPerShard, say, signal } = rehearsal
  const validators = shards * validatorsPerShard
  const clusters: Cluster[] = []
  try {
    await bringUp(rehearsal, clusters)
    signal.throwIfAborted()
    const [hub] = clusters
    if (hub === undefined) throw new RangeError('there is no cluster')
    const operators = await startOperators(clusters, await shippedProgram(hub))
    if (clusters.length > 1) await joinAll(hub, clusters)
    const before = await counted(operators)
    const apis = clusters.map(({ api }) => api)
    const appliedBefore = await appliedIn(apis)
    const handle = new TestnetHandle(hub.api, NAMESPACE, TESTNET)
    const placement =
      clusters.length > 1 ? { clusters: names(clusters).map((name) => ({ name })) } : {}
    say(`a Testnet of ${shards} x ${validatorsPerShard} on ${clusters.length} API servers`)
    // What is deleted with its set gets an owner: two more writes of the cluster's own for each validator.
    const storage = { retention: 'Retain' }
    await handle.apply({ shards, validatorsPerShard, placement, storage })
    const times = await podTimes(apis, { pods: validators, maxMs: PODS_MAX_MS, say, signal })
    const scheduledMs = performance.now()
    const isReady = await becomesReady(handle, say, signal)
    const readyMs = performance.now() - scheduledMs
    const after = await counted(operators)
    const applied = appliedBetween(appliedBefore, await appliedIn(apis))
    const uses = operators.map(({ pid }) => processUse(pid))
    say('until the Testnet is steady, and half a minute more')
    if (isReady) await handle.becomes('Steady', 'True', STEADY_MAX_MS)
    const steady = await steadyState(operators, signal)
    const sets = await Promise.all(apis.map(setsOf))
    return {
      ...times,
      sets,
      operator: {
        cpuSeconds: uses.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
        residentBytesMax: Math.max(...uses.map(({ residentBytesMax }) => residentBytesMax)),
        callsPerValidator: (after.calls - before.calls) / validators,
        writesPerShard: (after.writes - before.writes) / shards,
        applied,
        readyMsBehindScheduled: isReady ? readyMs : null,
        ...steady,
      },
    }
  } finally {
    for (const cluster of clusters) await cluster.stop()
  }
}

/** The same sets, without an operator, in clusters of their own. */
export async function rehearseByHand(
  { clusters: count, say, ...rest }: Rehearsal,
  sets: readonly (readonly SetSeen[])[],
): Promise<PodTimes> {
  const clusters: Cluster[] = []
  try {
    await bringUp({ clusters: count, say, ...rest }, clusters)
    const apis = clusters.map(({ api }) => api)
    const pods = rest.shards * rest.validatorsPerShard
    say(`the same ${sets.flat().length} StatefulSets by hand`)
    const times = podTimes(apis, { pods, maxMs: PODS_MAX_MS, say, signal: rest.signal })
    await Promise.all(apis.map((api, index) => applyByHand(api, sets[index] ?? [])))
    return await times
  } finally {
    for (const cluster of clusters) await cluster.stop()
  }
}

async function bringUp(
  { clusters: count, shards, validatorsPerShard, say }: Rehearsal,
  clusters: Cluster[],
): Promise<void> {
  const here = Math.ceil(shards / count) * validatorsPerShard
  const nodes = Math.ceil(here / PODS_PER_NODE) + SPARE_NODES
  for (let index = 0; index < count; index++) {
    say(`API server ${index + 1} of ${count} with ${nodes} fake nodes`)
    const fakeNodes = { count: nodes, zones: 3, podsPerNode: PODS_PER_NODE }
    const cluster = await startCluster({
      name: `scale-${index}`,
      fakeNodes,
      proportions: PROPORTIONS,
      say,
    })
    clusters.push(cluster)
    const role = count === 1 || index === 0 ? 'both' : 'member'
    await install(cluster, { namespace: NAMESPACE, values: { role, gateways: count > 1 } })
    // The chart's own pods would be counted among those that have to be scheduled.
    const scale = ['scale', 'deployment', '--all', '--replicas=0', '--namespace', NAMESPACE]
    await cluster.mustRun('kubectl', scale)
  }
}

/** What Node is started with in the chart's pods. The sources would hold the whole of Kubernetes' client in memory. */
async function shippedProgram({ api, folder }: Cluster): Promise<readonly string[]> {
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${RELEASE}`
  const { spec } = (await api.must({ path })) as {
    readonly spec: { readonly template: { readonly spec: PodSeen } }
  }
  const application = await buildApplicationTree(join(folder, 'image'))
  const words = spec.template.spec.containers[0]?.args ?? []
  return words.map((word) => (word.startsWith('-') ? word : join(application, word)))
}

interface PodSeen {
  readonly containers: readonly { readonly args?: readonly string[] }[]
}

async function startOperators(
  clusters: readonly Cluster[],
  program: readonly string[],
): Promise<readonly Watched[]> {
  const watched: Watched[] = []
  for (const [index, cluster] of clusters.entries()) {
    const [port = 0] = await findFreePorts(1, `${cluster.folder}/operator`, new Set())
    const token = await operatorToken(cluster, NAMESPACE)
    const environment = {
      SHARDNET_ROLE: index === 0 ? 'both' : 'member',
      SHARDNET_HTTP_PORT: String(port),
      SHARDNET_LEASE_SECONDS: LEASE_SECONDS,
      SHARDNET_NODE_PORTS: PROPORTIONS.nodePorts,
    }
    const operator = await OperatorProcess.start(cluster, {
      namespace: NAMESPACE,
      token,
      environment,
      program,
    })
    const pid = cluster.processes.identityOf(operator.name)?.pid ?? 0
    const base = `http://127.0.0.1:${port}`
    await waitUntil(`${operator.name} to be ready`, 60_000, () => answers(`${base}/readyz`))
    watched.push({ operator, pid, metrics: `${base}/metrics` })
  }
  return watched
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    // Not there yet.
    return false
  }
}

function names(clusters: readonly Cluster[]): readonly string[] {
  return clusters.map((_, index) => (index === 0 ? 'home' : `member-${index}`))
}

/** The hub is a member by a Cluster without a Secret, the others by kubeconfig. */
async function joinAll(hub: Cluster, clusters: readonly Cluster[]): Promise<void> {
  for (const [index, name] of names(clusters).entries()) {
    const cluster = clusters[index]
    if (cluster === undefined) continue
    if (index > 0) await giveKubeconfig(hub.api, name, cluster)
    const spec = index === 0 ? {} : { kubeconfigSecret: { name } }
    const object = {
      apiVersion: 'shardnet.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name },
      spec,
    }
    const path = `/apis/shardnet.dev/v1alpha1/namespaces/${NAMESPACE}/clusters/${name}`
    await hub.api.apply(path, object, 'user')
  }
}

async function giveKubeconfig(api: ApiClient, name: string, cluster: Cluster): Promise<void> {
  const text = kubeconfigText(name, cluster.controlPlane.access)
  const data = { kubeconfig: Buffer.from(text).toString('base64') }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data }
  await api.apply(`/api/v1/namespaces/${NAMESPACE}/secrets/${name}`, secret, 'user')
}

interface Counted {
  readonly calls: number
  readonly writes: number
}

const CALLS = 'shardnet_operator_api_calls_total'

async function counted(operators: readonly Watched[]): Promise<Counted> {
  const scrapes: readonly Scrape[] = await Promise.all(
    operators.map(async ({ metrics }) => scrapeOf(await (await fetch(metrics)).text())),
  )
  const total = (labels?: Readonly<Record<string, string>>) =>
    scrapes.reduce((sum, scrape) => sum + scrape.total(CALLS, labels), 0)
  // Leases are the only things that are updated; everything else is applied.
  return { calls: total(), writes: WRITES.reduce((sum, verb) => sum + total({ verb }), 0) }
}

async function becomesReady(
  handle: TestnetHandle,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const stopped = once(signal, 'abort').then(() => signal.throwIfAborted())
  try {
    await Promise.race([handle.becomes('Ready', 'True', READY_MAX_MS), stopped])
    return true
  } catch (error) {
    signal.throwIfAborted()
    say(`not ready: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`)
    return false
  }
}

async function steadyState(
  operators: readonly Watched[],
  signal: AbortSignal,
): Promise<Pick<OperatorFigures, 'steadyCalls' | 'steadyWrites'>> {
  const before = await counted(operators)
  await delay(STEADY_MS, undefined, { signal })
  const after = await counted(operators)
  return {
    steadyCalls: after.calls - before.calls,
    steadyWrites: after.writes - before.writes,
  }
}
