import type { Logger } from 'pino'
import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { type ClusterSession, OURS } from './cluster-session.ts'
import { controllerQueue } from './controller-queue.ts'
import type { EventRecorder } from './event-recorder.ts'
import type { KindInformers } from './kind-informers.ts'
import type { OperatorMetrics } from './operator-metrics.ts'
import { RESOURCES } from './resource.ts'
import { ShardController } from './shard-controller.ts'
import type { WorkQueue } from './work-queue.ts'

export interface RoleOptions {
  readonly session: ClusterSession
  readonly metrics: OperatorMetrics
  readonly events: EventRecorder
  readonly logger: Logger
  readonly workers: number
  readonly defaultImage: string
}

/** What a role has to offer to the process that runs it. */
export interface Role {
  /** Adds everything there is to its queues: when the lease was taken, all may have changed. */
  readonly begin: () => void
  /** Looks at each object once, for a dry run. */
  readonly once: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** The member role: Shards of this cluster. */
export function memberRole(options: RoleOptions, shards: KindInformers): Role {
  const { session } = options
  const copies = {
    shards,
    statefulSets: session.follow(RESOURCES.statefulSets, { labelSelector: OURS }),
    services: session.follow(RESOURCES.services, { labelSelector: OURS }),
    budgets: session.follow(RESOURCES.budgets, { labelSelector: OURS }),
  }
  const controller = new ShardController({ ...options, copies })
  const queue = controllerQueue({
    ...options,
    name: 'shard',
    reconcile: (key) => controller.reconcile(key),
  })
  let isBegun = false
  const add = (key: string): void => {
    if (isBegun) queue.add(key)
  }
  shards.onChange(add)
  for (const copy of [copies.statefulSets, copies.services, copies.budgets]) {
    copy.onChange((_key, object) => {
      const owner = ownerKey(object, 'Shard')
      if (owner !== null) add(owner)
    })
  }
  return roleOf(queue, () => controller, {
    begin: () => (isBegun = true),
    keys: () => shards.all().map(keyOf),
  })
}

interface RoleParts {
  readonly begin: () => void
  readonly keys: () => readonly string[]
}

/** One controller with one queue, as a role. */
export function roleOf(
  queue: WorkQueue,
  controller: () => { reconcile(key: string): Promise<number | null> },
  { begin, keys }: RoleParts,
): Role {
  return {
    begin: () => {
      begin()
      for (const key of keys()) queue.add(key)
    },
    once: async () => {
      for (const key of keys()) await controller().reconcile(key)
    },
    stop: () => queue.stop(),
  }
}

/** `namespace/name` of the owner of a kind. */
export function ownerKey({ metadata }: KubernetesObject, kind: string): string | null {
  const owner = metadata.ownerReferences?.find((each) => each.kind === kind)
  return owner === undefined ? null : `${metadata.namespace ?? ''}/${owner.name}`
}

export function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
