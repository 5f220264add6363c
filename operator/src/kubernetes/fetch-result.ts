import { documentOf } from '../api/cluster-object.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { resultName, storedResultOf } from '../objects/result-config-map.ts'
import { ApiClient } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { defaultAccess } from './cluster-access.ts'
import { objectPath, type Resource, RESOURCES } from './resource.ts'

/** What a cluster keeps of a load test. */
export interface FetchedResult {
  /** `result.json`; null when there is none. */
  readonly result: string | null
  readonly report: string | null
  /** Why there is none, in words. */
  readonly problem: string | null
}

/**
 * The result of a LoadTest in the cluster of the kubeconfig.
 * @throws {AccessError} {ApiError} one sentence for people.
 */
export async function fetchResult(namespace: string, name: string): Promise<FetchedResult> {
  const client = new ApiClient(await defaultAccess())
  const loadTest = await find(client, RESOURCES.loadTests, namespace, name)
  if (loadTest === null || documentOf(loadTest)?.kind !== 'LoadTest') {
    const problem = `no LoadTest "${name}" in namespace "${namespace}"`
    return { result: null, report: null, problem }
  }
  const map = await find(client, RESOURCES.configMaps, namespace, resultName(name))
  if (map === null) {
    return { result: null, report: null, problem: `LoadTest "${name}", which has no result yet` }
  }
  return { ...storedResultOf(map), problem: null }
}

type Found = KubernetesObject & { readonly binaryData?: Readonly<Record<string, string>> }

async function find(
  client: ApiClient,
  resource: Resource,
  namespace: string,
  name: string,
): Promise<Found | null> {
  try {
    const path = objectPath(resource, { namespace, name })
    return (await client.request({ verb: 'get', path })) as Found
  } catch (error) {
    if (isApiError(error, 404)) return null
    throw error
  }
}
