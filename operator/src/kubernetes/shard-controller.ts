import { documentOf, statusOf } from '../api/cluster-object.ts'
import type { Shard } from '../api/shard.ts'
import { ShardStatus } from '../api/testnet-status.ts'
import { driftOf } from '../objects/drift.ts'
import type {
  KubernetesObject,
  ObjectMetadata,
  OwnerReference,
} from '../objects/kubernetes-object.ts'
import { budgetIn, shardChildren } from '../objects/shard-children.ts'
import { type Births, birthsOfShard, SHARD_SECRET_KEYS } from '../objects/shard-secret.ts'
import { shardSecretName } from '../objects/names.ts'
import { mergeConditions, newsAmong, type Statement } from '../plan/conditions.ts'
import { type Trouble, troubleOf } from '../plan/pod-trouble.ts'
import { planRollout } from '../plan/rollout.ts'
import { shardPlanOf } from '../plan/shard-object.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import {
  isBorn,
  shardStatements,
  shardStatus,
  type ShardWorld,
  writeAtMs,
} from '../plan/shard-status.ts'
import { isApiError } from './api-error.ts'
import type { ClusterSession } from './cluster-session.ts'
import type { EventRecorder } from './event-recorder.ts'
import { gatewayAddresses } from './gateway-addresses.ts'
import { keyOf } from './informer.ts'
import type { KindInformers } from './kind-informers.ts'
import { isWatchedKind, type OperatorMetrics } from './operator-metrics.ts'
import { objectPath, RESOURCES } from './resource.ts'
import { observedPod, type Pod, podsOfShard, refusalOf } from './shard-pods.ts'
import { reportOf, setStatus } from './set-report.ts'
import { ShardScraper } from './shard-scraper.ts'
import type { Writer } from './writer.ts'

/** Copies of what a Shard becomes. */
export interface ShardCopies {
  readonly shards: KindInformers
  readonly statefulSets: KindInformers
  readonly services: KindInformers
  readonly budgets: KindInformers
}

export interface ShardControllerOptions {
  readonly session: ClusterSession
  readonly copies: ShardCopies
  readonly events: EventRecorder
  readonly metrics: OperatorMetrics
  readonly defaultImage: string
}

/** When to look again, in milliseconds: at validators that are on their way, and at those that only work. */
const SOON_MS = 5_000
const FIGURES_MS = 30_000
const SHORTLY_MS = 500
/** A Shard without keys is no news for so long. */
const KEYS_WITHIN_MS = 10_000
const MANAGER = 'shardnet-member'

/** The member's part: makes each Shard of its cluster true, whether or not the hub is there. */
export class ShardController {
  readonly #options: ShardControllerOptions
  readonly #writer: Writer
  readonly #scraper = new ShardScraper()
  readonly #writtenAt = new Map<string, number>()

  constructor(options: ShardControllerOptions) {
    this.#options = options
    this.#writer = options.session.writer(MANAGER)
  }

