import { addressBookConfigMap, type AddressBook } from '../objects/address-book-config-map.ts'
import type { BuildContext } from '../objects/build-context.ts'
import { driftOf } from '../objects/drift.ts'
import {
  genesisConfigMaps,
  genesisParts,
  NETWORK_ID_ANNOTATION,
} from '../objects/genesis-config-map.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { LABEL } from '../objects/labels.ts'
import { addressBookName, genesisName, networkName } from '../objects/names.ts'
import { networkPolicy, type NodePorts } from '../objects/network-policy.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'
import type { FoundedNetworks } from './founded-networks.ts'
import { type FoundShard, networkIdOf, TESTNET_UID, type TestnetWorld } from './hub-world.ts'
import { keyOf } from './informer.ts'
import type { KindInformers } from './kind-informers.ts'
import type { MemberCluster } from './member-clusters.ts'
import { saysTheSame } from './network-copies.ts'
import { RESOURCES } from './resource.ts'
import { testnetOwner } from './root-secret.ts'

export interface NetworkKeeperOptions {
  readonly own: MemberCluster
  readonly founded: FoundedNetworks
  /** Of the member clusters. */
  readonly nodePorts: NodePorts
}

/** Of testnets that were removed: more than writes can be on their way of. */
const REMOVED_MAX = 1_000

/** Keeps what a network has in each cluster beside its Shards: genesis, network policy, address book. */
export class NetworkKeeper {
  readonly #options: NetworkKeeperOptions
  /** Uids of testnets that were removed while we looked. */
  readonly #removed = new Set<string>()

  constructor(options: NetworkKeeperOptions) {
    this.#options = options
  }

  /** The first part of a genesis says that a generation exists: what is not recorded here is never applied anywhere. */
  async record(network: NetworkPlan, world: TestnetWorld): Promise<void> {
    const { own, founded } = this.#options
    const [first] = genesisConfigMaps(await founded.of(network, world), this.#contextIn(own, world))
    if (first !== undefined) await apply(own.networks.configMaps, own, first)
  }

  /** Puts right what lacks or differs of a network in a cluster. Where nothing does, nothing is written. */
  async keep(member: MemberCluster, network: NetworkPlan, world: TestnetWorld): Promise<void> {
    await this.#keepPolicy(member, network, world)
    await this.#keepGenesis(member, network, world)
    await this.#keepAddresses(member, network, world)
  }

  async #keepPolicy(
    member: MemberCluster,
    network: NetworkPlan,
    world: TestnetWorld,
  ): Promise<void> {
    const clusters = new Set(world.desired.spec.placement.clusters.map(({ name }) => name))
    const nodePorts = clusters.size > 1 ? this.#options.nodePorts : null
    const policy = this.#marked(
      member,
      networkPolicy(network, nodePorts, this.#contextIn(member, world)),
      world,
    )
    const { networkPolicies } = member.networks
    const found = networkPolicies.get(keyOf(policy))
    if (found === undefined || driftOf(policy, found) !== null)
      await apply(networkPolicies, member, policy)
  }

