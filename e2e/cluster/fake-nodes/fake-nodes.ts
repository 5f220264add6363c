import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiClient } from '../api/api-client.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { garbageVariables } from '../control-plane/flags.ts'
import type { Processes } from '../process/processes.ts'
import { waitUntil } from '../process/wait-until.ts'

export interface FakeNodes {
  readonly count: number
  /** They are spread over as many zones. */
  readonly zones: number
  readonly podsPerNode: number
}

const READY_MAX_MS = 300_000
const AT_ONCE = 8
/** Longer than the grace of the controller manager would let nodes fail; much shorter, and leases are most of the load. */
const LEASE_SECONDS = 40
/** What fake nodes, pods and volumes go through, from kwok's own folders. */
const STAGES = ['node/fast', 'node/heartbeat-with-lease', 'node/chaos', 'pod/fast'] as const
const VOLUME_STAGE = 'volume/fast'
/** Ours, in the place of kwok's of the same name. */
const OWN_STAGES: readonly string[] = ['pod-delete.yaml']
/** No stages, though in their folders. */
const OTHER_FILES: ReadonlySet<string> = new Set(['kustomization.yaml', 'storage-class.yaml'])

/** Starts kwok, which plays kubelet for every node that carries its annotation. */
export function startFakeKubelet(
  tools: string,
  processes: Processes,
  { kubeconfig, bindsVolumes, proportions }: ControlPlane,
): void {
  const folders = bindsVolumes ? [...STAGES, VOLUME_STAGE] : STAGES
  const own = proportions.isFrugal === true ? [] : OWN_STAGES
  const stages = folders.flatMap((folder) =>
    readdirSync(join(tools, 'stages', folder))
      .filter((name) => name.endsWith('.yaml') && !OTHER_FILES.has(name))
      .map((name) =>
        join(own.includes(name) ? import.meta.dirname : join(tools, 'stages', folder), name),
      ),
  )
  const env = { ...process.env, ...garbageVariables('client', proportions) }
  const words = [
    join(tools, 'kwok'),
    `--kubeconfig=${kubeconfig}`,
    '--manage-all-nodes=false',
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    `--node-lease-duration-seconds=${LEASE_SECONDS}`,
    '--server-address=',
    '--enable-crds=',
    ...stages.map((file) => `--config=${file}`),
  ]
  processes.start('kwok', words, { env })
}

/** Volumes of this class are bound at once, and there is nothing behind them. */
export const fakeStorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    // By this name kwok's stages know what is theirs.
    name: 'kwok-volume',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'kwok.x-k8s.io/volume',
}

/** Makes fake nodes and waits until all are ready. Nothing runs on them; pods that land there are said to. */
export async function addFakeNodes(
  api: ApiClient,
  { count, zones, podsPerNode }: FakeNodes,
): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `fake-${index}`)
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const name = names[index] ?? ''
      await api.apply(
        `/api/v1/nodes/${name}`,
        nodeObject(name, `zone-${index % zones}`, podsPerNode),
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  let ready = 0
  await waitUntil(
    `${count} fake nodes`,
    READY_MAX_MS,
    async () => {
      ready = countReady(await api.must({ path: '/api/v1/nodes?resourceVersion=0' }))
      return ready >= count
    },
    () => `${ready} are ready`,
  )
}

function nodeObject(name: string, zone: string, pods: number): unknown {
  const room = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '1Ti', pods: String(pods) }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        type: 'kwok',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/zone': zone,
      },
    },
    status: { allocatable: room, capacity: room },
  }
}

interface NodeList {
  readonly items: readonly {
    readonly status?: {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    }
  }[]
}

function countReady(list: unknown): number {
  return (list as NodeList).items.filter(({ status }) =>
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  ).length
}
