import type { NetworkPlan } from './network-plan.ts'
import type { ShardPlan } from './shard-plan.ts'

/** What a backend is asked to do. Each is safe to do again. */
export type Action =
  /** Make genesis and keys of a generation. */
  | { readonly kind: 'createNetwork'; readonly network: NetworkPlan }
  /** Make a set of validators be what the plan says: new, or changed in what is not genesis. */
  | { readonly kind: 'applyShard'; readonly shard: ShardPlan }
  /** Stop a set of validators; afterwards keep its data or not. */
  | { readonly kind: 'removeShard'; readonly shard: ShardPlan; readonly data: 'Delete' | 'Retain' }
  /** Forget a generation that has no sets any more. */
  | {
      readonly kind: 'removeNetwork'
      readonly network: NetworkPlan
      readonly data: 'Delete' | 'Retain'
    }

/** A statement about the testnet, in the shape of a Kubernetes condition. */
export interface PlannedCondition {
  readonly type: 'Ready' | 'Progressing' | 'Degraded'
  readonly status: 'True' | 'False'
  /** CamelCase. */
  readonly reason: string
  readonly message: string
}
