/** What things cost: the one dated price table, and the one pure function over it. */
export {
  costSectionOf,
  priced,
  pricesOf,
  type Bill,
  type LinkTraffic,
  type MachineGroup,
  type PricedBill,
  type PriceProblem,
} from './cost.ts'
export { billOfLayout, Layout } from './layout.ts'
export {
  PRICES_AS_OF,
  priceSources,
  regionPrices,
  type MachinePrice,
  type RegionPrices,
} from './price-table.ts'
export { estimatedTraffic, measuredTraffic, type PlaceOf } from './traffic.ts'
export type { RunPrices } from './run-cost.ts'
