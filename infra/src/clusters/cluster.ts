import type * as pulumi from '@pulumi/pulumi'

/** Machines of one kind. */
export interface NodePool {
  readonly name: 'floor' | 'spot'
  readonly machineType: string
  readonly count: number
  readonly countMax: number
  /** Spot machines can vanish at any time; they are tainted, and no validator tolerates the taint. */
  readonly isSpot: boolean
}

/** What every cluster is told, whatever the cloud. */
export interface ClusterArgs {
  readonly region: string
  /** First two bytes of the network's block are 10 and this: clusters do not overlap. */
  readonly networkIndex: number
  readonly pools: readonly NodePool[]
  /** The only ports that machines open to the world. */
  readonly gatewayPorts: { readonly from: number; readonly to: number }
  readonly apiAllowedCidrs: readonly string[]
  readonly budget: { readonly usd: number; readonly email: string }
  /** On every resource: testnet, owner, expires. */
  readonly tags: Readonly<Record<string, string>>
}

/** What every cluster gives, whatever the cloud. */
export interface Cluster {
  readonly cloud: 'aws' | 'gcp' | 'azure' | 'other'
  readonly region: string
  readonly kubeconfig: pulumi.Output<string>
  /** Everything that a workload waits for: the machines, not only the API. */
  readonly ready: readonly pulumi.Resource[]
}

/** Taint of spot machines; load generators tolerate it. */
export const SPOT_TAINT = { key: 'shardnet.dev/spot', value: 'true', effect: 'NoSchedule' } as const

/** Label by which pods choose machines. */
export const POOL_LABEL = 'shardnet.dev/pool'

/** Month after month; the alert comes at four fifths, and when the forecast says that all will be used. */
export const BUDGET_THRESHOLDS = { actual: 80, forecast: 100 } as const
