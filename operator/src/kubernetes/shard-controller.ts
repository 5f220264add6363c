import { documentOf, statusOf } from '../api/cluster-object.ts'
import type { Shard } from '../api/shard.ts'
import { ShardStatus } from '../api/testnet-status.ts'
import { driftOf } from '../objects/drift.ts'
import type { KubernetesObject, OwnerReference } from '../objects/kubernetes-object.ts'
import { budgetIn, shardChildren } from '../objects/shard-children.ts'
import { type Births, birthsOfShard } from '../objects/shard-secret.ts'
import { mergeConditions, newsAmong, type Statement } from '../plan/conditions.ts'
import { nodePortsExhausted, type Trouble, troubleOf } from '../plan/pod-trouble.ts'
import { planRollout } from '../plan/rollout.ts'
import { shardPlanOf } from '../plan/shard-object.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import {
  isBorn,
  needsBudget,
  NO_FIGURES,
  type SetReport,
  shardNews,
  shardStatements,
  shardStatus,
  type ShardWorld,
} from '../plan/shard-status.ts'
import { isWithoutNodePort } from './api-error.ts'
import type { ClusterSession } from './cluster-session.ts'
import type { EventRecorder } from './event-recorder.ts'
import { keyOf } from './informer.ts'
import type { KindInformers } from './kind-informers.ts'
import { isWatchedKind, type OperatorMetrics } from './operator-metrics.ts'
import { gatewaysOfShard } from './shard-gateways.ts'
import { type PodSurvey, type Survey, surveyPods } from './pod-survey.ts'
import { readShardKeys, type ShardKeysFound } from './shard-keys.ts'
import { ShardLook } from './shard-look.ts'
import { observedPod, podsOfShard } from './shard-pods.ts'
import { Refusals } from './refusals.ts'
import { reportOf, setStatus } from './set-report.ts'
import { ShardScraper } from './shard-scraper.ts'
import { StatusPace } from './status-pace.ts'
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
  readonly #pace = new StatusPace()
  readonly #looks = new Map<string, ShardLook>()
  readonly #refusals: Refusals

  constructor(options: ShardControllerOptions) {
    this.#options = options
    this.#writer = options.session.writer(MANAGER)
    this.#refusals = new Refusals(options.session.client)
  }

  /** One look at one Shard: what is missing or wrong is applied, what it says is told. */
  async reconcile(key: string): Promise<number | null> {
    const object = this.#options.copies.shards.get(key)
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) {
      this.#scraper.forget(key)
      this.#pace.forget(key)
      this.#looks.delete(key)
      return null
    }
    const shard = documentOf(object)
    if (shard?.kind !== 'Shard') return null
    const before = statusOf(ShardStatus, object)
    const look = this.#lookOf(object, shard)
    const isBornBefore = before.born === true
    const isGrown = isBornBefore && this.#setOf(object) !== undefined
    const { client } = this.#options.session
    if (!isGrown && look.dueInMs <= 0) {
      const keys = await readShardKeys(client, object)
      look.hasKeys = keys !== null
      if (keys !== null && keys.births === null) {
        await this.#setBirths(keys, shard, isBornBefore ? 'closed' : 'open')
        return 0
      }
    }
    const hasKeys = isGrown || look.hasKeys
    // The hub applies them right after the Shard.
    if (!hasKeys && ageMsOf(object) < KEYS_WITHIN_MS) return SHORTLY_MS
    const lack = hasKeys ? this.#imageLack(shard) : KEYS_MISSING
    const portless = lack === null ? await this.#applyChildren(object, shard) : null
    const world = await this.#observe(object, shard, { before, lack, portless, look })
    if (isBorn(world) && !isGrown) {
      // It may have come up since: nobody is told before its budget is there.
      if (lack === null) await this.#applyChildren(object, shard)
      // Read once more: what is closed here has to be what is there now.
      const keys = await readShardKeys(client, object)
      if (keys !== null && keys.births !== 'closed') await this.#setBirths(keys, shard, 'closed')
    }
    return this.#tell(object, world, look)
  }

  #lookOf(object: KubernetesObject, { spec }: Shard): ShardLook {
    const key = keyOf(object)
    const look = this.#looks.get(key) ?? new ShardLook(spec.ordinals.count)
    this.#looks.set(key, look)
    return look
  }

  /** Rests on the Secret that was read: one who comes too late must not open what another one closed. */
  async #setBirths({ metadata }: ShardKeysFound, shard: Shard, births: Births): Promise<void> {
    const { namespace = '' } = metadata
    await this.#writer.apply(birthsOfShard(shardPlanOf(shard), births, namespace), metadata)
  }

  #imageLack({ spec }: Shard): Trouble | null {
    return (spec.image ?? this.#options.defaultImage) === '' ? IMAGE_MISSING : null
  }

  /** What is missing or wrong is applied. Gateways that find no port do not keep the validators from coming up. */
  async #applyChildren(object: KubernetesObject, shard: Shard): Promise<Trouble | null> {
    const context = { namespace: object.metadata.namespace ?? '', owner: ownerOf(object) }
    const wanted = shardChildren(shard, this.#options.defaultImage, context)
    const before = statusOf(ShardStatus, object)
    let portless: Trouble | null = null
    for (const child of wanted) {
      const isBudget = child.kind === 'PodDisruptionBudget'
      if (isBudget && !needsBudget({ shard, set: this.#reportOf(object), before }, budgetIn(shard)))
        continue
      const copy = this.#copyOf(child)
      const found = copy.get(keyOf(child))
      const drift = found === undefined ? 'missing' : driftOf(child, found)
      const isHopeless = portless !== null && child.kind === 'Service'
      if (drift === null || isHopeless) continue
      try {
        copy.note(await this.#writer.apply(child, found?.metadata ?? null))
      } catch (error) {
        if (!isWithoutNodePort(error)) throw error
        portless = nodePortsExhausted(shard, error.message)
        continue
      }
      const isOld = before.observedGeneration === object.metadata.generation
      if (isOld && isWatchedKind(child.kind) && (!isBudget || before.born === true)) {
        this.#options.metrics.handles.drift.inc({ kind: child.kind })
      }
    }
    await this.#removeOthers(object, wanted)
    return portless
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
    { before, lack, portless, look }: Knowledge,
  ): Promise<ShardWorld> {
    const { namespace = '' } = object.metadata
    const plan = shardPlanOf(shard)
    const found = this.#setOf(object)
    const set = this.#reportOf(object)
    if (set !== null) look.attend(set.ready)
    const isDone = set !== null && set.isCurrent && set.ready >= plan.ordinals.count
    const survey = this.#surveyOnce(plan, namespace)
    if (found !== undefined && hasOutdated(found)) await this.#rollOut(shard, found)
    if (found === undefined || isDone) look.done()
    else if (look.dueInMs <= 0) {
      const pods = await survey()
      look.looked(await this.#troubleOf(found, pods, look), pods.count)
    }
    // Nobody would answer before the first one is ready.
    const isUp = before.born === true || (set?.ready ?? 0) > 0
    const { session, copies } = this.#options
    const sources = { client: session.client, services: copies.services, look, survey }
    const gateways = await gatewaysOfShard(shard, found, sources)
    return {
      shard,
      set,
      trouble: lack ?? look.trouble ?? portless ?? (gateways === null ? GATEWAYS_UNKNOWN : null),
      figures: isUp ? await this.#scraper.figures(keyOf(object), plan, namespace) : NO_FIGURES,
      gateways: gateways ?? before.gateways ?? [],
      before,
    }
  }

  #surveyOnce(plan: ShardPlan, namespace: string): Survey {
    const { client } = this.#options.session
    let taken: Promise<PodSurvey> | null = null
    return () => (taken ??= surveyPods(client, namespace, plan))
  }

  async #rollOut(shard: Shard, set: KubernetesObject): Promise<void> {
    const { updateRevision = '' } = setStatus(set)
    const { namespace = '' } = set.metadata
    const plan = shardPlanOf(shard)
    const pods = await podsOfShard(this.#options.session.client, namespace, plan)
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
    set: KubernetesObject,
    { suspects, count }: PodSurvey,
    look: ShardLook,
  ): Promise<Trouble | null> {
    const trouble = troubleOf(suspects, Date.now(), look.calmMs)
    const { replicas = 0 } = (set['spec'] ?? {}) as { replicas?: number }
    if (trouble !== null || count >= replicas || !look.isStuckAt(count)) return trouble
    const { namespace = '', name } = set.metadata
    const refusal = await this.#refusals.of(namespace, name)
    return refusal === null ? null : { reason: 'PodsRefused', message: refusal }
  }

  async #tell(object: KubernetesObject, world: ShardWorld, look: ShardLook): Promise<number> {
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
    const lookMs = nextLookMs(look, world.set, isReady)
    const change = { before: world.before, after: status, newsOf: shardNews }
    const dueMs = this.#pace.dueInMs(key, change)
    if (dueMs === null) return lookMs
    if (dueMs > 0) return Math.min(lookMs, dueMs)
    this.#options.copies.shards.note(await this.#writer.applyStatus(object, status))
    this.#pace.wrote(key)
    for (const news of newsAmong(old, statements)) {
      // That it comes up for the first time, its Testnet tells.
      if (news.type !== 'Ready' || world.before.born === true) await this.#tellNews(object, news)
    }
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

  #reportOf(object: KubernetesObject): SetReport | null {
    const set = this.#setOf(object)
    return set === undefined ? null : reportOf(set)
  }

  #copyOf({ kind }: KubernetesObject): KindInformers {
    const { statefulSets, services, budgets } = this.#options.copies
    if (kind === 'StatefulSet') return statefulSets
    return kind === 'Service' ? services : budgets
  }
}

/** What one look at a Shard knows before it asks. */
interface Knowledge {
  readonly before: ShardStatus
  readonly lack: Trouble | null
  /** A gateway found no port. */
  readonly portless: Trouble | null
  readonly look: ShardLook
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

/** When to look again although nothing was heard. */
function nextLookMs(look: ShardLook, set: SetReport | null, isReady: boolean): number {
  const pods = isReady ? FIGURES_MS : set === null ? SOON_MS : Math.min(SOON_MS, look.dueInMs)
  return Math.max(SHORTLY_MS, Math.min(pods, look.gatewaysAgainMs ?? FIGURES_MS))
}

/** Whether some of the pods are not what the set wants now. */
function hasOutdated(set: KubernetesObject): boolean {
  const { replicas = 0, updatedReplicas = 0 } = setStatus(set)
  // What the StatefulSet's controller has not seen yet, it would not make anew either.
  return reportOf(set).isCurrent && replicas > updatedReplicas
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