  async #keepGenesis(
    member: MemberCluster,
    network: NetworkPlan,
    world: TestnetWorld,
  ): Promise<void> {
    const { own, founded } = this.#options
    const { namespace = '' } = world.object.metadata
    const { configMaps } = member.networks
    const networkId = networkIdOf(network, namespace, own.networks.configMaps)
    const isThere = (name: string): boolean => {
      const found = configMaps.get(`${namespace}/${name}`)
      if (found === undefined) return false
      return [null, found.metadata.annotations?.[NETWORK_ID_ANNOTATION]].includes(networkId)
    }
    const names = Array.from({ length: genesisParts(network) }, (_, part) =>
      genesisName(network, part),
    )
    const lacking = new Set(names.filter((name) => !isThere(name)))
    if (lacking.size === 0) return
    const maps = genesisConfigMaps(await founded.of(network, world), this.#contextIn(member, world))
    for (const map of maps.filter(({ metadata }) => lacking.has(metadata.name))) {
      // It cannot change: another one of this name is of another network, which is gone.
      const found = configMaps.get(keyOf(map))
      if (found !== undefined) await member.writer.remove(found)
      configMaps.note(await member.writer.apply(this.#marked(member, map, world), null))
    }
  }

  async #keepAddresses(
    member: MemberCluster,
    network: NetworkPlan,
    world: TestnetWorld,
  ): Promise<void> {
    const book = addressBookOf(network, member, world)
    const isAlone = new Set(world.shards.map(({ plan }) => plan.cluster)).size <= 1
    if (isAlone && book.gateways.length === 0) return
    const map = this.#marked(
      member,
      addressBookConfigMap(network, book, this.#contextIn(member, world)),
      world,
    )
    const { configMaps } = member.networks
    const found = configMaps.get(keyOf(map))
    if (found === undefined || !saysTheSame(map, found)) await apply(configMaps, member, map)
  }

  /** Takes what is a network's out of all clusters, our own last: there it is recorded. */
  async remove(network: NetworkPlan, world: TestnetWorld): Promise<void> {
    const { own, founded } = this.#options
    const { namespace = '' } = world.object.metadata
    const members = new Map(
      world.clusters.flatMap(({ member }) => (member === null ? [] : [[member.session, member]])),
    )
    members.delete(own.session)
    for (const { writer } of [...members.values(), own]) {
      await writer.removeNamed(RESOURCES.networkPolicies, namespace, networkName(network))
      await writer.removeNamed(RESOURCES.configMaps, namespace, addressBookName(network))
      for (let part = genesisParts(network) - 1; part >= 0; part--) {
        await writer.removeNamed(RESOURCES.configMaps, namespace, genesisName(network, part))
      }
    }
    founded.forget(network, world)
  }

  /**
   * Takes out of other clusters what came there after its network was removed: a write that was on its way when its
   * operator was deposed. Owners do not reach there.
   */
  async removeStrays({ object, clusters, hub }: TestnetWorld): Promise<void> {
    const { uid } = object.metadata
    const living = new Set(hub.observed.generations.map(({ network }) => network.generation))
    await this.#removeFrom(
      clusters.flatMap(({ member }) => member ?? []),
      object.metadata,
      (found) =>
        found.metadata.annotations?.[TESTNET_UID] !== uid ||
        !living.has(Number(found.metadata.labels?.[LABEL.generation])),
    )
  }

  /** Remembers that a testnet is no more. */
  noteRemoved({ metadata }: KubernetesObject): void {
    this.#removed.add(metadata.uid ?? '')
    const [oldest] = this.#removed
    if (this.#removed.size > REMOVED_MAX && oldest !== undefined) this.#removed.delete(oldest)
  }

  /** The same, of a testnet that is no more. */
  async removeStraysOfRemoved(
    members: readonly MemberCluster[],
    testnet: { readonly namespace?: string; readonly name: string },
  ): Promise<void> {
    if (this.#removed.size === 0) return
    await this.#removeFrom(members, testnet, ({ metadata }) =>
      this.#removed.has(metadata.annotations?.[TESTNET_UID] ?? ''),
    )
  }

  async #removeFrom(
    members: readonly MemberCluster[],
    { namespace, name }: { readonly namespace?: string; readonly name: string },
    isStray: (object: KubernetesObject) => boolean,
  ): Promise<void> {
    for (const member of members) {
      if (this.#isOwn(member) || !member.isReachable) continue
      const { configMaps, networkPolicies } = member.networks
      const strays = [...configMaps.all(), ...networkPolicies.all()]
        .filter(({ metadata }) => metadata.namespace === namespace)
        .filter(({ metadata }) => metadata.labels?.[LABEL.testnet] === name)
        .filter(({ metadata }) => metadata.annotations?.[TESTNET_UID] !== undefined)
        .filter(isStray)
      for (const stray of strays) await member.writer.remove(stray)
    }
  }

  /** In another cluster an object says itself which testnet it belongs to. */
  #marked(
    member: MemberCluster,
    object: KubernetesObject,
    { object: testnet }: TestnetWorld,
  ): KubernetesObject {
    if (this.#isOwn(member)) return object
    const { annotations } = object.metadata
    const marks = { ...annotations, [TESTNET_UID]: testnet.metadata.uid ?? '' }
    return { ...object, metadata: { ...object.metadata, annotations: marks } }
  }

  #contextIn(member: MemberCluster, { object }: TestnetWorld): BuildContext {
    const { namespace = '' } = object.metadata
    return { namespace, owner: this.#isOwn(member) ? testnetOwner(object) : null }
  }

  #isOwn(member: MemberCluster): boolean {
    return member.session === this.#options.own.session
  }
}

/** Rests on the copy: what came there meanwhile is looked at again. */
async function apply(
  copies: KindInformers,
  { writer }: MemberCluster,
  object: KubernetesObject,
): Promise<void> {
  const found = copies.get(keyOf(object))
  copies.note(await writer.apply(object, found?.metadata ?? null))
}

/** Where validators of one cluster find all others: those at home by name, those abroad at their gateways. */
function addressBookOf(
  network: NetworkPlan,
  member: MemberCluster,
  { shards }: TestnetWorld,
): AddressBook {
  const ofNetwork = shards.filter(({ plan }) => plan.network.generation === network.generation)
  const isHere = (shard: FoundShard) => shard.member.session === member.session
  return {
    local: ofNetwork.filter(isHere).map(({ plan }) => ({ shard: plan.shard, ...plan.ordinals })),
    gateways: ofNetwork
      .filter((shard) => !isHere(shard))
      .flatMap(({ plan, status }) =>
        (status.gateways ?? []).map((gateway) => ({ shard: plan.shard, ...gateway })),
      ),
  }
}
