import type { KubernetesObject } from '../objects/kubernetes-object.ts'
import { OURS } from './cluster-session.ts'
import { controllerQueue } from './controller-queue.ts'
import { FaultController } from './fault-controller.ts'
import { keyOf } from './informer.ts'
import type { KindInformers } from './kind-informers.ts'
import { RESOURCES } from './resource.ts'
import { Controlled, type Role, type RoleOptions } from './role.ts'
import { ShardController } from './shard-controller.ts'

/** The member role: Shards of this cluster, and faults of their validators. */
export function memberRole(options: RoleOptions, shards: KindInformers): readonly Role[] {
  return [shardRole(options, shards), faultRole(options, shards)]
}

function faultRole(options: RoleOptions, shards: KindInformers): Role {
  const faults = options.session.follow(RESOURCES.faults)
  const controller = new FaultController({ ...options, faults, shards })
  const reconcile = (key: string) => controller.reconcile(key)
  const queue = controllerQueue({ ...options, name: 'fault', reconcile })
  const role = new Controlled(queue, reconcile, () => faults.all().map(keyOf))
  faults.onChange((key) => role.add(key))
  return role
}

function shardRole(options: RoleOptions, shards: KindInformers): Role {
  const { session } = options
  const copies = {
    shards,
    statefulSets: session.follow(RESOURCES.statefulSets, { labelSelector: OURS }),
    services: session.follow(RESOURCES.services, { labelSelector: OURS }),
    budgets: session.follow(RESOURCES.budgets, { labelSelector: OURS }),
  }
  const controller = new ShardController({ ...options, copies })
  const reconcile = (key: string) => controller.reconcile(key)
  const queue = controllerQueue({ ...options, name: 'shard', reconcile })
  const role = new Controlled(queue, reconcile, () => shards.all().map(keyOf))
  shards.onChange((key) => role.add(key))
  for (const copy of [copies.statefulSets, copies.services, copies.budgets]) {
    copy.onChange((_key, object) => role.add(ownerKey(object)))
  }
  return role
}

/** `namespace/name` of the Shard that an object belongs to. */
function ownerKey({ metadata }: KubernetesObject): string | null {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'Shard')
  return owner === undefined ? null : `${metadata.namespace ?? ''}/${owner.name}`
}
