import type { Reading } from '../resources/reading.ts'
import type { Cost } from '../result/cost-shape.ts'
import { costSectionOf, priced, type MachineGroup } from './cost.ts'
import { estimatedTraffic, measuredTraffic, type PlaceOf } from './traffic.ts'

/** What the machines of a testnet cost, and how much may be spent on a run. */
export interface RunPrices {
  readonly machines: readonly MachineGroup[]
  /** Where each validator runs: the place of one of the machines. */
  readonly placeOf: PlaceOf
  /** US dollars; null for no limit. */
  readonly budget: number | null
}

/** What a run was, for its price. */
export interface PricedRun {
  readonly shards: number
  readonly validatorsPerShard: number
  readonly transactionBytes: number
  readonly crossShard: number
  readonly plannedMs: number
  readonly plannedTransactions: number
  readonly elapsedMs: number
  readonly committed: number
  readonly readings: readonly Reading[]
}

/** US dollars that a run has spent so far on machines and disks; egress is known at its end. Pure. */
export function spentBy({ machines }: RunPrices, elapsedMs: number): number {
  const bill = priced({ machines, traffic: [], runMs: elapsedMs, committed: null })
  return bill.kind === 'priced' ? bill.figures.run : 0
}

/** Cost of a run: what it was expected to be, and what it was. */
export function runCost(prices: RunPrices, run: PricedRun): Cost | null {
  const { machines, placeOf, budget } = prices
  const size = { shards: run.shards, validatorsPerShard: run.validatorsPerShard }
  const estimate = priced({
    machines,
    traffic: estimatedTraffic({
      ...size,
      placeOf,
      committed: run.plannedTransactions,
      transactionBytes: run.transactionBytes,
      crossShard: run.crossShard,
    }),
    runMs: run.plannedMs,
    committed: run.plannedTransactions,
  })
  const actual = priced({
    machines,
    traffic: measuredTraffic(run.readings, size, placeOf),
    runMs: run.elapsedMs,
    committed: run.committed,
  })
  const spent = actual.kind === 'priced' ? actual.figures.run : 0
  const endedTheRun = budget !== null && spentBy(prices, run.elapsedMs) >= budget
  return costSectionOf(
    estimate,
    actual,
    budget === null ? null : { limit: budget, spent, endedTheRun },
  )
}
