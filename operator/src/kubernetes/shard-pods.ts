import { LABEL } from '../objects/labels.ts'
import type { ObjectMetadata } from '../objects/kubernetes-object.ts'
import type { PodReport } from '../plan/pod-trouble.ts'
import type { ObservedPod } from '../plan/rollout.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import type { ApiClient } from './api-client.ts'
import { collectionPath, RESOURCES } from './resource.ts'

/** A pod as far as the operator reads it. */
export interface Pod extends PodReport {
  readonly metadata: ObjectMetadata
}

const REVISION_LABEL = 'controller-revision-hash'

/** Pods of one answer. A pod is six kilobytes of text, of which we read a few hundred bytes. */
const PAGE = '100'

/** Chooses the pods of a set. */
export function podsSelector({ network, shard }: ShardPlan): string {
  return [
    `${LABEL.testnet}=${network.testnet}`,
    `${LABEL.generation}=${network.generation}`,
    `${LABEL.shard}=${shard}`,
    'app.kubernetes.io/component=validator',
  ].join(',')
}

/** The pods of a set as they are now, for decisions about them; `surveyPods` tells less, and costs less. */
export async function podsOfShard(
  client: ApiClient,
  namespace: string,
  shard: ShardPlan,
): Promise<readonly Pod[]> {
  const labelSelector = podsSelector(shard)
  const path = collectionPath(RESOURCES.pods, namespace)
  const pods: Pod[] = []
  let next = ''
  do {
    const query = { labelSelector, limit: PAGE, ...(next === '' ? {} : { continue: next }) }
    const page = (await client.request({ verb: 'list', path, query })) as {
      readonly items?: readonly Pod[]
      readonly metadata?: { readonly continue?: string }
    }
    for (const pod of page.items ?? []) pods.push(readPart(pod))
    next = page.metadata?.continue ?? ''
  } while (next !== '')
  return pods
}

/** What we read of a pod: a copy of all pods of a large testnet would be most of our memory. */
export function readPart({ metadata, status }: Pod): Pod {
  const { name, uid, labels, deletionTimestamp } = metadata
  const { conditions, containerStatuses } = status ?? {}
  return {
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(labels === undefined ? {} : { labels }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    status: {
      ...(conditions === undefined ? {} : { conditions }),
      ...(containerStatuses === undefined ? {} : { containerStatuses }),
    },
  }
}

/** A pod as a rollout sees it. */
export function observedPod(pod: Pod, updateRevision: string, height: number | null): ObservedPod {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')
  return {
    name: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    isReady: ready?.status === 'True',
    isLeaving: pod.metadata.deletionTimestamp !== undefined,
    isUpdated: pod.metadata.labels?.[REVISION_LABEL] === updateRevision,
    height,
  }
}
