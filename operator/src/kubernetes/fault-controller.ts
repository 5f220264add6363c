import type { Fault } from '../api/fault.ts'
import { documentOf, statusOf } from '../api/cluster-object.ts'
import { FaultStatus } from '../api/testnet-status.ts'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { LABEL } from '../objects/labels.ts'
import { mergeConditions, momentText, type Statement } from '../plan/conditions.ts'
import {
  type FaultStep,
  type ObservedCommittee,
  planFault,
  problemsOfSelector,
} from '../plan/fault-plan.ts'
import { faultMoment, rememberedProposers, targetsOf } from '../plan/fault-timeline.ts'
import { shardPlanOf } from '../plan/shard-object.ts'
import type { ShardPlan } from '../plan/shard-plan.ts'
import type { ClusterSession } from './cluster-session.ts'
import type { EventRecorder } from './event-recorder.ts'
import type { KindInformers } from './kind-informers.ts'
import { PAUSE_MS_MAX, PodFaults } from './pod-faults.ts'
import type { Writer } from './writer.ts'

export interface FaultControllerOptions {
  readonly session: ClusterSession
  readonly faults: KindInformers
  readonly shards: KindInformers
  readonly events: EventRecorder
}

const MANAGER = 'shardnet-fault'
/** Keeps a Fault until it is undone. */
const FINALIZER = 'shardnet.dev/fault'
const SOON_MS = 1_000
/** A validator that was to be killed once is not killed again in this time, which is more than a second. */
const ONCE_REMEMBERED_MS = 60_000

/**
 * Puts faults into validators of this cluster. It may die at any moment: what it put in has an end of its own, and what
 * it had begun its successor finds in the status.
 */
export class FaultController {
  readonly #options: FaultControllerOptions
  readonly #writer: Writer
  readonly #hands: PodFaults
  /** Steps that are in, and until when they need no look. */
  readonly #done = new Map<string, number>()
  /** Steps of kills that found no pod: these are not counted as killed. */
  readonly #absent = new Set<string>()

  constructor(options: FaultControllerOptions) {
    this.#options = options
    this.#writer = options.session.writer(MANAGER)
    this.#hands = new PodFaults(options.session.client, this.#writer)
  }

  async reconcile(key: string): Promise<number | null> {
    const object = this.#options.faults.get(key)
    const fault = object === undefined ? null : documentOf(object)
    if (object === undefined || fault?.kind !== 'Fault') return null
    const status: FaultStatus = statusOf(FaultStatus, object)
    const finalizers = object.metadata.finalizers ?? []
    if (object.metadata.deletionTimestamp !== undefined) {
      if (!finalizers.includes(FINALIZER)) return null
      await this.#undo(object, fault, status)
      const others = finalizers.filter((each) => each !== FINALIZER)
      await this.#writer.setFinalizers(object, others)
      return null
    }
    const createdMs = Date.parse(object.metadata.creationTimestamp ?? '')
    const nowMs = Date.now()
    const moment = faultMoment(fault, status, createdMs, nowMs)
    switch (moment.kind) {
      case 'waiting':
        return moment.untilMs - nowMs
      case 'begin':
        return this.#begin(object, fault, status)
      case 'active':
        return this.#act(object, fault, status)
      case 'over':
        await this.#undo(object, fault, status)
        return this.#end(object, status, 'It is over.')
      case 'ended':
        return null
    }
  }

