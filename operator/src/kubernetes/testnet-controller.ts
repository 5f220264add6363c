import type { NodePorts } from '../objects/network-policy.ts'
import { documentOf } from '../api/cluster-object.ts'
import type { TestnetStatus } from '../api/testnet-status.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { LABEL } from '../objects/labels.ts'
import { mergeConditions, newsAmong, type Statement } from '../plan/conditions.ts'
import { type HubPlan, planHub } from '../plan/hub-plan.ts'
import {
  nextLookMs,
  testnetNews,
  testnetStatements,
  testnetStatus,
} from '../plan/testnet-status.ts'
import type { EventRecorder } from './event-recorder.ts'
import { FoundedNetworks } from './founded-networks.ts'
import { HubActions } from './hub-actions.ts'
import { type HubCopies, networkIdOf, type TestnetWorld, worldOf } from './hub-world.ts'
import { keyOf } from './informer.ts'
import type { MemberCluster, MemberClusters } from './member-clusters.ts'
import { NetworkKeeper } from './network-keeper.ts'
import { readRoot } from './root-secret.ts'
import { StatusPace } from './status-pace.ts'
import type { Writer } from './writer.ts'

export interface TestnetControllerOptions {
  readonly copies: HubCopies
  readonly members: MemberClusters
  readonly writer: Writer
  readonly events: EventRecorder
  readonly defaultImage: string
  readonly cacheFolder: string
  readonly nodePorts: NodePorts
}

/** Keeps a Testnet until nothing of it is left in any cluster. */
const FINALIZER = 'shardnet.dev/testnet'
const SOON_MS = 2_000

/** The hub's part: turns each Testnet into Shards of clusters, and says what became of it. */
export class TestnetController {
  readonly #options: TestnetControllerOptions
  readonly #actions: HubActions
  readonly #networks: NetworkKeeper
  readonly #pace = new StatusPace()

  constructor(options: TestnetControllerOptions) {
    this.#options = options
    const { cacheFolder, nodePorts } = options
    const { own } = options.members
    const founded = new FoundedNetworks(own, cacheFolder)
    this.#networks = new NetworkKeeper({ own, founded, nodePorts })
    this.#actions = new HubActions({ own, founded, networks: this.#networks })
  }

  async reconcile(key: string): Promise<number | null> {
    const { copies, members, writer } = this.#options
    const object = copies.testnets.get(key)
    if (object === undefined) {
      this.#pace.forget(key)
      await this.#networks.removeStraysOfRemoved(this.#membersOf(key), nameOf(key))
      return null
    }
    const isDeleted = object.metadata.deletionTimestamp !== undefined
    const finalizers = object.metadata.finalizers ?? []
    if (isDeleted && !finalizers.includes(FINALIZER)) return null
    const desired = documentOf(object)
    if (desired?.kind !== 'Testnet') return null
    if (!isDeleted && !finalizers.includes(FINALIZER)) {
      await writer.setFinalizers(object, [...finalizers, FINALIZER])
      return SOON_MS
    }
    if (!this.#areClustersKnown(object)) return SOON_MS
    const world = worldOf(object, desired, { copies, members }, Date.now())
    if (world.strangers.length > 0) return this.#removeStrangers(world)
    await this.#networks.removeStrays(world)
    const hub = await this.#plan(world)
    for (const action of hub.actions) {
      await this.#announce(object, world, action.kind)
      await this.#actions.carryOut(action, world, hub.plan.shards)
    }
    if (hub.plan.ending === null) await this.#keep(hub, world)
    if (isDeleted && world.hub.observed.generations.length === 0) {
      await writer.setFinalizers(
        object,
        finalizers.filter((each) => each !== FINALIZER),
      )
      this.#networks.noteRemoved(object)
      return null
    }
    // What was done changes the world, which is told of after the next look.
    if (hub.actions.length > 0) return SOON_MS
    return this.#tell(object, world, hub)
  }

  /** What runs in a cluster that was not asked yet would look lost, and the testnet degraded. */
  #areClustersKnown({ metadata }: KubernetesObject): boolean {
    const { copies, members } = this.#options
    return copies.clusters
      .all()
      .filter((each) => each.metadata.namespace === metadata.namespace)
      .filter((each) => each.metadata.deletionTimestamp === undefined)
      .every((each) => members.wasAsked(keyOf(each)))
  }