  /** One look at one Shard: what is missing or wrong is applied, what it says is told. */
  async reconcile(key: string): Promise<number | null> {
    const object = this.#options.copies.shards.get(key)
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) {
      this.#scraper.forget(key)
      this.#writtenAt.delete(key)
      return null
    }
    const shard = documentOf(object)
    if (shard?.kind !== 'Shard') return null
    const before = statusOf(ShardStatus, object)
    const isGrown = before.born === true && this.#setOf(object) !== undefined
    const keys = isGrown ? null : await this.#keysOf(object, shard)
    const hasKeys = isGrown || keys !== null
    // The hub applies them right after the Shard.
    if (!hasKeys && ageMsOf(object) < KEYS_WITHIN_MS) return SHORTLY_MS
    if (keys !== null && keys.births === null) {
      await this.#setBirths(keys, shard, before.born === true ? 'closed' : 'open')
      return 0
    }
    const lack = hasKeys ? this.#imageLack(shard) : KEYS_MISSING
    if (lack === null) await this.#applyChildren(object, shard)
    const world = await this.#observe(object, shard, before, lack)
    if (isBorn(world) && keys !== null && keys.births !== 'closed') {
      await this.#setBirths(keys, shard, 'closed')
    }
    return this.#tell(object, world)
  }

  /** The Shard's keys, while it matters what they say of births; null when they are not there. */
  async #keysOf(object: KubernetesObject, shard: Shard): Promise<FoundKeys | null> {
    const name = shardSecretName({ name: shard.metadata.name })
    const { namespace = '' } = object.metadata
    try {
      const path = objectPath(RESOURCES.secrets, { namespace, name })
      const secret = (await this.#options.session.client.request({ verb: 'get', path })) as {
        readonly metadata: ObjectMetadata
        readonly data?: Readonly<Record<string, string>>
      }
      if (secret.data?.[SHARD_SECRET_KEYS.secret] === undefined) return null
      const births = secret.data[SHARD_SECRET_KEYS.births]
      return {
        metadata: secret.metadata,
        births: births === undefined ? null : Buffer.from(births, 'base64').toString(),
      }
    } catch (error) {
      if (isApiError(error, 404)) return null
      throw error
    }
  }

  /** Rests on the Secret that was read: one who comes too late must not open what another one closed. */
  async #setBirths({ metadata }: FoundKeys, shard: Shard, births: Births): Promise<void> {
    const { namespace = '' } = metadata
    await this.#writer.apply(birthsOfShard(shardPlanOf(shard), births, namespace), metadata)
  }

  #imageLack({ spec }: Shard): Trouble | null {
    return (spec.image ?? this.#options.defaultImage) === '' ? IMAGE_MISSING : null
  }

  async #applyChildren(object: KubernetesObject, shard: Shard): Promise<void> {
    const context = { namespace: object.metadata.namespace ?? '', owner: ownerOf(object) }
    const wanted = shardChildren(shard, this.#options.defaultImage, context)
    const observed = statusOf(ShardStatus, object).observedGeneration
    for (const child of wanted) {
      const copy = this.#copyOf(child)
      const found = copy.get(keyOf(child))
      const drift = found === undefined ? 'missing' : driftOf(child, found)
      if (drift === null) continue
      copy.note(await this.#writer.apply(child, found?.metadata ?? null))
      const isOld = observed === object.metadata.generation
      if (isOld && isWatchedKind(child.kind)) {
        this.#options.metrics.handles.drift.inc({ kind: child.kind })
      }
    }
    await this.#removeOthers(object, wanted)
  }

  /** Services of gateways that are none any more. */
  async #removeOthers(
    object: KubernetesObject,
    wanted: readonly KubernetesObject[],
  ): Promise<void> {
    const keys = new Set(wanted.map(keyOf))
    const others = this.#options.copies.services
      .all()
      .filter((service) => isOwnedBy(service, object) && !keys.has(keyOf(service)))
    for (const service of others) await this.#writer.remove(service)
  }

  async #observe(
    object: KubernetesObject,
    shard: Shard,
    before: ShardStatus,
    lack: Trouble | null,
  ): Promise<ShardWorld> {
    const { client } = this.#options.session
    const { namespace = '' } = object.metadata
    const plan = shardPlanOf(shard)
    const found = this.#setOf(object)
    const set = found === undefined ? null : reportOf(found)
    const isDone = set !== null && set.isCurrent && set.ready >= plan.ordinals.count
    const isUpdated = set !== null && set.updated >= plan.ordinals.count
    const needsPods = found !== undefined && (!isDone || !isUpdated)
    const hasGateways = (shard.spec.gateways ?? 0) > 0
    const pods = needsPods || hasGateways ? await podsOfShard(client, namespace, plan) : []
    if (found !== undefined && needsPods && !isUpdated) await this.#rollOut(shard, found, pods)
    const trouble = lack ?? (await this.#troubleOf(found, pods, isDone))
    const gateways = hasGateways ? await this.#gatewaysOf(plan, pods) : []
    return {
      shard,
      set,
      trouble: trouble ?? (gateways === null ? GATEWAYS_UNKNOWN : null),
      figures: await this.#scraper.figures(keyOf(object), plan, namespace),
      gateways: gateways ?? before.gateways ?? [],
      before,
    }
  }

  /** Null when we may not know where they are. */
  async #gatewaysOf(
    plan: ShardPlan,
    pods: readonly Pod[],
  ): Promise<ShardStatus['gateways'] | null> {
    const { session, copies } = this.#options
    try {
      return await gatewayAddresses(session.client, copies.services.all(), plan, pods)
    } catch (error) {
      if (isApiError(error, 403)) return null
      throw error
    }
  }

  async #rollOut(shard: Shard, set: KubernetesObject, pods: readonly Pod[]): Promise<void> {
    const { updateRevision = '' } = setStatus(set)
    const { namespace = '' } = set.metadata
    // What the StatefulSet's controller has not seen yet, it would not make anew either.
    if (updateRevision === '' || !reportOf(set).isCurrent) return
    const plan = shardPlanOf(shard)
    const heights = await this.#scraper.heights(plan, namespace)
    const observed = pods.map((pod) => {
      return observedPod(pod, updateRevision, heights.get(pod.metadata.name) ?? null)
    })
    // Parts of one shard take turns at the hub, so one at a time is never too many.
    const room = Math.max(1, budgetIn(shard))
    for (const { name, uid } of planRollout(observed, plan.ordinals.count, room)) {
      await this.#writer.evict({ name, namespace, uid })
    }
  }

  async #troubleOf(
    set: KubernetesObject | undefined,
    pods: readonly Pod[],
    isDone: boolean,
  ): Promise<Trouble | null> {
    if (set === undefined || isDone) return null
    const trouble = troubleOf(pods, Date.now())
    const { replicas = 0 } = (set['spec'] ?? {}) as { replicas?: number }
    if (trouble !== null || pods.length >= replicas) return trouble
    const { namespace = '', name } = set.metadata
    const refusal = await refusalOf(this.#options.session.client, namespace, name)
    return refusal === null ? null : { reason: 'PodsRefused', message: refusal }
  }

  async #tell(object: KubernetesObject, world: ShardWorld): Promise<number> {
    const key = keyOf(object)
    const { generation = 0 } = object.metadata
    const statements = shardStatements(world)
    const old = world.before.conditions ?? []
    const conditions = mergeConditions(old, statements, generation, Date.now())
    const status: ShardStatus = {
      observedGeneration: generation,
      ...shardStatus(world),
      conditions: [...conditions],
    }
    const isReady = statements.every(({ type, status: is }) => type !== 'Ready' || is === 'True')
    const lookMs = isReady ? FIGURES_MS : SOON_MS
    const now = performance.now()
    const at = writeAtMs(world.before, status, this.#writtenAt.get(key) ?? now)
    if (at === null) return lookMs
    if (at > now) return Math.min(lookMs, at - now)
    this.#options.copies.shards.note(await this.#writer.applyStatus(object, status))
    this.#writtenAt.set(key, now)
    for (const news of newsAmong(old, statements)) await this.#tellNews(object, news)
    return lookMs
  }

  async #tellNews(object: KubernetesObject, news: Statement): Promise<void> {
    const isBad = news.type === 'Degraded' && news.status === 'True'
    if (!isBad && news.type !== 'Ready') return
    await this.#options.events.tell(object, {
      type: isBad ? 'Warning' : 'Normal',
      reason: news.reason,
      action: 'Reconcile',
      note: news.message,
    })
  }

  #setOf(object: KubernetesObject): KubernetesObject | undefined {
    return this.#options.copies.statefulSets.get(keyOf(object))
  }

  #copyOf({ kind }: KubernetesObject): KindInformers {
    const { statefulSets, services, budgets } = this.#options.copies
    if (kind === 'StatefulSet') return statefulSets
    return kind === 'Service' ? services : budgets
  }
}

/** The Secret with a Shard's keys as it was found. */
interface FoundKeys {
  readonly metadata: ObjectMetadata
  /** What it says of births; null when nobody said it yet. */
  readonly births: string | null
}

const GATEWAYS_UNKNOWN: Trouble = {
  reason: 'GatewaysUnknown',
  message:
    'Other clusters cannot reach this shard: the operator may not read nodes. ' +
    'Install its chart here with --set gateways=true.',
}

const KEYS_MISSING: Trouble = {
  reason: 'KeysMissing',
  message: 'The Secret with the keys is not there; the hub applies it again when it is reached.',
}

const IMAGE_MISSING: Trouble = {
  reason: 'ImageMissing',
  message: 'Neither the Testnet nor the operator names an image: set spec.image.',
}

function ageMsOf({ metadata }: KubernetesObject): number {
  return Date.now() - Date.parse(metadata.creationTimestamp ?? '')
}

function ownerOf({ apiVersion, kind, metadata }: KubernetesObject): OwnerReference {
  const { name, uid = '' } = metadata
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

function isOwnedBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  return object.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false
}
