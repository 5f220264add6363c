import { shardSecretOf } from '@shardnet/node/config'
import { addressBookConfigMap, type AddressBook } from '../objects/address-book-config-map.ts'
import { driftOf } from '../objects/drift.ts'
import {
  type FoundedNetwork,
  genesisConfigMaps,
  genesisParts,
} from '../objects/genesis-config-map.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { addressBookName, genesisName, networkName } from '../objects/names.ts'
import { networkPolicy, type NodePorts } from '../objects/network-policy.ts'
import { shardSecret, withBirths } from '../objects/shard-secret.ts'
import type { Action } from '../plan/action.ts'
import { hubShard } from '../plan/hub-shard.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import { isApiError } from './api-error.ts'
import { adminTokenOf, foundNetwork, instanceOf } from './founding.ts'
import {
  type FoundShard,
  type HubCopies,
  networkIdOf,
  TESTNET_UID,
  type TestnetWorld,
} from './hub-world.ts'
import { keyOf } from './informer.ts'
import type { MemberCluster } from './member-clusters.ts'
import { RESOURCES } from './resource.ts'
import { ensureRoot, readRoot, retiredRoot, testnetOwner } from './root-secret.ts'

export interface HubActionsOptions {
  readonly own: MemberCluster
  readonly copies: HubCopies
  /** Where tables of accounts are kept between foundings. */
  readonly cacheFolder: string
  /** Of the member clusters. */
  readonly nodePorts: NodePorts
}

const FOUNDED_MAX = 4

/** Carries the hub's actions out. Each may be done again, from any point at which it was stopped. */
export class HubActions {
  readonly #options: HubActionsOptions
  /** Networks that were founded lately: founding again gives the same, but takes time. */
  readonly #founded = new Map<string, FoundedNetwork>()
  /** Where a network's objects are known to be, and with which address book. */
  readonly #ensured = new Map<string, string>()

  constructor(options: HubActionsOptions) {
    this.#options = options
  }

  async carryOut(action: Action, world: TestnetWorld, parts: readonly ShardPlan[]): Promise<void> {
    switch (action.kind) {
      case 'createNetwork':
        return this.#record(action.network, world)
      case 'applyShard':
        return this.#applyShard(action.shard, world, parts)
      case 'removeShard':
        return this.#removeShard(action.shard, world)
      case 'removeNetwork':
        return this.#removeNetwork(action.network, world)
    }
  }

  /** The network's objects in every cluster that has Shards of it, with addresses as they are now. */
  async refresh(network: NetworkPlan, world: TestnetWorld): Promise<void> {
    const shards = world.shards.filter(({ plan }) => plan.network.generation === network.generation)
    for (const member of new Set(shards.map((shard) => shard.member))) {
      if (!member.isReachable) continue
      await this.#ensureNetwork(member, network, world)
    }
  }

  /** The first part of a genesis says that a generation exists: what is not recorded here is never applied anywhere. */
  async #record(network: NetworkPlan, world: TestnetWorld): Promise<void> {
    const founded = await this.#found(network, world)
    const [first] = genesisConfigMaps(founded, this.#contextIn(this.#options.own, world))
    if (first !== undefined) await this.#applyOwn(first)
  }

