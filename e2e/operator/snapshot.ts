import type { ApiClient } from '../cluster/api/api-client.ts'

/** What a namespace holds, without what differs from one run to the next: key is `kind name`. */
export type Snapshot = ReadonlyMap<string, unknown>

interface ApiObject {
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly finalizers?: readonly string[]
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[]
    readonly deletionTimestamp?: string
  }
  readonly spec?: unknown
  readonly data?: Readonly<Record<string, string>>
  readonly status?: { readonly conditions?: readonly Condition[] }
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

interface ApiResource {
  readonly kind: string
  /** Path of its list in the namespace. */
  readonly path: string
}

/** They come and go by themselves, or follow from what is looked at anyway. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'Event',
  'Lease',
  'Endpoints',
  'EndpointSlice',
  'ControllerRevision',
  'PodMetrics',
])

/** Reads everything in a namespace, of every kind that the API server serves, our own included. */
export class NamespaceReader {
  readonly #api: ApiClient
  readonly #namespace: string
  #resources: readonly ApiResource[] = []

  constructor(api: ApiClient, namespace: string) {
    this.#api = api
    this.#namespace = namespace
  }

  async read(): Promise<Snapshot> {
    const found = new Map<string, unknown>()
    for (const { kind, path } of await this.#kinds()) {
      const { items } = (await this.#api.must({ path })) as { readonly items: readonly ApiObject[] }
      for (const item of items) {
        const essence = withoutChance(essenceOf(kind, item), this.#namespace)
        found.set(`${kind} ${item.metadata.name}`, essence)
      }
    }
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** Asked once our own are among them: they are the last that come. */
  async #kinds(): Promise<readonly ApiResource[]> {
    if (!this.#resources.some(({ kind }) => kind === 'Testnet'))
      this.#resources = await resourcesIn(this.#api, this.#namespace)
    return this.#resources
  }
}

/** Lines that tell two snapshots apart; none when they are equal. */
export function differences(expected: Snapshot, got: Snapshot): readonly string[] {
  const missing = [...expected.keys()]
    .filter((key) => !got.has(key))
    .map((key) => `missing: ${key}`)
  const extra = [...got.keys()].filter((key) => !expected.has(key)).map((key) => `left: ${key}`)
  const changed = [...expected].flatMap(([key, value]) => {
    const [before, after] = [JSON.stringify(value), JSON.stringify(got.get(key))]
    if (!got.has(key) || before === after) return []
    return [`differs: ${key}: ${whereDifferent(before ?? '', after ?? '')}`]
  })
  return [...missing, ...extra, ...changed]
}

const AROUND = 40

/** The first place where two texts part, with a little around it. */
function whereDifferent(before: string, after: string): string {
  let at = 0
  while (before[at] === after[at]) at++
  const from = Math.max(at - AROUND, 0)
  return `${before.slice(from, at + AROUND)} became ${after.slice(from, at + AROUND)}`
}

/** Labels that tell where a pod landed, or of which text its template is the hash. */
const CHANCE_LABELS: ReadonlySet<string> = new Set([
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'controller-revision-hash',
])

/** Hashes of networks depend on ids that the API server gives, and names of hosts on the namespace. */
function withoutChance(value: unknown, namespace: string): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replaceAll(`.${namespace}.svc`, '.NAMESPACE.svc')
  return JSON.parse(text)
}

/** Values of Secrets and ConfigMaps hold what is random on purpose (keys, the network's id): their names count. */
function essenceOf(kind: string, { metadata, spec, data, status }: ApiObject): unknown {
  const conditions = (status?.conditions ?? [])
    .map(({ type, status, reason }) => `${type}=${status} ${reason ?? ''}`)
    .sort()
  return {
    labels: Object.entries(metadata.labels ?? {}).filter(([name]) => !CHANCE_LABELS.has(name)),
    owners: (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`),
    finalizers: metadata.finalizers,
    isBeingDeleted: metadata.deletionTimestamp !== undefined,
    keys: data === undefined ? undefined : Object.keys(data).sort(),
    // Whether an empty disk may be born is no secret, and must never be told otherwise again.
    births: data?.['births'],
    // Where a pod landed and what its volume is called is the cluster's business.
    spec: kind === 'Pod' || kind === 'PersistentVolumeClaim' ? undefined : spec,
    conditions: kind === 'Pod' ? undefined : conditions,
  }
}

async function resourcesIn(api: ApiClient, namespace: string): Promise<readonly ApiResource[]> {
  const { groups } = (await api.must({ path: '/apis' })) as {
    readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[]
  }
  const roots = [
    '/api/v1',
    ...groups.map((group) => `/apis/${group.preferredVersion.groupVersion}`),
  ]
  const lists = await Promise.all(roots.map((root) => resourcesOf(api, root, namespace)))
  return lists.flat()
}

async function resourcesOf(
  api: ApiClient,
  root: string,
  namespace: string,
): Promise<readonly ApiResource[]> {
  const { resources } = (await api.must({ path: root })) as {
    readonly resources: readonly {
      readonly name: string
      readonly kind: string
      readonly namespaced: boolean
      readonly verbs: readonly string[]
    }[]
  }
  return resources
    .filter(({ name, kind, namespaced, verbs }) => {
      const isList = namespaced && verbs.includes('list') && !name.includes('/')
      return isList && !LEFT_OUT.has(kind)
    })
    .map(({ kind, name }) => ({ kind, path: `${root}/namespaces/${namespace}/${name}` }))
}
