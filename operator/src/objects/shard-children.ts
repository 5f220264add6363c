import type { Shard } from '../api/shard.ts'
import type { BuildContext } from './build-context.ts'
import { disruptionBudget } from './disruption-budget.ts'
import { gatewayService } from './gateway-service.ts'
import { headlessService } from './headless-service.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { statefulSet } from './stateful-set.ts'
import { faultyMax } from '../plan/placement.ts'
import { shardPlanOf } from '../plan/shard-object.ts'

/** Everything that the member's controller keeps for one Shard, in the order in which it is made. */
export function shardChildren(
  shard: Shard,
  defaultImage: string,
  context: BuildContext,
): readonly KubernetesObject[] {
  const plan = shardPlanOf(shard)
  const { start } = plan.ordinals
  const gateways = Array.from({ length: shard.spec.gateways ?? 0 }, (_, index) =>
    gatewayService(plan, start + index, context),
  )
  return [
    headlessService(plan, context),
    ...gateways,
    disruptionBudget(plan, budgetIn(shard), context),
    statefulSet(plan, plan.image ?? defaultImage, context),
  ]
}

/** Validators of a Shard that may be taken down at a time. */
export function budgetIn({ spec }: Shard): number {
  return spec.maxUnavailable ?? faultyMax(spec.network.validatorsPerShard)
}