  async #applyShard(
    shard: ShardPlan,
    world: TestnetWorld,
    parts: readonly ShardPlan[],
  ): Promise<void> {
    const member = memberOf(world, shard.cluster)
    if (member === null) return
    const found = foundShard(world, shard)
    if (found === undefined) await this.#ensureNetwork(member, shard.network, world)
    const { metadata } = world.object
    const { configMaps } = this.#options.copies
    // Recorded before any Shard is applied: founding takes minutes where there are many validators.
    const recorded = networkIdOf(shard.network, metadata.namespace ?? '', configMaps)
    const networkId = recorded ?? (await this.#found(shard.network, world)).networkId
    const wanted = hubShard(shard, { testnet: world.desired, networkId, parts })
    const object: KubernetesObject = {
      ...wanted,
      metadata: {
        name: wanted.metadata.name,
        labels: wanted.metadata.labels ?? {},
        namespace: metadata.namespace ?? '',
        annotations: { [TESTNET_UID]: metadata.uid ?? '' },
        ...(this.#isOwn(member) ? { ownerReferences: [testnetOwner(world.object)] } : {}),
      },
    }
    const applied = await member.writer.apply(object, found?.object.metadata ?? null)
    member.shards.note(applied)
    if (found === undefined) await this.#giveKeys(shard, member, applied, world)
  }

  /** Gives a Shard its keys. Again, when its member says that they are missing. */
  async restoreKeys(shard: FoundShard, world: TestnetWorld): Promise<void> {
    const { plan, member, object } = shard
    await member.writer.apply(await this.#keysOf(plan, object, world))
  }

  /** The keys of a Shard that was made a moment ago: none of its validators was born yet. */
  async #giveKeys(
    shard: ShardPlan,
    member: MemberCluster,
    owner: KubernetesObject,
    world: TestnetWorld,
  ): Promise<void> {
    const keys = await this.#keysOf(shard, owner, world)
    try {
      await member.writer.apply(withBirths(keys, 'open'), null)
    } catch (error) {
      if (!isApiError(error, 409)) throw error
      // Left by whoever was here before: what it says of births is for the member to judge.
      await member.writer.apply(keys)
    }
  }

  async #keysOf(
    shard: ShardPlan,
    owner: KubernetesObject,
    world: TestnetWorld,
  ): Promise<KubernetesObject> {
    const { secret } = await ensureRoot(
      this.#options.own.session.client,
      this.#options.own.writer,
      world.object,
    )
    const keys = {
      secret: shardSecretOf(secret, shard.shard),
      adminToken: adminTokenOf(secret, shard.shard),
    }
    const { apiVersion, kind, metadata } = owner
    const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }
    const context = { namespace: metadata.namespace ?? '', owner: reference }
    return shardSecret(shard, keys, context)
  }

  async #removeShard(shard: ShardPlan, world: TestnetWorld): Promise<void> {
    const found = foundShard(world, shard)
    if (found === undefined || found.object.metadata.deletionTimestamp !== undefined) return
    // What it owns goes first, so that a Shard that is gone leaves nothing behind.
    await found.member.writer.remove(found.object, true)
  }

  async #removeNetwork(network: NetworkPlan, world: TestnetWorld): Promise<void> {
    const { own } = this.#options
    const { namespace = '' } = world.object.metadata
    const root = await readRoot(own.session.client, world.object)
    if (root !== null && root.retired < network.generation) {
      await own.writer.apply(retiredRoot(world.object, network.generation), root.metadata)
    }
    const sessions = new Set(world.clusters.flatMap(({ member }) => member ?? []))
    const others = [...sessions].filter((member) => !this.#isOwn(member))
    for (const { writer } of [...others, own]) {
      await writer.removeNamed(RESOURCES.networkPolicies, namespace, networkName(network))
      await writer.removeNamed(RESOURCES.configMaps, namespace, addressBookName(network))
      for (let part = genesisParts(network) - 1; part >= 0; part--) {
        await writer.removeNamed(RESOURCES.configMaps, namespace, genesisName(network, part))
      }
    }
    this.#founded.delete(foundedKey(network, world))
  }

  async #ensureNetwork(
    member: MemberCluster,
    network: NetworkPlan,
    world: TestnetWorld,
  ): Promise<void> {
    const key = `${foundedKey(network, world)}/${member.name ?? ''}`
    const book = addressBookOf(network, member, world)
    const state = JSON.stringify(book)
    const context = this.#contextIn(member, world)
    if (this.#isOwn(member)) {
      await this.#ensureOwn(network, world)
    } else if (!this.#ensured.has(key)) {
      const founded = await this.#found(network, world)
      for (const map of genesisConfigMaps(founded, context)) await applyFresh(member, map)
      await member.writer.apply(networkPolicy(network, this.#options.nodePorts, context))
    }
    const isAlone = new Set(world.shards.map(({ plan }) => plan.cluster)).size <= 1
    if (this.#ensured.get(key) !== state && !(isAlone && book.gateways.length === 0)) {
      await member.writer.apply(addressBookConfigMap(network, book, context))
    }
    this.#ensured.set(key, state)
  }

  /** In the hub's own cluster the copies say what is missing. */
  async #ensureOwn(network: NetworkPlan, world: TestnetWorld): Promise<void> {
    const { own, copies, nodePorts } = this.#options
    const { namespace = '' } = world.object.metadata
    const context = this.#contextIn(own, world)
    const clusters = new Set(world.desired.spec.placement.clusters.map(({ name }) => name))
    const policy = networkPolicy(network, clusters.size > 1 ? nodePorts : null, context)
    const found = copies.networkPolicies.get(keyOf(policy))
    if (found === undefined || driftOf(policy, found) !== null) {
      copies.networkPolicies.note(await own.writer.apply(policy, found?.metadata ?? null))
    }
    const names = Array.from({ length: genesisParts(network) }, (_, part) =>
      genesisName(network, part),
    )
    if (names.every((name) => copies.configMaps.get(`${namespace}/${name}`) !== undefined)) return
    const founded = await this.#found(network, world)
    for (const map of genesisConfigMaps(founded, context)) {
      if (copies.configMaps.get(keyOf(map)) === undefined) await this.#applyOwn(map)
    }
  }

  async #applyOwn(object: KubernetesObject): Promise<void> {
    const applied = await this.#options.own.writer.apply(object, null)
    this.#options.copies.configMaps.note(applied)
  }

  async #found(network: NetworkPlan, world: TestnetWorld): Promise<FoundedNetwork> {
    const key = foundedKey(network, world)
    const known = this.#founded.get(key)
    if (known !== undefined) return known
    const { own, cacheFolder } = this.#options
    const { secret } = await ensureRoot(own.session.client, own.writer, world.object)
    const founded = await foundNetwork({
      network,
      rootSecret: Buffer.from(secret.reveal()).toString('hex'),
      instance: instanceOf(world.object.metadata.uid ?? '', network.generation),
      cacheFolder,
    })
    const [oldest] = this.#founded.keys()
    if (this.#founded.size >= FOUNDED_MAX && oldest !== undefined) this.#founded.delete(oldest)
    this.#founded.set(key, founded)
    return founded
  }

  #isOwn(member: MemberCluster): boolean {
    return member.session === this.#options.own.session
  }

  #contextIn(member: MemberCluster, { object }: TestnetWorld) {
    const { namespace = '' } = object.metadata
    return { namespace, owner: this.#isOwn(member) ? testnetOwner(object) : null }
  }
}

/** Applies an object that never changes: another content of the same name is one that was never used. */
async function applyFresh({ writer }: MemberCluster, object: KubernetesObject): Promise<void> {
  try {
    await writer.apply(object)
  } catch (error) {
    if (!isApiError(error, 422)) throw error
    await writer.remove(object)
    await writer.apply(object)
  }
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

function foundedKey(network: NetworkPlan, { object }: TestnetWorld): string {
  // With the plan: a generation that was never recorded may be planned anew under the same number.
  return `${object.metadata.uid}/${JSON.stringify(network)}`
}

function memberOf({ clusters }: TestnetWorld, name: string | null): MemberCluster | null {
  return clusters.find((cluster) => cluster.name === name)?.member ?? null
}

function foundShard({ shards }: TestnetWorld, shard: ShardPlan): FoundShard | undefined {
  return shards.find(({ plan }) => {
    return plan.cluster === shard.cluster && plan.name === shard.name
  })
}