  /** The clusters that a testnet of that key may have been in. */
  #membersOf(key: string): readonly MemberCluster[] {
    const { copies, members } = this.#options
    const { namespace } = nameOf(key)
    return copies.clusters
      .all()
      .filter(({ metadata }) => metadata.namespace === namespace)
      .flatMap((cluster) => members.get(keyOf(cluster)) ?? [])
  }

  /** A generation that is to be made takes a number that none had before, which only the root Secret knows. */
  async #plan(world: TestnetWorld): Promise<HubPlan> {
    const hub = planHub(world.desired, world.hub)
    if (!hub.actions.some(({ kind }) => kind === 'createNetwork')) return hub
    const root = await readRoot(this.#options.members.own.session.client, world.object)
    const observed = { ...world.hub.observed, lastGeneration: root?.retired ?? 0 }
    return planHub(world.desired, { ...world.hub, observed })
  }

  /** What was applied once and may have been lost since: keys, genesis, addresses. */
  async #keep(hub: HubPlan, world: TestnetWorld): Promise<void> {
    const { network } = hub.plan
    await this.#actions.refresh(network, world)
    for (const shard of world.shards) {
      const lacks = shard.status.conditions?.some(
        ({ type, status, reason }) =>
          type === 'Degraded' && status === 'True' && reason === 'KeysMissing',
      )
      if (lacks === true && shard.member.isReachable) {
        await this.#actions.restoreKeys(shard, world)
      }
    }
  }

  /** An earlier testnet of this name left Shards where its owner could not be reached. They go before ours come. */
  async #removeStrangers({ strangers }: TestnetWorld): Promise<number> {
    for (const { object, member } of strangers) {
      if (object.metadata.deletionTimestamp === undefined && member.isReachable) {
        await member.writer.remove(object, true)
      }
    }
    return SOON_MS
  }

  async #announce(object: KubernetesObject, world: TestnetWorld, kind: string): Promise<void> {
    const older = world.hub.observed.generations.at(-1)?.network.generation
    if (kind !== 'createNetwork' || older === undefined) return
    await this.#options.events.tell(object, {
      type: 'Warning',
      reason: 'Recreating',
      action: 'Recreate',
      note:
        `A new, empty generation of the network replaces generation ${older} once it is ready: ` +
        'spec.reshard is Recreate, so the ledger is not carried over.',
    })
  }

  async #tell(object: KubernetesObject, world: TestnetWorld, hub: HubPlan): Promise<number> {
    const { generation = 0, namespace = '' } = object.metadata
    const nowMs = Date.now()
    const { network } = hub.plan
    const shards = world.shards
      .filter(({ plan }) => plan.network.generation === network.generation)
      .map(({ plan, status, object: { metadata } }) => {
        return { plan, status, isTold: status.observedGeneration === metadata.generation }
      })
    const statusWorld = {
      desired: world.desired,
      hub,
      shards,
      clusters: world.clusters,
      networkId: networkIdOf(network, namespace, this.#options.members.own.networks.configMaps),
      image: world.desired.spec.image ?? this.#options.defaultImage,
      before: world.before,
      nowMs,
    }
    const statements = testnetStatements(statusWorld)
    const old = world.before.conditions ?? []
    const conditions = mergeConditions(old, statements, generation, nowMs)
    const status: TestnetStatus = {
      observedGeneration: generation,
      ...testnetStatus(statusWorld),
      conditions: [...conditions],
    }
    const waitMs = await this.#write(object, world.before, status)
    for (const news of newsAmong(old, statements)) await this.#tellNews(object, news)
    return Math.min(nextLookMs(world.desired, conditions), waitMs)
  }

  /** Writes a status that is news at once, and one of which only figures differ not too often. */
  async #write(
    object: KubernetesObject,
    before: TestnetStatus,
    after: TestnetStatus,
  ): Promise<number> {
    const key = keyOf(object)
    const dueMs = this.#pace.dueInMs(key, { before, after, newsOf: testnetNews })
    if (dueMs !== 0) return dueMs ?? Number.POSITIVE_INFINITY
    const { copies, writer } = this.#options
    copies.testnets.note(await writer.applyStatus(object, after))
    this.#pace.wrote(key)
    return Number.POSITIVE_INFINITY
  }

  async #tellNews(object: KubernetesObject, { type, status, reason, message }: Statement) {
    if (type === 'Steady' || type === 'Progressing') return
    const isBad = type === 'Degraded' && status === 'True'
    if (type === 'Degraded' && !isBad) return
    await this.#options.events.tell(object, {
      type: isBad ? 'Warning' : 'Normal',
      reason,
      action: 'Reconcile',
      note: message,
    })
  }

  /** The testnets that an object in any cluster belongs to. */
  static keyOf({ metadata }: KubernetesObject): string | null {
    const testnet = metadata.labels?.[LABEL.testnet]
    return testnet === undefined ? null : `${metadata.namespace ?? ''}/${testnet}`
  }
}

function nameOf(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/')
  return { namespace, name }
}
