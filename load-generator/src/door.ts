/** The load generator: what to send and when, the run itself, its result, the verdict and the report. */
export {
  ArrivalsSpec,
  arrivalsOf,
  expectedCount,
  peakRate,
  scheduleMs,
  type Arrivals,
  type Phase,
} from './arrivals.ts'
export { CriteriaSpec, criteriaOf, type Criteria } from './criteria.ts'
export { discoverNetwork, type Discovery, type TableOf } from './discover-network.ts'
export { compare, Comparison, type NamedResult } from './compare/compare.ts'
export { Duration, durationMsOf, durationText } from './duration.ts'
export type { LoadProgress } from './load-run.ts'
export { LoadMeter } from './metrics/load-meter.ts'
export { LoadError, type LoadNetwork, type Target } from './network.ts'
export { LoadMatrix, matrixCellOf, matrixOf, type MatrixCell, type MatrixPlace } from './matrix.ts'
export { renderMatrix } from './report/render-matrix.ts'
export { renderReport } from './report/render-report.ts'
export { bucketsBetween, quantileOf, scrape, scrapeOf, type Scrape } from './resources/scrape.ts'
export { LoadResult, resultJsonSchema, type SafetyCheck } from './result.ts'
export type { ResultMark } from './result/series-shape.ts'
export type { ResultFact } from './result/shapes.ts'
export type { Verdict } from './result/verdict-shape.ts'
export {
  runLoad,
  runSaturation,
  type LoadOptions,
  type RunOptions,
  type SaturationOptions,
} from './run-load.ts'
export type { Trial } from './result/search-shape.ts'
export { runOverload, runSearch, type RunSearchOptions } from './search/run-search.ts'
export { exitCodeOf, withMarks, withSafety } from './verdict.ts'
export { WorkloadSpec, workloadOf, type Workload } from './workload.ts'
