import type { ShardPlan } from '../plan/shard-plan.ts'
import { type BuildContext, metadataOf } from './build-context.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { shardLabels, shardSelector } from './labels.ts'

/**
 * How many validators of a set may be taken down on purpose. Our own rollouts ask the same budget, by eviction, so the
 * API server itself keeps drains and rollouts together from exceeding it. One that is down already may always go.
 */
export function disruptionBudget(
  shard: ShardPlan,
  maxUnavailable: number,
  context: BuildContext,
): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(shard.name, shardLabels(shard), context),
    spec: {
      maxUnavailable,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: shardSelector(shard) },
    },
  }
}
