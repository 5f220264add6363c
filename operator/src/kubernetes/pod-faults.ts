import { AdminClient, RpcClient } from '@shardnet/node/client'
import { proposerOf } from '@shardnet/node/core'
import type { ObjectMetadata } from '../objects/kubernetes-object.ts'
import { PORTS, shardSecretName } from '../objects/names.ts'
import { SHARD_SECRET_KEYS } from '../objects/shard-secret.ts'
import type { FaultStep } from '../plan/fault-plan.ts'
import { type ShardPlan, validatorsOf } from '../plan/shard-plan.ts'
import type { ApiClient } from './api-client.ts'
import { isApiError } from './api-error.ts'
import { objectPath, RESOURCES } from './resource.ts'
import type { Writer } from './writer.ts'

/** How one shard's validators are reached: its plan and its namespace. */
export interface FaultPlace {
  readonly shard: ShardPlan
  readonly namespace: string
}

/** A pause is asked for in pieces: a validator's door takes a minute at most. */
export const PAUSE_MS_MAX = 50_000
const PROPOSER_MS_MAX = 2_000

/** Carries faults out on pods: deletion by the API server, everything else by the validators' own doors. */
export class PodFaults {
  readonly #client: ApiClient
  readonly #writer: Writer

  constructor(client: ApiClient, writer: Writer) {
    this.#client = client
    this.#writer = writer
  }

  /** The proposer of the newest view that a validator tells; null when none answers. */
  async proposer({ shard, namespace }: FaultPlace): Promise<number | null> {
    const views = await Promise.all(
      validatorsOf(shard).map(({ name }) => {
        const client = new RpcClient(hostOf(name, { shard, namespace }, PORTS.http))
        return client.status({ timeoutMs: PROPOSER_MS_MAX }).then(
          ({ view }) => view,
          () => 0, // It may be starting: the others tell.
        )
      }),
    )
    const view = Math.max(0, ...views)
    return view === 0 ? null : proposerOf(view, shard.network.validatorsPerShard)
  }

  /** Puts one step in, for the rest of its time. @throws when the validator is not reached: it is tried again. */
  async carryOut(
    step: Exclude<FaultStep, { readonly kind: 'kill' }>,
    place: FaultPlace,
    restMs: number,
  ): Promise<void> {
    const name = podName(step, place)
    switch (step.kind) {
      case 'pause': {
        const door = await this.#door(name, place)
        return door.pause(Math.min(restMs, PAUSE_MS_MAX))
      }
      case 'shape': {
        const door = await this.#door(name, place)
        await door.putLinks(step.rules.map((rule) => ({ ...rule, forMs: Math.max(1, restMs) })))
      }
    }
  }

  /** Ends a step before its time. One that is not reached ends by its own deadline. */
  async undo(step: FaultStep, place: FaultPlace): Promise<void> {
    if (step.kind !== 'shape') return
    const door = await this.#door(podName(step, place), place)
    await Promise.allSettled(step.rules.map(({ id }) => door.clearLinks(id)))
  }

  /** Kills the pod that was found, and no later one of its name. */
  kill(pod: ObjectMetadata): Promise<void> {
    return this.#writer.kill(pod)
  }

  /** The pod of a step; null when it is not there. */
  async podOf(step: FaultStep, place: FaultPlace): Promise<ObjectMetadata | null> {
    try {
      const { namespace } = place
      const path = objectPath(RESOURCES.pods, { namespace, name: podName(step, place) })
      const pod = (await this.#client.request({ verb: 'get', path })) as {
        readonly metadata: ObjectMetadata
      }
      return pod.metadata
    } catch (error) {
      if (isApiError(error, 404)) return null
      throw error
    }
  }

  async #door(name: string, place: FaultPlace): Promise<AdminClient> {
    const { namespace, shard } = place
    const path = objectPath(RESOURCES.secrets, { namespace, name: shardSecretName(shard) })
    const secret = (await this.#client.request({ verb: 'get', path })) as {
      readonly data?: Readonly<Record<string, string>>
    }
    const token = Buffer.from(secret.data?.[SHARD_SECRET_KEYS.admin] ?? '', 'base64').toString()
    return new AdminClient(hostOf(name, place, PORTS.admin), token)
  }
}

function podName({ target }: FaultStep, { shard }: FaultPlace): string {
  return `${shard.name}-${target.validator}`
}

function hostOf(name: string, { shard, namespace }: FaultPlace, port: number): string {
  return `${name}.${shard.name}.${namespace}.svc:${port}`
}
