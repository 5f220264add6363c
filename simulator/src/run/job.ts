/** A run of consecutive numbers for one worker. */
export interface Job {
  readonly first: number
  readonly count: number
}

/** What every job's result has, whatever is counted. */
export interface JobResult {
  readonly job: Job
  /** Null when all of its numbers were clean; it ends at its first failure. */
  readonly failure: object | null
}
