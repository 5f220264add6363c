import { clusterNameOf, isMade, type StackConfig } from '../config/stack-config.ts'
import type { PriceTable } from './price-table.ts'

/** What one cluster costs and needs. */
export interface ClusterEstimate {
  readonly name: string
  readonly machines: number
  readonly vcpus: number
  readonly spotVcpus: number
  readonly addresses: number
  readonly usdPerHour: number
}

/** What a stack costs, before anything is made. */
export interface Estimate {
  readonly asOf: string
  readonly source: string
  readonly clusters: readonly ClusterEstimate[]
  readonly egressUsdPerHour: number
  readonly usdPerHour: number
}

/** Bytes per second that a validator sends out of its cloud: little when a shard stays in one cluster, all its votes when not. */
const EGRESS_BYTES_PER_SECOND = { Shards: 1_000, Validators: 10_000 } as const
const SECONDS_PER_HOUR = 3_600
const BYTES_PER_GB = 1e9

/** Pure: configuration and prices in, figures out. Unknown machine types are refused before this is called. */
export function estimate(config: StackConfig, prices: PriceTable): Estimate {
  const clusters = config.clouds.filter(isMade).map((cloud) => {
    const machine = prices.machine(cloud.cloud, cloud.region, cloud.machineType)
    if (machine === undefined) throw new Error(`no price for ${cloud.machineType}`)
    const addresses = cloud.machines + cloud.spotMachines
    return {
      name: clusterNameOf(cloud),
      machines: cloud.machines + cloud.spotMachines,
      vcpus: cloud.machines * machine.vcpus,
      spotVcpus: cloud.spotMachines * machine.vcpus,
      addresses,
      usdPerHour:
        cloud.machines * machine.onDemandUsdPerHour +
        cloud.spotMachines * machine.spotUsdPerHour +
        addresses * prices.addressUsdPerHour +
        prices.controlPlaneUsdPerHour,
    }
  })
  const { shards, validatorsPerShard, spread } = config.testnet
  const bytesPerSecond =
    config.clouds.length > 1 ? shards * validatorsPerShard * EGRESS_BYTES_PER_SECOND[spread] : 0
  const egressUsdPerHour =
    ((bytesPerSecond * SECONDS_PER_HOUR) / BYTES_PER_GB) * prices.egressUsdPerGb
  return {
    asOf: prices.asOf,
    source: prices.source,
    clusters,
    egressUsdPerHour,
    usdPerHour: clusters.reduce((sum, { usdPerHour }) => sum + usdPerHour, egressUsdPerHour),
  }
}

/** What a person reads before they agree to it. */
export function estimateText({ asOf, source, clusters, ...totals }: Estimate): string {
  const money = (usd: number): string => `$${usd.toFixed(2)}`
  return [
    `Estimate by prices of ${asOf} (${source}):`,
    ...clusters.map(
      ({ name, machines, vcpus, spotVcpus, usdPerHour }) =>
        `  ${name}: ${machines} machines, ${vcpus} vCPUs on demand, ${spotVcpus} on spot: ${money(usdPerHour)} an hour`,
    ),
    `  traffic between clouds: ${money(totals.egressUsdPerHour)} an hour`,
    `  in all: ${money(totals.usdPerHour)} an hour, ${money(totals.usdPerHour * 24)} a day`,
  ].join('\n')
}
