export const CLAIMS = '/api/v1/persistentvolumeclaims'
export const VOLUMES = '/api/v1/persistentvolumes'
/** The default class of clusters with real nodes. A volume is made where the first pod that wants it is to run. */
export const folderStorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'folders',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'shardnet.dev/folders',
  volumeBindingMode: 'WaitForFirstConsumer',
}
const SELECTED_NODE = 'volume.kubernetes.io/selected-node'

export interface Claim {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly storageClassName?: string
    readonly volumeName?: string
    readonly accessModes: readonly string[]
    readonly resources: { readonly requests: Readonly<Record<string, string>> }
  }
}

export interface Volume {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly storageClassName?: string }
  readonly status?: { readonly phase?: string }
}

export interface VolumeAction {
  readonly name: string
  readonly path: string
  readonly body?: unknown
}

/** Volumes to make: one for each claim of our class that has been given a node and no volume. */
export function claimPlan(
  claims: readonly Claim[],
  volumes: readonly Volume[],
  folder: string,
): readonly VolumeAction[] {
  const made = new Set(volumes.map(({ metadata }) => metadata.name))
  return claims
    .filter(({ spec }) => isOurs(spec) && spec.volumeName === undefined)
    .flatMap((claim) => {
      const node = claim.metadata.annotations?.[SELECTED_NODE]
      const name = `claim-${claim.metadata.uid}`
      if (node === undefined || made.has(name)) return []
      return [{ name, path: `${VOLUMES}/${name}`, body: volumeObject(name, claim, node, folder) }]
    })
}

/** Volumes to remove: those whose claim is gone. */
export function volumePlan(volumes: readonly Volume[]): readonly VolumeAction[] {
  return volumes
    .filter(({ spec, status }) => isOurs(spec) && status?.phase === 'Released')
    .map(({ metadata: { name } }) => ({ name, path: `${VOLUMES}/${name}` }))
}

function isOurs({ storageClassName }: { readonly storageClassName?: string }): boolean {
  return storageClassName === folderStorageClass.metadata.name
}

function volumeObject(name: string, claim: Claim, node: string, folder: string): unknown {
  const { metadata, spec } = claim
  const values = [node]
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: spec.accessModes,
      capacity: spec.resources.requests,
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: folderStorageClass.metadata.name,
      local: { path: `${folder}/${name}` },
      claimRef: {
        ...reference,
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] },
          ],
        },
      },
    },
  }
}

const reference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
