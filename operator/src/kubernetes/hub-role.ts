import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { ClusterController } from './cluster-controller.ts'
import { OURS, type SessionOptions } from './cluster-session.ts'
import { controllerQueue } from './controller-queue.ts'
import type { KindInformers } from './kind-informers.ts'
import { MemberClusters } from './member-clusters.ts'
import { keyOf, type Role, type RoleOptions, roleOf } from './member-role.ts'
import { RESOURCES } from './resource.ts'
import { TestnetController } from './testnet-controller.ts'

export interface HubRoleOptions extends RoleOptions {
  readonly cacheFolder: string
  /** How sessions with other clusters are made. */
  readonly sessions: Omit<SessionOptions, 'access' | 'namespaces'>
}

const MANAGER = 'shardnet-hub'

/** The hub role: Testnets of this cluster, over all clusters that Cluster objects name. */
export function hubRole(options: HubRoleOptions, shards: KindInformers): Role {
  const { session } = options
  const copies = {
    testnets: session.follow(RESOURCES.testnets),
    clusters: session.follow(RESOURCES.clusters),
    configMaps: session.follow(RESOURCES.configMaps, { labelSelector: OURS, project: withoutData }),
    networkPolicies: session.follow(RESOURCES.networkPolicies, { labelSelector: OURS }),
  }
  let isBegun = false
  const addTestnetOf = (object: KubernetesObject): void => {
    const key = TestnetController.keyOf(object)
    if (isBegun && key !== null) testnetQueue.add(key)
  }
  const members = new MemberClusters({
    own: { session, shards },
    session: options.sessions,
    onShard: addTestnetOf,
    manager: MANAGER,
  })
  const writer = session.writer(MANAGER)
  const testnets = new TestnetController({ ...options, copies, members, writer })
  const testnetQueue = controllerQueue({
    ...options,
    name: 'testnet',
    reconcile: (key) => testnets.reconcile(key),
  })
  const addTestnetsIn = (namespace: string): void => {
    for (const testnet of copies.testnets.all()) {
      if (isBegun && testnet.metadata.namespace === namespace) testnetQueue.add(keyOf(testnet))
    }
  }
  const clusters = new ClusterController({
    clusters: copies.clusters,
    members,
    writer,
    events: options.events,
    onHealth: addTestnetsIn,
  })
  const clusterQueue = controllerQueue({
    ...options,
    name: 'cluster',
    reconcile: (key) => clusters.reconcile(key),
  })
  copies.testnets.onChange((key) => {
    if (isBegun) testnetQueue.add(key)
  })
  copies.clusters.onChange((key, { metadata }) => {
    if (isBegun) clusterQueue.add(key)
    addTestnetsIn(metadata.namespace ?? '')
  })
  for (const copy of [shards, copies.configMaps, copies.networkPolicies]) {
    copy.onChange((_key, object) => addTestnetOf(object))
  }
  const begin = (): void => void (isBegun = true)
  const clusterRole = roleOf(clusterQueue, () => clusters, {
    begin,
    keys: () => copies.clusters.all().map(keyOf),
  })
  const testnetRole = roleOf(testnetQueue, () => testnets, {
    begin,
    keys: () => copies.testnets.all().map(keyOf),
  })
  return {
    begin: () => {
      clusterRole.begin()
      testnetRole.begin()
    },
    once: async () => {
      await clusterRole.once()
      await testnetRole.once()
    },
    stop: async () => {
      await Promise.all([clusterRole.stop(), testnetRole.stop()])
      await members.stop()
    },
  }
}

/** The bytes of a genesis are as large as everything else together, and never looked at again. */
function withoutData(object: KubernetesObject): KubernetesObject {
  const { binaryData: _binary, data: _data, ...rest } = object
  return rest
}
