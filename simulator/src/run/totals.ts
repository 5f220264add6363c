import type { RunResult } from '../world/world.ts'

/** What many seeds came to together. Plain data: it goes through threads and files. */
export interface Totals {
  seeds: number
  safetyRuns: number
  livenessRuns: number
  forksCaught: number
  /** Seeds that were run a second time, each message decoded by each receiver, and left the same trace. */
  repeated: number
  events: number
  simulatedMs: number
  heights: number
  /** Least height of a shard in a liveness run; null before the first. */
  livenessHeightMin: number | null
  submitted: number
  acknowledged: number
  committed: number
  faults: Record<string, number>
}

export function emptyTotals(): Totals {
  return {
    seeds: 0,
    safetyRuns: 0,
    livenessRuns: 0,
    forksCaught: 0,
    repeated: 0,
    events: 0,
    simulatedMs: 0,
    heights: 0,
    livenessHeightMin: null,
    submitted: 0,
    acknowledged: 0,
    committed: 0,
    faults: {},
  }
}

export function addRun(totals: Totals, result: RunResult): void {
  totals.seeds++
  if (result.kind === 'safety') totals.safetyRuns++
  if (result.kind === 'liveness') {
    totals.livenessRuns++
    totals.livenessHeightMin = lesser(totals.livenessHeightMin, result.heightMin)
  }
  totals.events += result.events
  totals.simulatedMs += result.simulatedMs
  totals.heights += result.heights
  totals.submitted += result.submitted
  totals.acknowledged += result.acknowledged
  totals.committed += result.committed
  addFaults(totals, result.faults)
}

export function mergeTotals(totals: Totals, more: Totals): void {
  totals.seeds += more.seeds
  totals.safetyRuns += more.safetyRuns
  totals.livenessRuns += more.livenessRuns
  totals.forksCaught += more.forksCaught
  totals.repeated += more.repeated
  totals.events += more.events
  totals.simulatedMs += more.simulatedMs
  totals.heights += more.heights
  totals.livenessHeightMin = lesser(totals.livenessHeightMin, more.livenessHeightMin)
  totals.submitted += more.submitted
  totals.acknowledged += more.acknowledged
  totals.committed += more.committed
  addFaults(totals, more.faults)
}

function addFaults(totals: Totals, faults: Readonly<Record<string, number>>): void {
  for (const [name, times] of Object.entries(faults))
    totals.faults[name] = (totals.faults[name] ?? 0) + times
}

function lesser(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.min(a, b)
}
