import type { Cost, CostFigures } from '../result/cost-shape.ts'
import {
  diskPerGigabyteMonth,
  PRICES_AS_OF,
  regionPrices,
  type Cloud,
  type MachinePrice,
  type RegionPrices,
} from './price-table.ts'

/** Machines of one type in one region. */
export interface MachineGroup {
  /** Name for people, and for the ends of links. */
  readonly place: string
  readonly cloud: string
  readonly region: string
  readonly machineType: string
  readonly purchase: 'onDemand' | 'spot'
  readonly count: number
  readonly diskGigabytes: number
  /** Somebody knows better than the table: US dollars an hour for one machine. */
  readonly pricePerHour: number | null
}

/** Traffic from one place to another. */
export interface LinkTraffic {
  readonly from: string
  readonly to: string
  readonly bytes: number
  readonly isMeasured: boolean
}

/** What is to be priced. */
export interface Bill {
  readonly machines: readonly MachineGroup[]
  readonly traffic: readonly LinkTraffic[]
  readonly runMs: number
  /** Transactions that committed, or are expected to. */
  readonly committed: number | null
}

/** Something that has no price. */
export interface PriceProblem {
  /** Which of the bill's machines, from 0. */
  readonly index: number
  readonly field: 'cloud' | 'region' | 'machineType' | 'purchase'
  readonly expected: string
  readonly got: string
}

/** A priced bill, or everything in it that has no price. */
export type PricedBill =
  | {
      readonly kind: 'priced'
      readonly figures: CostFigures
      readonly machines: Cost['machines']
      readonly egress: Cost['egress']
      readonly notes: string[]
    }
  | { readonly kind: 'unpriced'; readonly problems: readonly PriceProblem[] }

const HOUR_MS = 3_600_000
const HOURS_PER_MONTH = 730
const GIGABYTE = 1e9
const NOT_INCLUDED =
  'Control planes, load balancers, public addresses, support and taxes are not in these figures.'

/** What machines, disks and traffic cost by the dated table. Pure; everything that tells a cost calls this. */
export function priced(bill: Bill): PricedBill {
  const problems = bill.machines.flatMap(problemsOf)
  if (problems.length > 0) return { kind: 'unpriced', problems }
  const hours = bill.runMs / HOUR_MS
  const machines = bill.machines.map(machineLine)
  const machinesPerHour = sum(machines.map((line) => line.count * line.pricePerHour))
  const disksPerHour = sum(bill.machines.map(diskPerHour))
  const egress = bill.traffic.map((link) => egressLine(bill.machines, link))
  const egressRun = sum(egress.map((line) => line.cost))
  const egressPerHour = hours > 0 ? egressRun / hours : 0
  const run = (machinesPerHour + disksPerHour) * hours + egressRun
  return {
    kind: 'priced',
    figures: {
      perHour: machinesPerHour + disksPerHour + egressPerHour,
      machinesPerHour,
      disksPerHour,
      egressPerHour,
      run,
      runMs: bill.runMs,
      perMillionCommitted:
        bill.committed === null || bill.committed === 0 ? null : (run * 1e6) / bill.committed,
    },
    machines,
    egress,
    notes: notesOf(bill, machines),
  }
}

/** The part of `result.json` that a priced bill makes. */
export function costSectionOf(
  estimate: PricedBill | null,
  actual: PricedBill | null,
  budget: Cost['budget'],
): Cost | null {
  const known = [actual, estimate].find((bill) => bill?.kind === 'priced')
  if (known?.kind !== 'priced') return null
  return {
    currency: 'USD',
    pricesAsOf: PRICES_AS_OF,
    estimate: estimate?.kind === 'priced' ? estimate.figures : null,
    actual: actual?.kind === 'priced' ? actual.figures : null,
    machines: known.machines,
    egress: known.egress,
    budget,
    notes: known.notes,
  }
}

/** Prices of a region; null when the table has none. */
export function pricesOf(cloud: string, region: string): RegionPrices | null {
  return regionPrices.find((each) => each.cloud === cloud && each.region === region) ?? null
}

