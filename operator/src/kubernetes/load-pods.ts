import type { KubernetesObject, ObjectMetadata } from '../objects/kubernetes-object.ts'
import { LABEL } from '../objects/labels.ts'
import { COMPLETION_INDEX } from '../plan/generator-end.ts'
import type { ApiClient } from './api-client.ts'
import { collectionPath, objectPath, RESOURCES } from './resource.ts'

/** The pods of a LoadTest. */
export async function podsOfLoad(
  client: ApiClient,
  { namespace = '', name }: ObjectMetadata,
): Promise<readonly KubernetesObject[]> {
  const list = (await client.request({
    verb: 'list',
    path: collectionPath(RESOURCES.pods, namespace),
    query: { labelSelector: `${LABEL.loadTest}=${name},app.kubernetes.io/component=load` },
  })) as { readonly items?: readonly KubernetesObject[] }
  return list.items ?? []
}

/** The log of the first of them, which has the result of all; null when that pod is gone. */
export async function logOfLoad(
  client: ApiClient,
  metadata: ObjectMetadata,
): Promise<string | null> {
  const pods = await podsOfLoad(client, metadata)
  const first = pods.find((pod) => pod.metadata.labels?.[COMPLETION_INDEX] === '0')
  if (first === undefined) return null
  return client.text({ verb: 'get', path: `${objectPath(RESOURCES.pods, first.metadata)}/log` })
}
