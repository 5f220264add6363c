import type { ApiClient } from '../cluster/api/api-client.ts'
import { NAMESPACE } from '../operator/stage.ts'

const AT_ONCE = 16

/** The default class of a rehearsal: nothing makes its volumes, they are there before. */
const STORAGE_CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'there-before',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'kubernetes.io/no-provisioner',
}

/**
 * A volume for each claim that will be made. kwok would make some four a second on a busy machine, one after the other, which is no
 * property of an operator; here the cluster's own controller has only to bind what is there.
 */
export async function addVolumes(api: ApiClient, claims: readonly string[]): Promise<void> {
  await api.apply('/apis/storage.k8s.io/v1/storageclasses/there-before', STORAGE_CLASS)
  const rest = claims.values()
  const work = async (): Promise<void> => {
    for (const claim of rest)
      await api.must({ method: 'POST', path: '/api/v1/persistentvolumes', body: volume(claim) })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

function volume(claim: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: claim },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '10Gi' },
      hostPath: { path: `/nowhere/${claim}` },
      storageClassName: STORAGE_CLASS.metadata.name,
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { kind: 'PersistentVolumeClaim', namespace: NAMESPACE, name: claim },
    },
  }
}
