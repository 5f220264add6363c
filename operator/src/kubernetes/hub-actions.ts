import { shardSecretOf } from '@shardnet/node/config'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { shardSecret, withBirths } from '../objects/shard-secret.ts'
import type { Action } from '../plan/action.ts'
import { hubShard } from '../plan/hub-shard.ts'
import type { NetworkPlan } from '../plan/network-plan.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import { isApiError } from './api-error.ts'
import type { FoundedNetworks } from './founded-networks.ts'
import { adminTokenOf } from './founding.ts'
import { type FoundShard, networkIdOf, TESTNET_UID, type TestnetWorld } from './hub-world.ts'
import type { MemberCluster } from './member-clusters.ts'
import type { NetworkKeeper } from './network-keeper.ts'
import { ensureRoot, readRoot, retiredRoot, testnetOwner } from './root-secret.ts'

export interface HubActionsOptions {
  readonly own: MemberCluster
  readonly founded: FoundedNetworks
  readonly networks: NetworkKeeper
}

/** What is being removed is removed once more after so long without a change: then the API server says that it is gone. */
const ASK_AGAIN_MS = 30_000

/** Carries the hub's actions out. Each may be done again, from any point at which it was stopped. */
export class HubActions {
  readonly #options: HubActionsOptions
  readonly #networks: NetworkKeeper
  /** Since when a state of an object that is being removed has been known. */
  readonly #going = new WeakMap<KubernetesObject, number>()

  constructor(options: HubActionsOptions) {
    this.#options = options
    this.#networks = options.networks
  }

  async carryOut(action: Action, world: TestnetWorld, parts: readonly ShardPlan[]): Promise<void> {
    switch (action.kind) {
      case 'createNetwork':
        return this.#networks.record(action.network, world)
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
      if (member.isReachable) await this.#networks.keep(member, network, world)
    }
  }

  async #applyShard(
    shard: ShardPlan,
    world: TestnetWorld,
    parts: readonly ShardPlan[],
  ): Promise<void> {
    const member = memberOf(world, shard.cluster)
    if (member === null) return
    const found = foundShard(world, shard)
    if (found === undefined) await this.#networks.keep(member, shard.network, world)
    const { metadata } = world.object
    const { configMaps } = this.#options.own.networks
    // Recorded before any Shard is applied: founding takes minutes where there are many validators.
    const recorded = networkIdOf(shard.network, metadata.namespace ?? '', configMaps)
    const networkId = recorded ?? (await this.#options.founded.of(shard.network, world)).networkId
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
    if (found === undefined) return
    if (found.object.metadata.deletionTimestamp !== undefined && !this.#isOverdue(found.object))
      return
    // What it owns goes first, so that a Shard that is gone leaves nothing behind.
    await found.member.writer.remove(found.object, true)
  }

  /** Whether an object has been going for a while without a change: what tells of its end may have been lost. */
  #isOverdue(object: KubernetesObject): boolean {
    const nowMs = performance.now()
    const sinceMs = this.#going.get(object) ?? nowMs
    const isOverdue = nowMs - sinceMs >= ASK_AGAIN_MS
    this.#going.set(object, isOverdue ? nowMs : sinceMs)
    return isOverdue
  }

  async #removeNetwork(network: NetworkPlan, world: TestnetWorld): Promise<void> {
    const { own } = this.#options
    const root = await readRoot(own.session.client, world.object)
    if (root !== null && root.retired < network.generation) {
      await own.writer.apply(retiredRoot(world.object, network.generation), root.metadata)
    }
    await this.#networks.remove(network, world)
  }

  #isOwn(member: MemberCluster): boolean {
    return member.session === this.#options.own.session
  }
}

function memberOf({ clusters }: TestnetWorld, name: string | null): MemberCluster | null {
  return clusters.find((cluster) => cluster.name === name)?.member ?? null
}

function foundShard({ shards }: TestnetWorld, shard: ShardPlan): FoundShard | undefined {
  return shards.find(({ plan }) => {
    return plan.cluster === shard.cluster && plan.name === shard.name
  })
}
