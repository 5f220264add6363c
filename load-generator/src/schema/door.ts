/** What a `LoadTest` says, as schemas alone: light enough for a command line and a supervisor. */
export { ArrivalsSpec } from '../arrivals.ts'
export { CriteriaSpec } from '../criteria.ts'
export { WorkloadSpec } from '../workload.ts'
