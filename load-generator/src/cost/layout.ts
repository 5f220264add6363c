import { z } from 'zod'
import { checkedDurationMs, Duration } from '../duration.ts'
import type { Bill, MachineGroup } from './cost.ts'
import { estimatedTraffic } from './traffic.ts'

const Place = z.strictObject({
  cloud: z.string().min(1).describe('aws, gcp or azure.'),
  region: z.string().min(1),
  machineType: z.string().min(1),
  machines: z.int().min(1).max(1_000_000),
  purchase: z.enum(['onDemand', 'spot']).default('onDemand'),
  diskGigabytes: z.int().min(0).max(100_000).default(8).describe('Disk of each machine.'),
  pricePerHour: z.number().min(0).optional().describe('Of one machine, where the table has none.'),
})

/** Machines over clouds, and what is to run on them: enough for a price, and for nothing else. */
export const Layout = z.strictObject({
  kind: z.literal('Layout'),
  name: z.string().min(1).max(100),
  places: z.array(Place).min(1).max(1_000),
  shards: z.int().min(1).max(10_000),
  validators: z.int().min(4).max(10_000_000).describe('Of all shards together.'),
  spread: z
    .enum(['Shards', 'Validators'])
    .default('Shards')
    .describe('Whether a shard lies in one place, or over all of them.'),
  for: Duration.describe('How long the machines are there.'),
  committedPerSecond: z.number().min(0).optional(),
  crossShard: z.number().min(0).max(1).default(0.3),
  transactionBytes: z.int().min(1).max(100_000).default(168),
})
export type Layout = z.infer<typeof Layout>

/** The bill of a layout. Validators are dealt out to the places by their machines. */
export function billOfLayout(layout: Layout): Bill {
  const runMs = checkedDurationMs(layout.for)
  const machines = layout.places.map((place, index): MachineGroup => ({
    place: `${index + 1}: ${place.cloud} ${place.region}`,
    cloud: place.cloud,
    region: place.region,
    machineType: place.machineType,
    purchase: place.purchase,
    count: place.machines,
    diskGigabytes: place.diskGigabytes,
    pricePerHour: place.pricePerHour ?? null,
  }))
  const committed =
    layout.committedPerSecond === undefined ? null : (layout.committedPerSecond * runMs) / 1_000
  const validatorsPerShard = Math.max(4, Math.round(layout.validators / layout.shards))
  const traffic =
    committed === null
      ? []
      : estimatedTraffic({
          shards: layout.shards,
          validatorsPerShard,
          placeOf: placesByMachines(machines, layout, validatorsPerShard),
          committed,
          transactionBytes: layout.transactionBytes,
          crossShard: layout.crossShard,
        })
  return { machines, traffic, runMs, committed }
}

function placesByMachines(
  machines: readonly MachineGroup[],
  { spread, shards }: Layout,
  validatorsPerShard: number,
): (shard: number, validator: number) => string {
  const total = machines.reduce((sum, { count }) => sum + count, 0)
  const at = (share: number): string => {
    let below = 0
    for (const { place, count } of machines) {
      below += count
      if (share * total < below) return place
    }
    return machines.at(-1)?.place ?? ''
  }
  return (shard, validator) =>
    spread === 'Shards' ? at((shard + 0.5) / shards) : at((validator + 0.5) / validatorsPerShard)
}
