import type { Arrivals } from './arrivals.ts'
import type { Trace } from './trace.ts'
import type { Workload } from './workload.ts'

/** What is sent, and when. */
export interface PlannedLoad {
  readonly workload: Workload
  readonly arrivals: Arrivals
}

/** A load that takes both from a trace. */
export function replayedLoad({ workload, arrivals }: PlannedLoad, trace: Trace): PlannedLoad {
  return { workload: { ...workload, trace }, arrivals: { ...arrivals, timesMs: trace.timesMs } }
}
