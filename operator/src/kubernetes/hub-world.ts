import { documentOf, statusOf } from '../api/cluster-object.ts'
import { ShardStatus, TestnetStatus } from '../api/testnet-status.ts'
import type { Testnet } from '../api/testnet.ts'
import { NETWORK_ANNOTATION, NETWORK_ID_ANNOTATION } from '../objects/genesis-config-map.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { LABEL } from '../objects/labels.ts'
import { genesisName } from '../objects/names.ts'
import type { HubWorld, ObservedCluster } from '../plan/hub-plan.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'
import type { ObservedGeneration } from '../plan/observed.ts'
import { shardPlanOf } from '../plan/shard-object.ts'
import { placeOf, type ShardPlan } from '../plan/shard-plan.ts'
import { idleMsOf } from '../plan/testnet-status.ts'
import type { KindInformers } from './kind-informers.ts'
import type { MemberCluster, MemberClusters } from './member-clusters.ts'

/** Says which testnet an object of another cluster belongs to, where owner references do not reach. */
export const TESTNET_UID = 'shardnet.dev/testnet-uid'
/** Clusters that a testnet may leave behind as they are when it is deleted, separated by commas. */
const ABANDON = 'shardnet.dev/abandon-clusters'

export interface HubCopies {
  readonly testnets: KindInformers
  readonly clusters: KindInformers
}

/** A cluster of a testnet's namespace, with the way to it. */
export interface KnownCluster extends ObservedCluster {
  readonly member: MemberCluster | null
  readonly pricePerHour: string | null
}

/** A Shard of a testnet, wherever it is. */
export interface FoundShard {
  readonly object: KubernetesObject
  readonly member: MemberCluster
  readonly plan: ShardPlan
  readonly status: ShardStatus
}

/** Everything that the hub knows of one testnet. */
export interface TestnetWorld {
  readonly object: KubernetesObject
  readonly desired: Testnet
  readonly before: TestnetStatus
  readonly clusters: readonly KnownCluster[]
  readonly shards: readonly FoundShard[]
  /** Shards of an earlier testnet of the same name. */
  readonly strangers: readonly FoundShard[]
  readonly hub: HubWorld
}

/** Gathers it from the copies. */
export function worldOf(
  object: KubernetesObject,
  desired: Testnet,
  sources: { readonly copies: HubCopies; readonly members: MemberClusters },
  nowMs: number,
): TestnetWorld {
  const before = statusOf(TestnetStatus, object)
  const isDeleted = object.metadata.deletionTimestamp !== undefined
  const abandoned = isDeleted ? abandonedBy(object) : new Set<string>()
  const clusters = clustersOf(object, sources).filter(({ name }) => !abandoned.has(name ?? ''))
  const all = shardsOf(object, clusters)
  const uid = object.metadata.uid ?? ''
  const shards = all.filter((each) => uidOf(each.object) === uid)
  const createdMs = Date.parse(object.metadata.creationTimestamp ?? '')
  const observed = {
    generations: generationsOf(object, shards, sources.members.own.networks.configMaps),
    ageMs: nowMs - createdMs,
    idleMs: idleMsOf(before, createdMs, nowMs),
    isDeleted,
  }
  return {
    object,
    desired,
    before,
    clusters,
    shards,
    strangers: all.filter((each) => uidOf(each.object) !== uid),
    hub: { observed, clusters, progress: shards.map(progressOf) },
  }
}

function abandonedBy({ metadata }: KubernetesObject): ReadonlySet<string> {
  const names = metadata.annotations?.[ABANDON]?.split(',') ?? []
  return new Set(names.map((name) => name.trim()).filter((name) => name !== ''))
}

function uidOf({ metadata }: KubernetesObject): string {
  return metadata.annotations?.[TESTNET_UID] ?? ''
}

function clustersOf(
  { metadata }: KubernetesObject,
  { copies, members }: { readonly copies: HubCopies; readonly members: MemberClusters },
): readonly KnownCluster[] {
  const own: KnownCluster = {
    name: null,
    isReachable: true,
    capacity: null,
    pricePerHour: null,
    member: members.own,
  }
  const others = copies.clusters
    .all()
    .filter((cluster) => cluster.metadata.namespace === metadata.namespace)
    .map((cluster): KnownCluster => {
      const { name, namespace = '' } = cluster.metadata
      const { capacity, pricePerHour } = (cluster['spec'] ?? {}) as {
        readonly capacity?: { readonly validators: number }
        readonly pricePerHour?: string
      }
      const member = members.get(`${namespace}/${name}`)
      return {
        name,
        isReachable: member?.isReachable ?? false,
        capacity: capacity?.validators ?? null,
        pricePerHour: pricePerHour ?? null,
        member,
      }
    })
  return [own, ...others]
}

function shardsOf(
  { metadata }: KubernetesObject,
  clusters: readonly KnownCluster[],
): readonly FoundShard[] {
  return clusters.flatMap(({ name, member }) => {
    if (member === null) return []
    return member.shards.all().flatMap((object): readonly FoundShard[] => {
      if (object.metadata.namespace !== metadata.namespace) return []
      if (object.metadata.labels?.[LABEL.testnet] !== metadata.name) return []
      const shard = documentOf(object)
      if (shard?.kind !== 'Shard') return []
      const plan = shardPlanOf(shard)
      // The hub's own cluster may have a name too; each Shard is counted where it says it is.
      if (plan.cluster !== name) return []
      return [{ object, member, plan, status: statusOf(ShardStatus, object) }]
    })
  })
}

/** A generation is there while its genesis or any of its Shards is. */
function generationsOf(
  { metadata }: KubernetesObject,
  shards: readonly FoundShard[],
  configMaps: KindInformers,
): readonly ObservedGeneration[] {
  const networks = new Map<number, NetworkPlan>()
  for (const { plan } of shards) networks.set(plan.network.generation, plan.network)
  for (const network of recordedNetworks(metadata, configMaps)) {
    networks.set(network.generation, network)
  }
  return [...networks.values()]
    .sort((one, other) => one.generation - other.generation)
    .map((network) => ({
      network,
      shards: shards
        .filter(({ plan }) => plan.network.generation === network.generation)
        .map(({ plan, status }) => ({ plan, readyValidators: status.readyValidators ?? 0 })),
    }))
}

function recordedNetworks(
  { name, namespace, uid }: KubernetesObject['metadata'],
  configMaps: KindInformers,
): readonly NetworkPlan[] {
  return configMaps.all().flatMap((map): readonly NetworkPlan[] => {
    const { annotations, ownerReferences } = map.metadata
    const text = annotations?.[NETWORK_ANNOTATION]
    if (text === undefined || map.metadata.namespace !== namespace) return []
    if (!ownerReferences?.some((owner) => owner.uid === uid)) return []
    const network = JSON.parse(text) as NetworkPlan
    const isFirst = map.metadata.name === genesisName(network, 0)
    return isFirst && network.testnet === name ? [network] : []
  })
}

/** The identity that a network's genesis came out with; null while it is not made. */
export function networkIdOf(
  network: NetworkPlan,
  namespace: string,
  configMaps: KindInformers,
): string | null {
  const map = configMaps.get(`${namespace}/${genesisName(network, 0)}`)
  return map?.metadata.annotations?.[NETWORK_ID_ANNOTATION] ?? null
}

function progressOf({ object, plan, status }: FoundShard) {
  const { count } = plan.ordinals
  const isTold = status.observedGeneration === object.metadata.generation
  const isSettled =
    isTold && status.updatedValidators === count && (status.readyValidators ?? 0) >= count
  return { place: placeOf(plan), generation: plan.network.generation, isSettled }
}
