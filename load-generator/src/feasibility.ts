import { expectedCount, peakRate, scheduleMs, type Arrivals } from './arrivals.ts'
import {
  SIGNATURES_PER_WORKER,
  SIGNED_BYTES_MAX,
  signingPlanOf,
  windowsOf,
} from './signing-plan.ts'
import { transactionBytesMaxOf } from './transaction-bytes.ts'
import { payloadBytesMaxOf, type Workload } from './workload.ts'

/** A load that cannot be made: the field of the LoadTest that would have to change. */
export interface LoadProblem {
  readonly path: string
  readonly expected: string
  readonly got: string
}

/** What a load meets: the testnet's genesis, and the machine of the generator. */
export interface LoadSurroundings {
  readonly shards: number
  readonly accountsPerShard: number
  readonly payloadBytesMax: number
  /** Least time from one block to the next. */
  readonly blockIntervalMs: number
  readonly cores: number
}

/** Everything that makes a load impossible there, at once; empty when it can be made. Pure. */
export function problemsOfLoad(
  workload: Workload,
  arrivals: Arrivals,
  surroundings: LoadSurroundings,
): readonly LoadProblem[] {
  const problems: LoadProblem[] = []
  const payload = payloadBytesMaxOf(workload)
  if (payload > surroundings.payloadBytesMax) {
    problems.push({
      path: `spec.workload.${payloadFieldOf(workload)}`,
      expected: `at most ${surroundings.payloadBytesMax}, which the genesis allows`,
      got: String(payload),
    })
  }
  if (surroundings.accountsPerShard < 2) {
    problems.push({
      path: 'spec.workload',
      expected: 'at least 2 accounts in each shard of the testnet',
      got: String(surroundings.accountsPerShard),
    })
  }
  return [...problems, ...rateProblems(workload, arrivals, surroundings)]
}

function payloadFieldOf({ profile }: Workload): string {
  return profile === 'payments' ? 'payloadBytes' : 'blobBytesMax'
}

/** Above what the workers sign while it runs, everything is signed before: that has bounds of its own. */
function rateProblems(
  workload: Workload,
  arrivals: Arrivals,
  surroundings: LoadSurroundings,
): LoadProblem[] {
  const { cores, blockIntervalMs } = surroundings
  if (!signingPlanOf(arrivals, surroundings, cores).isBefore) return []
  const problems: LoadProblem[] = []
  const rate = `a rate of at most ${cores * SIGNATURES_PER_WORKER}/s, which ${cores} cores sign as they go`
  const got = `${Math.round(peakRate(arrivals))}/s`
  const total = Math.ceil(expectedCount(arrivals))
  const holds = windowsOf(surroundings)
  if (total > holds) {
    const expected = `${rate}, or at most ${holds} transactions in all, which the accounts can have signed before`
    problems.push({ path: 'spec.arrivals.schedule', expected, got: `${total} at up to ${got}` })
  }
  const bytes = total * transactionBytesMaxOf(workload)
  if (bytes > SIGNED_BYTES_MAX) {
    const expected = `${rate}, or at most ${SIGNED_BYTES_MAX} bytes signed before`
    problems.push({ path: 'spec.arrivals.schedule', expected, got: `${bytes} at up to ${got}` })
  }
  const heights = Math.ceil(scheduleMs(arrivals) / Math.max(1, blockIntervalMs))
  if (heights > workload.validityHeights) {
    const expected = `at least ${heights}: at ${got} everything is signed before, and must not expire within the schedule`
    problems.push({
      path: 'spec.workload.validityHeights',
      expected,
      got: String(workload.validityHeights),
    })
  }
  return problems
}
