import { once } from 'node:events'
import { statusOf } from '../api/cluster-object.ts'
import { ClusterStatus } from '../api/testnet-status.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { mergeConditions, momentText, newsAmong, type Statement } from '../plan/conditions.ts'
import type { EventRecorder } from './event-recorder.ts'
import type { KindInformers } from './kind-informers.ts'
import type { MemberCluster, MemberClusters } from './member-clusters.ts'
import { isApiError } from './api-error.ts'
import type { Writer } from './writer.ts'

export interface ClusterControllerOptions {
  readonly clusters: KindInformers
  readonly members: MemberClusters
  readonly writer: Writer
  readonly events: EventRecorder
  /** Told when a cluster became reachable or ceased to be: testnets on it want a look. */
  readonly onHealth: (namespace: string) => void
}

const ASK_EVERY_MS = 15_000
const ANSWER_MS = 5_000
/** `lastSeenTime` is written this seldom while nothing else changes. */
const SEEN_EVERY_MS = 300_000

/** Keeps the access to each member cluster, and says whether it can be reached. */
export class ClusterController {
  readonly #options: ClusterControllerOptions

  constructor(options: ClusterControllerOptions) {
    this.#options = options
  }

  async reconcile(key: string): Promise<number | null> {
    const { clusters, members, onHealth } = this.#options
    const object = clusters.get(key)
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) {
      await members.leave(key)
      return null
    }
    const { member, problem } = await this.#joined(key, object)
    const wasReachable = member?.isReachable ?? false
    const statement = await this.#ask(member, problem)
    const isFirst = !members.wasAsked(key)
    members.noteAsked(key)
    if (isFirst || wasReachable !== (member?.isReachable ?? false)) {
      onHealth(object.metadata.namespace ?? '')
    }
    await this.#tell(object, member, statement)
    return ASK_EVERY_MS
  }

  async #joined(
    key: string,
    object: KubernetesObject,
  ): Promise<{ readonly member: MemberCluster | null; readonly problem: string | null }> {
    const { members } = this.#options
    try {
      return { member: await members.join(key, object), problem: null }
    } catch (error) {
      const why = isApiError(error, 404)
        ? 'the Secret with its kubeconfig does not exist'
        : error instanceof Error
          ? error.message
          : String(error)
      return { member: members.get(key), problem: why }
    }
  }

  async #ask(member: MemberCluster | null, problem: string | null): Promise<Statement> {
    if (member === null || problem !== null) {
      if (member !== null) member.isReachable = false
      return unreachable(`It cannot be reached: ${problem ?? 'it was not joined'}.`)
    }
    try {
      const signal = AbortSignal.timeout(ANSWER_MS)
      const version = (await member.session.client.request({
        verb: 'get',
        path: '/version',
        signal,
      })) as { readonly gitVersion?: string }
      member.version = version.gitVersion ?? null
      member.seenAtMs = Date.now()
      // The first list follows the first answer closely.
      const copies = [member.shards, member.networks.configMaps, member.networks.networkPolicies]
      const synced = Promise.all(copies.map((copy) => copy.synced()))
      await Promise.race([synced, once(signal, 'abort')])
      // What is there has to be known before anything is decided about it.
      const unknown = copies.filter(({ isSynced }) => !isSynced).map(({ kind }) => kind)
      member.isReachable = unknown.length === 0
      if (member.isReachable) {
        return { type: 'Ready', status: 'True', reason: 'Reachable', message: 'It answers.' }
      }
      return unreachable(
        `It answers, but does not list every ${unknown.join(', ')}: ` +
          'is shardnet-crds installed there, and may the user of the kubeconfig list them?',
      )
    } catch (error) {
      member.isReachable = false
      const why = error instanceof Error ? error.message : String(error)
      return unreachable(`It cannot be reached: ${why}. What runs there goes on.`)
    }
  }

  async #tell(
    object: KubernetesObject,
    member: MemberCluster | null,
    statement: Statement,
  ): Promise<void> {
    const { writer, events } = this.#options
    const before = statusOf(ClusterStatus, object)
    const { generation = 0 } = object.metadata
    const old = before.conditions ?? []
    const nowMs = Date.now()
    const seen = Date.parse(before.lastSeenTime ?? '')
    const isOldNews = !(nowMs - seen < SEEN_EVERY_MS)
    const news = newsAmong(old, [statement])
    const wasSeen = (member?.seenAtMs ?? 0) > 0
    if (news.length === 0 && !(isOldNews && statement.status === 'True')) return
    const validators = member?.shards.all().reduce((sum, shard) => sum + countOf(shard), 0) ?? 0
    await writer.applyStatus(object, {
      observedGeneration: generation,
      ...(member?.version === null || member === null ? {} : { version: member.version }),
      validators,
      ...(wasSeen ? { lastSeenTime: momentText(member?.seenAtMs ?? 0) } : {}),
      conditions: mergeConditions(old, [statement], generation, nowMs),
    })
    for (const { status, reason, message } of news) {
      const type = status === 'True' ? 'Normal' : 'Warning'
      await events.tell(object, { type, reason, action: 'Reach', note: message })
    }
  }
}

function unreachable(message: string): Statement {
  return { type: 'Ready', status: 'False', reason: 'Unreachable', message }
}

function countOf(shard: KubernetesObject): number {
  const spec = shard['spec'] as { readonly ordinals?: { readonly count?: number } } | undefined
  return spec?.ordinals?.count ?? 0
}