  /** Writes down whom it hits, before anybody is hit. */
  async #begin(
    object: KubernetesObject,
    fault: Fault,
    status: FaultStatus,
  ): Promise<number | null> {
    const finalizers = object.metadata.finalizers ?? []
    if (!finalizers.includes(FINALIZER)) {
      await this.#writer.setFinalizers(object, [...finalizers, FINALIZER])
      return SOON_MS
    }
    const shards = this.#shardsOf(object, fault)
    const needsProposer = fault.spec.selector.role === 'Proposer'
    const committees = await this.#committees(object, shards, needsProposer)
    const problems = problemsOfSelector(fault.spec, committees)
    const { steps, warnings } = planFault(object.metadata.name, fault.spec, committees)
    if (shards.length === 0 || problems.length > 0 || steps.length === 0) {
      const [problem] = problems
      const why =
        shards.length === 0
          ? `No shard of testnet "${fault.spec.testnet}" runs in this cluster.`
          : problem === undefined
            ? 'The selector chooses no validator.'
            : `${problem.path}: expected ${problem.expected}, got ${problem.got}.`
      return this.#fail(object, status, why)
    }
    await this.#write(object, status, {
      ...status,
      state: 'Active',
      startTime: momentText(Date.now()),
      ...targetsOf(steps),
    })
    for (const note of warnings) {
      await this.#options.events.tell(object, {
        type: 'Warning',
        reason: 'NoQuorum',
        action: 'Break',
        note,
      })
    }
    return 0
  }

  async #act(object: KubernetesObject, fault: Fault, status: FaultStatus): Promise<number | null> {
    const { steps, places } = await this.#steps(object, fault, status)
    const startMs = Date.parse(status.startTime ?? '')
    const moment = faultMoment(fault, status, startMs, Date.now())
    const endMs = moment.kind === 'active' ? moment.endMs : startMs
    const isOnce = endMs === startMs
    const outcomes = await Promise.allSettled(
      steps.map(async (step) => {
        const place = places.get(step.target.shard)
        if (place === undefined) return
        await this.#step(object, step, place, { startMs, endMs, isOnce })
      }),
    )
    const failed = outcomes.filter(({ status: outcome }) => outcome === 'rejected').length
    if (isOnce && failed === 0) {
      return this.#end(object, status, this.#killedText(object, steps))
    }
    if (isOnce) return SOON_MS
    const restMs = endMs - Date.now()
    return Math.max(
      0,
      Math.min(restMs, failed > 0 || fault.spec.action === 'kill' ? SOON_MS : restMs, PAUSE_MS_MAX),
    )
  }

  /** A validator without a pod was away already, or was killed by an operator that has ended since. */
  #killedText(object: KubernetesObject, steps: readonly FaultStep[]): string {
    const absent = steps.filter((step) => this.#absent.delete(stepKey(object, step))).length
    const killed = steps.length - absent
    const text = `${killed} ${killed === 1 ? 'validator was' : 'validators were'} killed`
    return absent === 0 ? `${text}.` : `${text}; ${absent} had no pod to kill.`
  }

  async #step(
    object: KubernetesObject,
    step: FaultStep,
    place: { readonly shard: ShardPlan; readonly namespace: string },
    window: { readonly startMs: number; readonly endMs: number; readonly isOnce: boolean },
  ): Promise<void> {
    const key = stepKey(object, step)
    const nowMs = Date.now()
    if ((this.#done.get(key) ?? 0) > nowMs) return
    if (step.kind === 'kill') {
      const pod = await this.#hands.podOf(step, place)
      const madeMs = Date.parse(pod?.creationTimestamp ?? '')
      // One that came after the start was killed already, unless it is to stay down. Times are whole seconds: one of the
      // same second came before, unless we remember that we killed it.
      if (pod === null) {
        if (window.isOnce) this.#absent.add(key)
        return
      }
      if (window.isOnce && madeMs > window.startMs) return
      await this.#hands.kill(pod)
      this.#absent.delete(key)
      if (window.isOnce) this.#done.set(key, nowMs + ONCE_REMEMBERED_MS)
      return
    }
    const restMs = window.endMs - nowMs
    if (restMs <= 0) return
    await this.#hands.carryOut(step, place, restMs)
    const lastsMs = step.kind === 'pause' ? Math.min(restMs, PAUSE_MS_MAX) : restMs
    this.#done.set(key, nowMs + lastsMs)
  }

  async #undo(object: KubernetesObject, fault: Fault, status: FaultStatus): Promise<void> {
    if (status.startTime === undefined) return
    const { steps, places } = await this.#steps(object, fault, status)
    await Promise.allSettled(
      steps.map(async (step) => {
        const place = places.get(step.target.shard)
        this.#done.delete(stepKey(object, step))
        this.#absent.delete(stepKey(object, step))
        if (place !== undefined) await this.#hands.undo(step, place)
      }),
    )
  }

  /** The same steps as at the start: proposers are those that the status remembers. */
  async #steps(object: KubernetesObject, fault: Fault, status: FaultStatus) {
    const shards = this.#shardsOf(object, fault)
    const remembered = rememberedProposers(status)
    const { namespace = '' } = object.metadata
    const committees = committeesOf(shards, remembered)
    const { steps } = planFault(object.metadata.name, fault.spec, committees)
    const places = new Map(shards.map((shard) => [shard.shard, { shard, namespace }]))
    return { steps, places }
  }

  async #committees(
    object: KubernetesObject,
    shards: readonly ShardPlan[],
    needsProposer: boolean,
  ): Promise<readonly ObservedCommittee[]> {
    const { namespace = '' } = object.metadata
    const proposers = await Promise.all(
      shards.map(async (shard) => {
        const proposer = needsProposer ? await this.#hands.proposer({ shard, namespace }) : null
        return [shard.shard, proposer] as const
      }),
    )
    const known = proposers.flatMap(([shard, proposer]) =>
      proposer === null ? [] : [[shard, proposer] as const],
    )
    return committeesOf(shards, new Map(known))
  }

  /** The newest generation of its testnet, as far as it runs here. */
  #shardsOf({ metadata }: KubernetesObject, fault: Fault): readonly ShardPlan[] {
    const plans = this.#options.shards.all().flatMap((object): readonly ShardPlan[] => {
      const isOurs =
        object.metadata.namespace === metadata.namespace &&
        object.metadata.labels?.[LABEL.testnet] === fault.spec.testnet
      const shard = isOurs ? documentOf(object) : null
      return shard?.kind === 'Shard' ? [shardPlanOf(shard)] : []
    })
    const newest = Math.max(0, ...plans.map(({ network }) => network.generation))
    return plans
      .filter(({ network }) => network.generation === newest)
      .sort((one, other) => one.shard - other.shard)
  }

  async #fail(object: KubernetesObject, status: FaultStatus, why: string): Promise<null> {
    await this.#write(
      object,
      status,
      { ...status, state: 'Failed' },
      {
        type: 'Succeeded',
        status: 'False',
        reason: 'CannotBegin',
        message: why,
      },
    )
    return null
  }

  async #end(object: KubernetesObject, status: FaultStatus, words: string): Promise<null> {
    const ended = { ...status, state: 'Undone', endTime: momentText(Date.now()) }
    await this.#write(object, status, ended, {
      type: 'Succeeded',
      status: 'True',
      reason: 'Undone',
      message: words,
    })
    return null
  }

  async #write(
    object: KubernetesObject,
    before: FaultStatus,
    after: FaultStatus,
    said?: Statement,
  ): Promise<void> {
    const { generation = 0 } = object.metadata
    const statement: Statement = said ?? {
      type: 'Succeeded',
      status: 'Unknown',
      reason: 'Active',
      message: 'The fault is in.',
    }
    const old = before.conditions ?? []
    const written = await this.#writer.applyStatus(object, {
      ...after,
      observedGeneration: generation,
      conditions: mergeConditions(old, [statement], generation, Date.now()),
    })
    this.#options.faults.note(written)
    const isBad = statement.reason === 'CannotBegin'
    await this.#options.events.tell(object, {
      type: isBad ? 'Warning' : 'Normal',
      reason: statement.reason,
      action: 'Break',
      note: statement.message,
    })
  }
}

function committeesOf(
  shards: readonly ShardPlan[],
  proposers: ReadonlyMap<number, number>,
): readonly ObservedCommittee[] {
  return shards.map((plan) => ({
    shard: plan.shard,
    size: plan.network.validatorsPerShard,
    proposer: proposers.get(plan.shard) ?? null,
  }))
}

function stepKey({ metadata }: KubernetesObject, { target }: FaultStep): string {
  return `${metadata.uid}/${target.shard}/${target.validator}`
}
