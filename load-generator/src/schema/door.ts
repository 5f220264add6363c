/** What a `LoadTest` says, as schemas alone: light enough for a command line and a supervisor. */
export { ArrivalsSpec, arrivalsOf } from '../arrivals.ts'
export { CriteriaSpec } from '../criteria.ts'
export { contradictionsOfCriteria } from '../criteria-check.ts'
export { simpleProfileNames } from '../profiles/table.ts'
export { problemsOfLoad, type LoadProblem } from '../feasibility.ts'
export { hasTraceProblems, parseTrace, type Trace } from '../trace.ts'
export { GENERATORS_MAX } from '../share/share.ts'
export { profileNames, profileSummary, WorkloadSpec, workloadOf } from '../workload.ts'
