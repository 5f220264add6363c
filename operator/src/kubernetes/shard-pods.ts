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
  readonly spec?: { readonly nodeName?: string }
}

const REVISION_LABEL = 'controller-revision-hash'

/** Pods of one answer. A pod is six kilobytes of text, of which we read a few hundred bytes. */
const PAGE = '100'

/** The newest pods are read from the API server's store, pod after pod of everybody; known ones it has at hand. */
export type Freshness = 'newest' | 'known'

/** The pods of a set, asked for when they are needed: a copy of all pods of a large testnet would be most of our memory. */
export async function podsOfShard(
  client: ApiClient,
  namespace: string,
  shard: ShardPlan,
  freshness: Freshness,
): Promise<readonly Pod[]> {
  const labelSelector = [
    `${LABEL.testnet}=${shard.network.testnet}`,
    `${LABEL.generation}=${shard.network.generation}`,
    `${LABEL.shard}=${shard.shard}`,
    'app.kubernetes.io/component=validator',
  ].join(',')
  const path = collectionPath(RESOURCES.pods, namespace)
  const pods: Pod[] = []
  // What is at hand comes as a whole.
  const first = freshness === 'known' ? { resourceVersion: '0' } : { limit: PAGE }
  let next = ''
  do {
    const query = { labelSelector, ...(next === '' ? first : { limit: PAGE, continue: next }) }
    const page = (await client.request({ verb: 'list', path, query })) as {
      readonly items?: readonly Pod[]
      readonly metadata?: { readonly continue?: string }
    }
    for (const pod of page.items ?? []) pods.push(readPart(pod))
    next = page.metadata?.continue ?? ''
  } while (next !== '')
  return pods
}

function readPart({ metadata, spec, status }: Pod): Pod {
  const { name, uid, labels, deletionTimestamp } = metadata
  const { conditions, containerStatuses } = status ?? {}
  return {
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(labels === undefined ? {} : { labels }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    ...(spec?.nodeName === undefined ? {} : { spec: { nodeName: spec.nodeName } }),
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
