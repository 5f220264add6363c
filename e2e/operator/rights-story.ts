import type { ApiClient } from '../cluster/api/api-client.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { waitUntil } from '../cluster/process/wait-until.ts'
import { NAMESPACE } from './stage.ts'
import { TestnetHandle } from './testnets.ts'

const MAX_MS = 120_000
const KINDS = `/apis/shardnet.dev/v1alpha1/namespaces/${NAMESPACE}`
const CORE = `/api/v1/namespaces/${NAMESPACE}`
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`
const SETS = `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets`
const POD = 'demo-g1-shard-0-0'
const CLUSTERS = ['east', 'west'] as const

/** One thing that a user or the cluster does, and what comes of it. */
export interface Step {
  readonly name: string
  readonly act: () => Promise<void>
  readonly settled: () => Promise<void>
}

/**
 * A story in which the operator needs every right that it has. Its parts are in two clusters by name, which are the same:
 * so there are gateways, whose machines are asked for their addresses.
 */
export function rightsStory(cluster: Cluster): readonly Step[] {
  const scene = new Scene(cluster.api)
  return [
    made(scene),
    rolledOut(scene),
    strayGateway(scene),
    killedByFault(scene),
    loaded(scene),
    withoutRoom(scene),
    underLoad(scene),
    removedUnderLoad(scene),
  ]
}

/** What the steps of one story share. */
class Scene {
  readonly api: ApiClient
  readonly demo: TestnetHandle

  constructor(api: ApiClient) {
    this.api = api
    this.demo = new TestnetHandle(api, NAMESPACE, 'demo')
  }

  async apply(path: string, object: object): Promise<void> {
    await this.api.apply(path, object, 'user')
  }

  applyTestnet(spec: object = {}): Promise<void> {
    const clusters = CLUSTERS.map((name) => ({ name }))
    return this.demo.apply({ placement: { clusters }, ...spec })
  }

  async isReady(): Promise<void> {
    await this.demo.becomes('Ready', 'True', MAX_MS)
  }

  /** Every validator, because the next step is about one that must be there; the Testnet may still be called ready from before. */
  isRolledOut(): Promise<void> {
    return waitUntil('the end of the rollout', MAX_MS, async () => {
      const { items } = (await read(this.api, SETS)) as { readonly items: readonly FoundSet[] }
      return items.every(({ spec, status: { updatedReplicas, readyReplicas } }) => {
        return updatedReplicas === spec.replicas && readyReplicas === spec.replicas
      })
    })
  }

  /** From now on no new pod is let in; those that are there stay. */
  async fill(): Promise<void> {
    const path = `${CORE}/resourcequotas/full`
    const spec = { hard: { pods: '0' } }
    await this.apply(path, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'full' },
      spec,
    })
    await this.until('the quota', path, ({ status }) => status?.hard !== undefined)
  }

  until(what: string, path: string, holds: (found: Found) => boolean): Promise<void> {
    return waitUntil(what, MAX_MS, async () => holds((await read(this.api, path)) as Found))
  }

  isGone(path: string): Promise<void> {
    const { api } = this
    return waitUntil(
      `the end of ${path}`,
      MAX_MS,
      async () => (await api.ask({ path })).status === 404,
    )
  }
}

function made(scene: Scene): Step {
  return {
    name: 'a testnet is made',
    act: async () => {
      for (const name of CLUSTERS)
        await scene.apply(`${KINDS}/clusters/${name}`, ours('Cluster', name, {}))
      await scene.applyTestnet()
    },
    settled: () => scene.isReady(),
  }
}

function rolledOut(scene: Scene): Step {
  const image = 'localhost/shardnet:2'
  return {
    name: 'it gets a new image',
    act: () => scene.applyTestnet({ image }),
    settled: async () => {
      await scene.until(
        'the new image',
        `${CORE}/pods/${POD}`,
        ({ spec }) => spec?.containers?.[0]?.image === image,
      )
      await scene.isRolledOut()
      await scene.isReady()
    },
  }
}

function strayGateway(scene: Scene): Step {
  const path = `${CORE}/services/too-many`
  return {
    name: 'a Service is one gateway too many',
    act: async () => {
      const shard = (await read(scene.api, `${KINDS}/shards/demo-g1-shard-0`)) as Found
      await scene.apply(path, strayService(shard))
    },
    settled: () => scene.isGone(path),
  }
}

function killedByFault(scene: Scene): Step {
  return {
    name: 'a validator is killed by a Fault',
    act: () => kill(scene, 1),
    settled: async () => {
      await isKilled(scene, '1 validator was killed.')
      await scene.isReady()
    },
  }
}

const FAULT = `${KINDS}/faults/down`

function kill(scene: Scene, validator: number): Promise<void> {
  const selector = { shards: [0], validators: [validator] }
  const spec = { testnet: 'demo', action: 'kill', selector }
  return scene.apply(FAULT, ours('Fault', 'down', spec))
}

/** The fault says so at its end, and is taken away. */
async function isKilled(scene: Scene, words: string): Promise<void> {
  await scene.until(`a Fault that says "${words}"`, FAULT, ({ status }) => {
    const [said] = status?.conditions ?? []
    return status?.state === 'Undone' && said?.message === words
  })
  await scene.api.must({ method: 'DELETE', path: FAULT })
  await scene.isGone(FAULT)
}

function loaded(scene: Scene): Step {
  return {
    name: 'a load test runs to its end',
    act: () => {
      const arrivals = { schedule: [{ rate: 10, for: '1s' }] }
      const spec = { testnet: 'demo', arrivals, generators: 2 }
      return scene.apply(`${KINDS}/loadtests/load`, ours('LoadTest', 'load', spec))
    },
    // Its pod is a fake one, whose log nobody can give: that it is asked for is what counts.
    settled: () =>
      scene.until(
        'the end of the load generator',
        `${JOBS}/load-load`,
        ({ status }) => status?.succeeded === 2,
      ),
  }
}

function withoutRoom(scene: Scene): Step {
  return {
    name: 'the namespace gives no room to a pod that was there, and a Fault finds nobody to kill',
    act: async () => {
      await scene.fill()
      await scene.api.must({ method: 'DELETE', path: `${CORE}/pods/${POD}` })
    },
    settled: async () => {
      const { message } = await scene.demo.becomes('Degraded', 'True', MAX_MS)
      if (!message.includes('quota')) throw new Error(`does not say why: ${message}`)
      await kill(scene, 0)
      await isKilled(scene, '0 validators were killed; 1 had no pod to kill.')
      await scene.api.must({ method: 'DELETE', path: `${CORE}/resourcequotas/full` })
      await scene.isReady()
    },
  }
}

function underLoad(scene: Scene): Step {
  const path = `${KINDS}/loadtests/cut`
  return {
    name: 'a load test with a fault begins',
    act: async () => {
      // A generator that gets no pod does not end.
      await scene.fill()
      const late = { action: 'kill', at: '1h', selector: { shards: [0], validators: [0] } }
      const arrivals = { schedule: [{ rate: 10, for: '1h' }] }
      const spec = { testnet: 'demo', arrivals, faults: [late] }
      await scene.apply(path, ours('LoadTest', 'cut', spec))
      await scene.until(
        'its Job',
        `${JOBS}/cut-load`,
        ({ metadata }) => metadata?.uid !== undefined,
      )
      await sayThatItLoads(scene)
    },
    settled: () =>
      waitUntil('the load', MAX_MS, async () => {
        // Again, because the cluster's own controller may say otherwise after it.
        await sayThatItLoads(scene)
        const { status } = (await read(scene.api, path)) as Found
        return status?.startTime !== undefined
      }),
  }
}

/** Pods of fake nodes end as they begin: that they load is said in their place. */
async function sayThatItLoads({ api }: Scene): Promise<void> {
  await api.must({
    method: 'PATCH',
    path: `${JOBS}/cut-load/status`,
    body: { status: { active: 1, ready: 1 } },
    contentType: 'application/merge-patch+json',
  })
}

function removedUnderLoad(scene: Scene): Step {
  return {
    name: 'the testnet is removed under it',
    act: () => scene.demo.remove(),
    settled: async () => {
      await scene.demo.isGone(MAX_MS)
      await scene.isGone(`${JOBS}/cut-load`)
    },
  }
}

/** Removes everything that a story may have left, with both operators running. */
export async function clearStory({ api }: Cluster): Promise<void> {
  await api.ask({ method: 'DELETE', path: `${CORE}/resourcequotas/full` })
  for (const kind of ['loadtests', 'faults', 'testnets']) {
    await api.must({ method: 'DELETE', path: `${KINDS}/${kind}` })
    await waitUntil(
      `the end of all ${kind}`,
      MAX_MS,
      async () => ((await read(api, `${KINDS}/${kind}`)) as List).items.length === 0,
      async () => JSON.stringify(await read(api, `${KINDS}/${kind}`)),
    )
  }
  await api.must({ method: 'DELETE', path: `${KINDS}/clusters` })
}

interface List {
  readonly items: readonly unknown[]
}

interface Found {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly spec?: { readonly containers?: readonly { readonly image: string }[] }
  readonly status?: {
    readonly state?: string
    readonly conditions?: readonly { readonly message: string }[]
    readonly hard?: object
    readonly startTime?: string
    readonly succeeded?: number
  }
}

async function read(api: ApiClient, path: string): Promise<unknown> {
  return (await api.ask({ path })).body
}

function ours(kind: string, name: string, spec: object): object {
  return { apiVersion: 'shardnet.dev/v1alpha1', kind, metadata: { name }, spec }
}

interface FoundSet {
  readonly spec: { readonly replicas: number }
  readonly status: { readonly updatedReplicas?: number; readonly readyReplicas?: number }
}

function strayService({ metadata }: Found): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'too-many',
      labels: { 'app.kubernetes.io/managed-by': 'shardnet-operator' },
      ownerReferences: [
        {
          apiVersion: 'shardnet.dev/v1alpha1',
          kind: 'Shard',
          name: metadata.name,
          uid: metadata.uid,
        },
      ],
    },
    spec: { ports: [{ port: 1 }], selector: { none: 'none' } },
  }
}
