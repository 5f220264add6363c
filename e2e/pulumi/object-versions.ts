import type { Cluster } from '../cluster/cluster.ts'

/** What the control plane and the nodes write by themselves. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'bindings',
  'componentstatuses',
  'endpoints',
  'endpointslices',
  'events',
  'leases',
  'nodes',
  'csinodes',
  'pods',
  'replicasets',
  'controllerrevisions',
  'apiservices',
  'flowschemas',
  'prioritylevelconfigurations',
  'ipaddresses',
  'servicecidrs',
])

interface ApiObject {
  readonly kind: string
  readonly status?: unknown
  readonly metadata: {
    readonly namespace?: string
    readonly name: string
    readonly resourceVersion: string
    readonly generation?: number
  }
}

/**
 * Versions of all objects of a cluster, by `Kind namespace/name`: equal before and after means that nobody wrote. Where the control
 * plane keeps a status, the version of what was asked for counts.
 */
export async function objectVersions(cluster: Cluster): Promise<ReadonlyMap<string, string>> {
  const names = await cluster.mustRun('kubectl', ['api-resources', '--verbs=list', '-o', 'name'])
  const kinds = names
    .trim()
    .split('\n')
    .filter((name) => !LEFT_OUT.has(name.split('.')[0] ?? ''))
  const text = await cluster.mustRun('kubectl', ['get', kinds.join(','), '-A', '-o', 'json'])
  const { items } = JSON.parse(text) as { readonly items: readonly ApiObject[] }
  return new Map(
    items.map(({ kind, status, metadata }) => {
      const { namespace = '', name, resourceVersion, generation } = metadata
      const version =
        status === undefined || generation === undefined ? resourceVersion : `spec ${generation}`
      return [`${kind} ${namespace}/${name}`, version]
    }),
  )
}

/** Keys of what is new, gone or written between two looks. */
export function written(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly string[] {
  const keys = new Set([...before.keys(), ...now.keys()])
  return [...keys].filter((key) => before.get(key) !== now.get(key)).sort()
}
