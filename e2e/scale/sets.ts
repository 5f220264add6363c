import { setTimeout as delay } from 'node:timers/promises'
import type { ApiClient } from '../cluster/api/api-client.ts'
import { E2eError } from '../cluster/e2e-error.ts'
import { NAMESPACE } from '../operator/stage.ts'

const SETS = `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets`
const SERVICES = `/api/v1/namespaces/${NAMESPACE}/services`
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`
const LOOK_EVERY_MS = 1_000
const SAY_EVERY_MS = 15_000

/** A StatefulSet as far as a rehearsal looks. */
export interface SetSeen {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly serviceName: string
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
  }
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number }
}

/** Seconds after the start at which so much was there. */
export interface PodTimes {
  readonly firstSetSeconds: number
  readonly createdSeconds: number
  readonly scheduledSeconds: number
}

export async function setsOf(api: ApiClient): Promise<readonly SetSeen[]> {
  const { items } = (await api.must({ path: `${SETS}?resourceVersion=0` })) as {
    readonly items: readonly SetSeen[]
  }
  return items
}

export interface PodWait {
  readonly pods: number
  readonly maxMs: number
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** Watches pods come to be, over all clusters together, until all of them have a node. */
export async function podTimes(
  apis: readonly ApiClient[],
  { pods, maxMs, say, signal }: PodWait,
): Promise<PodTimes> {
  const startMs = performance.now()
  const seconds = () => (performance.now() - startMs) / 1_000
  let firstSetSeconds = 0
  let createdSeconds = 0
  let saidMs = startMs
  for (;;) {
    const sets = (await Promise.all(apis.map(setsOf))).flat()
    const created = sets.reduce((sum, { status }) => sum + (status?.replicas ?? 0), 0)
    if (firstSetSeconds === 0 && sets.length > 0) firstSetSeconds = seconds()
    if (createdSeconds === 0 && created >= pods) createdSeconds = seconds()
    const isCreated = createdSeconds > 0
    if (isCreated && (await Promise.all(apis.map(hasNothingToSchedule))).every(Boolean)) {
      return { firstSetSeconds, createdSeconds, scheduledSeconds: seconds() }
    }
    if (performance.now() - startMs > maxMs)
      throw new E2eError(`${created} of ${pods} pods were created within ${maxMs / 1_000} s`)
    if (performance.now() - saidMs > SAY_EVERY_MS) {
      saidMs = performance.now()
      const ready = sets.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0)
      say(`${Math.round(seconds())} s: ${sets.length} sets, ${created} pods, ${ready} ready`)
    }
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
}

async function hasNothingToSchedule(api: ApiClient): Promise<boolean> {
  const path = `${PODS}?fieldSelector=spec.nodeName%3D&limit=1`
  const { items } = (await api.must({ path })) as { readonly items: readonly unknown[] }
  return items.length === 0
}

/** The same sets by hand, each with the Service that names its pods, into a cluster that has no operator. */
export async function applyByHand(api: ApiClient, sets: readonly SetSeen[]): Promise<void> {
  const rest = [...sets]
  const work = async (): Promise<void> => {
    for (let set = rest.shift(); set !== undefined; set = rest.shift()) {
      const { name, labels = {} } = set.metadata
      const metadata = { name, namespace: NAMESPACE, labels }
      const object = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: set.spec }
      const service = serviceOf(set)
      await api.apply(`${SERVICES}/${service.metadata.name}`, service, 'by-hand')
      await api.apply(`${SETS}/${name}`, object, 'by-hand')
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

function serviceOf({ spec }: SetSeen) {
  const { serviceName: name, selector } = spec
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selector.matchLabels,
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  }
}
