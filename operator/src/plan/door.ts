export type { Action, PlannedCondition } from './action.ts'
export { discardsLedger, problemsOfChange } from './change.ts'
export {
  type FaultStep,
  type FaultSteps,
  type FaultTarget,
  type LinkRuleShape,
  type ObservedCommittee,
  planFault,
  problemsOfSelector,
  windowOf,
} from './fault-plan.ts'
export { isSameNetwork, type NetworkPlan, networkPlanOf } from './network-plan.ts'
export {
  NOTHING_OBSERVED,
  type ObservedGeneration,
  type ObservedShard,
  type ObservedTestnet,
} from './observed.ts'
export { faultyMax, survivesOneCluster } from './placement.ts'
export { type Plan, planTestnet } from './plan-testnet.ts'
export {
  type ObservedValidator,
  planValidators,
  type ValidatorAction,
  type ValidatorsPlan,
} from './plan-validators.ts'
export { type ShardPlan, type ValidatorPlan, validatorsOf } from './shard-plan.ts'
