import type { LoadResult } from '../result.ts'
import type { TrialFigures } from './objective.ts'

/** What a trial is judged by, from the result of its run. */
export function trialFiguresOf(result: LoadResult): TrialFigures {
  const { summary } = result.latency
  return {
    offeredPerSecond: result.offeredPerSecond,
    committedPerSecond: result.committedPerSecond,
    p50Ms: summary?.p50Ms ?? null,
    p99Ms: summary?.p99Ms ?? null,
    backlogPerSecond: result.steadyState.backlogTrend?.perSecond ?? 0,
    generatorReasons: result.generator.reasons,
    lost: result.counts.lost,
  }
}
