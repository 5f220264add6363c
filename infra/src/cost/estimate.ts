// infra/ lies outside of the root install, so the price table is reached by its path: it is plain data and one pure function,
// and imports no package. tools/tidy/arrows.ts names this file.
import {
  priced,
  pricesOf,
  type Bill,
  type MachineGroup,
} from '../../../load-generator/src/cost/cost.ts'
import { PRICES_AS_OF } from '../../../load-generator/src/cost/price-table.ts'
import { diskGib } from '../clusters/disk-size.ts'
import { clusterNameOf, isMade, type MadeCloud, type StackConfig } from '../config/stack-config.ts'

/** What one cluster costs and needs. */
export interface ClusterEstimate {
  readonly name: string
  readonly machines: number
  readonly vcpus: number
  readonly spotVcpus: number
  readonly addresses: number
  /** Machines and their disks. */
  readonly usdPerHour: number
}

/** What a stack costs, before anything is made. */
export interface Estimate {
  readonly asOf: string
  readonly clusters: readonly ClusterEstimate[]
  readonly usdPerHour: number
  /** What is not in the figures, and which of them are guesses. */
  readonly notes: readonly string[]
}

/** An entry of `clouds` without a price; `index` counts all entries, `field` is its key. */
export interface Unpriced {
  readonly index: number
  readonly field: 'region' | 'machineType' | 'spotPricePerHour'
  readonly text: string
}

/** An estimate, or everything that has no price. */
export type Estimated =
  | { readonly kind: 'estimate'; readonly estimate: Estimate }
  | { readonly kind: 'unpriced'; readonly problems: readonly Unpriced[] }

const HOUR_MS = 3_600_000
const TRAFFIC_NOTE =
  'Traffic between clouds is not in these figures either: it follows the load, and `shardnet cost` tells it for a Layout with `committedPerSecond`.'

/** The stack's machines for an hour, as the load generator's function prices them. */
export function billOf({ clouds }: Pick<StackConfig, 'clouds'>): Bill {
  return { machines: clouds.flatMap(groupsOf), traffic: [], runMs: HOUR_MS, committed: null }
}

/** Pure: configuration in, figures out, by the one dated table that `shardnet cost` reads as well. */
export function estimate(config: Pick<StackConfig, 'clouds'>): Estimated {
  const whole = priced(billOf(config))
  if (whole.kind === 'unpriced') return { kind: 'unpriced', problems: unpricedOf(config) }
  const clusters = config.clouds.filter(isMade).map((cloud) => {
    const own = priced(billOf({ clouds: [cloud] }))
    const vcpus = vcpusOf(cloud)
    const machines = cloud.machines + cloud.spotMachines
    return {
      name: clusterNameOf(cloud),
      machines,
      vcpus: cloud.machines * vcpus,
      spotVcpus: cloud.spotMachines * vcpus,
      addresses: machines,
      usdPerHour: own.kind === 'priced' ? own.figures.perHour : 0,
    }
  })
  return {
    kind: 'estimate',
    estimate: {
      asOf: PRICES_AS_OF,
      clusters,
      usdPerHour: whole.figures.perHour,
      notes: [...whole.notes, TRAFFIC_NOTE],
    },
  }
}

/** vCPUs of one machine of an entry; 0 when the table does not know the type. */
export function vcpusOf({ cloud, region, machineType }: MadeCloud): number {
  const machines = pricesOf(cloud, region)?.machines ?? []
  return machines.find((each) => each.machineType === machineType)?.cores ?? 0
}

/** What a person reads before they agree to it. */
export function estimateText({ asOf, clusters, usdPerHour, notes }: Estimate): string {
  const money = (usd: number): string => `$${usd.toFixed(2)}`
  return [
    `Estimate by prices of ${asOf}:`,
    ...clusters.map(
      ({ name, machines, vcpus, spotVcpus, usdPerHour: each }) =>
        `  ${name}: ${machines} machines, ${vcpus} vCPUs on demand, ${spotVcpus} on spot: ${money(each)} an hour`,
    ),
    `  in all: ${money(usdPerHour)} an hour, ${money(usdPerHour * 24)} a day`,
    ...notes.map((note) => `  ${note}`),
  ].join('\n')
}

function groupsOf(cloud: StackConfig['clouds'][number]): MachineGroup[] {
  if (!isMade(cloud)) return []
  const common = {
    place: clusterNameOf(cloud),
    cloud: cloud.cloud,
    region: cloud.region,
    machineType: cloud.machineType,
    diskGigabytes: diskGib[cloud.cloud],
  }
  const floor: MachineGroup = {
    ...common,
    purchase: 'onDemand',
    count: cloud.machines,
    pricePerHour: null,
  }
  if (cloud.spotMachines === 0) return [floor]
  const pricePerHour = cloud.spotPricePerHour ?? null
  return [floor, { ...common, purchase: 'spot', count: cloud.spotMachines, pricePerHour }]
}

function unpricedOf({ clouds }: Pick<StackConfig, 'clouds'>): readonly Unpriced[] {
  return clouds.flatMap((cloud, index): Unpriced[] => {
    if (!isMade(cloud)) return []
    const own = priced(billOf({ clouds: [cloud] }))
    const [problem] = own.kind === 'unpriced' ? own.problems : []
    if (problem === undefined) return []
    const { region, machineType } = cloud
    switch (problem.field) {
      case 'cloud':
      case 'region':
        return [
          { index, field: 'region', text: `${cloud.cloud} has no region ${region} that we know` },
        ]
      case 'machineType':
        return [
          {
            index,
            field: 'machineType',
            text: `no price of ${PRICES_AS_OF} for ${machineType} in ${region}: ${problem.expected}`,
          },
        ]
      case 'purchase':
        return [
          {
            index,
            field: 'spotPricePerHour',
            text: `no spot price of ${PRICES_AS_OF} for ${machineType} in ${region}: say what one costs`,
          },
        ]
    }
  })
}