function problemsOf(group: MachineGroup, index: number): readonly PriceProblem[] {
  if (group.pricePerHour !== null) return []
  const { cloud, region, machineType, purchase } = group
  const problem = (
    field: PriceProblem['field'],
    expected: readonly string[],
    got: string,
  ): PriceProblem[] => [{ index, field, expected: `one of ${expected.join(', ')}`, got }]
  const clouds = [...new Set(regionPrices.map((each) => each.cloud))]
  if (!clouds.some((each) => each === cloud)) return problem('cloud', clouds, cloud)
  const regions = regionPrices.filter((each) => each.cloud === cloud)
  const prices = regions.find((each) => each.region === region)
  if (prices === undefined)
    return problem(
      'region',
      regions.map((each) => each.region),
      region,
    )
  const machine = machineOf(group)
  const types = prices.machines.map((each) => each.machineType)
  if (machine === null) return problem('machineType', types, machineType)
  return purchase === 'spot' && machine.spot === null
    ? problem('purchase', ['onDemand'], 'spot, whose price is not known there')
    : []
}

function machineOf({ cloud, region, machineType }: MachineGroup): MachinePrice | null {
  const machines = pricesOf(cloud, region)?.machines ?? []
  return machines.find((each) => each.machineType === machineType) ?? null
}

function machineLine(group: MachineGroup): Cost['machines'][number] {
  const { place, cloud, region, machineType, purchase, count } = group
  const machine = machineOf(group)
  const price = purchase === 'spot' ? machine?.spot : machine?.onDemand
  return {
    place,
    cloud,
    region,
    machineType,
    purchase,
    count,
    pricePerHour: group.pricePerHour ?? price?.perHour ?? 0,
    isVerified: group.pricePerHour !== null || price?.basis !== 'estimated',
  }
}

function diskPerHour({ cloud, count, diskGigabytes }: MachineGroup): number {
  const perMonth = isCloud(cloud) ? diskPerGigabyteMonth[cloud] : 0
  return (count * diskGigabytes * perMonth) / HOURS_PER_MONTH
}

function egressLine(machines: readonly MachineGroup[], link: LinkTraffic): Cost['egress'][number] {
  const pricePerGigabyte = egressPrice(machines, link)
  return { ...link, pricePerGigabyte, cost: (link.bytes / GIGABYTE) * pricePerGigabyte }
}

/** Inside one region traffic is free here: machines of one shard share a zone where they can. */
function egressPrice(machines: readonly MachineGroup[], { from, to }: LinkTraffic): number {
  const source = machines.find(({ place }) => place === from)
  const target = machines.find(({ place }) => place === to)
  if (source === undefined) return 0
  const prices = pricesOf(source.cloud, source.region)
  if (prices === null) return 0
  if (target === undefined || target.cloud !== source.cloud) return prices.egressToInternet
  if (target.region === source.region) return 0
  const isNear = pricesOf(target.cloud, target.region)?.continent === prices.continent
  return isNear ? prices.egressToSameContinent : prices.egressToOtherContinent
}

function notesOf(bill: Bill, machines: Cost['machines']): string[] {
  const notes = [NOT_INCLUDED]
  const guessed = machines.filter((line) => !line.isVerified)
  if (guessed.length > 0) {
    const names = guessed.map(
      ({ machineType, purchase, region }) => `${machineType} (${purchase}, ${region})`,
    )
    notes.push(`Estimated, not published: the price of ${[...new Set(names)].join(', ')}.`)
  }
  if (bill.machines.some(({ diskGigabytes }) => diskGigabytes > 0))
    notes.push('Prices of disks are estimates.')
  if (bill.traffic.length > 0)
    notes.push(
      'Egress by list prices of 2023, lowest tier; traffic inside a region is taken as free.',
    )
  return notes
}

function isCloud(name: string): name is Cloud {
  return name in diskPerGigabyteMonth
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
