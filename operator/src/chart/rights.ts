/** Who has a right: a hub in its own cluster, a member in its own, and a hub in a member's. */
type Holder = 'hub' | 'member' | 'hubAbroad'

/** One line of the operator's rights: what it may do with one resource, for whom, and why. */
export interface Right {
  readonly holders: readonly Holder[]
  /** Cluster rights are asked for only with gateways. */
  readonly scope: 'namespace' | 'cluster' | 'own'
  readonly group: string
  readonly resource: string
  readonly verbs: readonly string[]
  readonly why: string
}

const FOLLOW = ['list', 'watch'] as const
/** Server-side apply asks for both, whether or not the object is there. */
const APPLY = ['create', 'patch'] as const

const hub: readonly Right[] = [
  right('hub', 'shardnet.dev/testnets', [...FOLLOW, 'patch'], 'reads them, and sets its finalizer'),
  right('hub', 'shardnet.dev/testnets/status', ['patch'], 'tells what became of them'),
  right('hub', 'shardnet.dev/clusters', FOLLOW, 'joins member clusters'),
  right('hub', 'shardnet.dev/clusters/status', ['patch'], 'tells whether they answer'),
  right('hub', 'shardnet.dev/loadtests', FOLLOW, 'runs them'),
  right('hub', 'shardnet.dev/loadtests/status', ['patch'], 'tells figures and verdicts'),
  right(
    'hub',
    'shardnet.dev/faults',
    ['get', ...APPLY],
    'faults of load tests, and when they were',
  ),
  right('hub', 'batch/jobs', [...FOLLOW, ...APPLY, 'delete'], 'load generators'),
  right('hub', '/services', APPLY, 'where load generators meet'),
  right('hub', '/pods', ['list'], 'finds load generators'),
  right('hub', '/pods/log', ['get'], 'reads their results'),
  right('hub', '/secrets', ['get'], 'root secret, kubeconfigs by name'),
]

const EVERYWHERE = ['hub', 'hubAbroad'] as const

/** What a hub makes in every cluster of a testnet, its own or not. */
const hubEverywhere: readonly Right[] = [
  right(EVERYWHERE, 'shardnet.dev/shards', [...FOLLOW, ...APPLY, 'delete'], 'asks for shards'),
  right(EVERYWHERE, '/configmaps', [...FOLLOW, ...APPLY, 'delete'], 'genesis and address books'),
  right(EVERYWHERE, '/secrets', APPLY, 'shards’ keys'),
  right(
    EVERYWHERE,
    'networking.k8s.io/networkpolicies',
    [...FOLLOW, ...APPLY, 'delete'],
    'who may talk to validators',
  ),
]

const member: readonly Right[] = [
  right('member', 'shardnet.dev/shards', FOLLOW, 'reads what the hub asks for'),
  right('member', 'shardnet.dev/shards/status', ['patch'], 'tells what became of them'),
  right('member', 'apps/statefulsets', [...FOLLOW, ...APPLY], 'the validators'),
  right('member', '/services', [...FOLLOW, ...APPLY, 'delete'], 'their names and gateways'),
  right('member', 'policy/poddisruptionbudgets', [...FOLLOW, ...APPLY], 'at most f away'),
  right('member', '/secrets', ['get', 'patch'], 'says whether an empty disk may be born'),
  right('member', '/pods', ['get', 'list'], 'rollouts, and why a validator does not start'),
  right(
    'member',
    'shardnet.dev/faults',
    [...FOLLOW, 'patch'],
    'reads them, and sets its finalizer',
  ),
  right('member', 'shardnet.dev/faults/status', ['patch'], 'tells what became of them'),
  right('member', '/pods', ['delete'], 'faults that kill'),
  right('member', '/pods/eviction', ['create'], 'replaces validators within the budget'),
  right('member', '/events', ['list'], 'why a StatefulSet gets no pods'),
  {
    ...right('member', '/nodes', ['get'], 'addresses of gateways'),
    scope: 'cluster',
  },
]

const both: readonly Right[] = [
  {
    holders: ['hub', 'member'],
    scope: 'namespace',
    group: 'events.k8s.io',
    resource: 'events',
    verbs: ['create'],
    why: 'tells people what happens',
  },
  {
    holders: ['hub', 'member'],
    scope: 'own',
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: ['get', 'create', 'update'],
    why: 'one of its replicas writes',
  },
]

/** Everything that the operator may do, and nothing that it need not. */
export const rights: readonly Right[] = [...hub, ...hubEverywhere, ...member, ...both]

/** `what` is `group/resource`, where a resource of the core group has nothing before the stroke. */
function right(
  holder: Holder | readonly Holder[],
  what: string,
  verbs: readonly string[],
  why: string,
): Right {
  const [group = '', ...resource] = what.split('/')
  const holders = typeof holder === 'string' ? [holder] : holder
  return { holders, scope: 'namespace', group, resource: resource.join('/'), verbs, why }
}

/** A rule of a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** The rules of some rights: one for each resource, its verbs together. */
export function policyRules(some: readonly Right[]): readonly PolicyRule[] {
  const merged = new Map<string, { group: string; resource: string; verbs: Set<string> }>()
  for (const { group, resource, verbs } of some) {
    const key = `${group}/${resource}`
    const known = merged.get(key) ?? { group, resource, verbs: new Set<string>() }
    for (const verb of verbs) known.verbs.add(verb)
    merged.set(key, known)
  }
  return [...merged.values()].map(({ group, resource, verbs }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [...verbs].sort(),
  }))
}
