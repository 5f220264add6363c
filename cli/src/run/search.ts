import type { LoadProgress, LoadResult, ResultFact, Trial } from '@shardnet/load-generator'
import type { LoadTest } from '@shardnet/operator/api'
import type { SearchRequest } from '../search-flags.ts'
import { loadInputOf } from '../load-input.ts'
import type { Reach } from './reach.ts'

/** One search on one testnet that is up. */
export interface SearchOnTestnet {
  readonly reach: Reach
  readonly loadTest: LoadTest
  readonly search: SearchRequest
  readonly facts: readonly ResultFact[]
  readonly command: string
  readonly signal: AbortSignal
  readonly onProgress: (progress: LoadProgress, totalMs: number) => void
  readonly onTrial: (trial: Trial) => void
  readonly onPhase: (text: string) => void
}

const TRIALS_MAX = 24
const PRECISION = 0.05
const COMMITTED_SHARE_MIN = 0.98

/**
 * Finds the knee of a testnet, and sees it recover from ten times as much.
 * @throws LoadError when the testnet cannot be reached.
 */
export async function searchTestnet(request: SearchOnTestnet): Promise<LoadResult> {
  const { criteriaOf, runSearch } = await import('@shardnet/load-generator')
  const { reach, loadTest, search, facts, command, signal, onProgress, onTrial, onPhase } = request
  const criteria = criteriaOf(loadTest.spec.criteria)
  return runSearch({
    network: reach.network,
    targets: reach.targets,
    workload: loadInputOf(loadTest).workload,
    criteria: { ...criteria, p99MaxMs: search.limits.p99MaxMs ?? criteria.p99MaxMs },
    accounts: 'used',
    facts,
    command,
    signal,
    onProgress: (progress) => onProgress(progress, search.trialMs),
    search: {
      objective: { ...search.limits, committedShareMin: COMMITTED_SHARE_MIN },
      rateMin: search.rateMin,
      rateMax: search.rateMax,
      trialMs: search.trialMs,
      trialsMax: TRIALS_MAX,
      precision: PRECISION,
    },
    ...(search.hasOverload ? {} : { overload: null }),
    onTrial,
    onPhase,
  })
}
