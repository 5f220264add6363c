import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import type { SetReport } from '../plan/shard-status.ts'

/** The part of a StatefulSet's status that we read. */
export interface SetStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly readyReplicas?: number
  readonly updatedReplicas?: number
  readonly updateRevision?: string
}

export function setStatus(set: KubernetesObject): SetStatus {
  return set['status'] ?? {}
}

/** What a StatefulSet says of its pods. */
export function reportOf(set: KubernetesObject): SetReport {
  const { observedGeneration = 0, readyReplicas = 0, updatedReplicas = 0 } = setStatus(set)
  const isCurrent = observedGeneration >= (set.metadata.generation ?? 0)
  return { ready: readyReplicas, updated: updatedReplicas, isCurrent }
}
