/** A kind of object as the API server serves it. */
export interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
}

function resource(apiVersion: string, kind: string, plural: string): Resource {
  return { apiVersion, kind, plural }
}

const OWN = 'shardnet.dev/v1alpha1'

/** Every resource that the operator touches. */
export const RESOURCES = {
  testnets: resource(OWN, 'Testnet', 'testnets'),
  shards: resource(OWN, 'Shard', 'shards'),
  loadTests: resource(OWN, 'LoadTest', 'loadtests'),
  faults: resource(OWN, 'Fault', 'faults'),
  clusters: resource(OWN, 'Cluster', 'clusters'),
  statefulSets: resource('apps/v1', 'StatefulSet', 'statefulsets'),
  services: resource('v1', 'Service', 'services'),
  configMaps: resource('v1', 'ConfigMap', 'configmaps'),
  secrets: resource('v1', 'Secret', 'secrets'),
  pods: resource('v1', 'Pod', 'pods'),
  nodes: resource('v1', 'Node', 'nodes'),
  jobs: resource('batch/v1', 'Job', 'jobs'),
  budgets: resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  networkPolicies: resource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  events: resource('events.k8s.io/v1', 'Event', 'events'),
  leases: resource('coordination.k8s.io/v1', 'Lease', 'leases'),
} as const satisfies Readonly<Record<string, Resource>>

/** The resource of an object. @throws {RangeError} for a kind that the operator does not touch. */
export function resourceOf(object: {
  readonly apiVersion: string
  readonly kind: string
}): Resource {
  const found = Object.values(RESOURCES).find(
    (each) => each.apiVersion === object.apiVersion && each.kind === object.kind,
  )
  if (found === undefined) throw new RangeError(`unknown kind ${object.apiVersion} ${object.kind}`)
  return found
}

/** Address of a collection; without a namespace, over all of them. */
export function collectionPath({ apiVersion, plural }: Resource, namespace: string | null): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return namespace === null
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
}

/** Address of one object. */
export function objectPath(
  resource: Resource,
  { namespace, name }: { readonly namespace?: string; readonly name: string },
): string {
  return `${collectionPath(resource, namespace ?? null)}/${encodeURIComponent(name)}`
}
