import type { LoadProgress, LoadResult, ResultFact } from '@shardnet/load-generator'
import type { LoadTest } from '@shardnet/operator/api'
import type { TestnetStatus } from '@shardnet/operator/local'
import { FaultRun } from './fault-run.ts'
import { loadNetworkOf, targetsOf } from './load-network.ts'

/** One load on one testnet that is up. */
export interface LoadRequest {
  readonly status: TestnetStatus
  readonly loadTest: LoadTest
  /** Whether no account of this network has paid yet. */
  readonly isFresh: boolean
  readonly facts: readonly ResultFact[]
  readonly command: string
  readonly signal: AbortSignal
  readonly onProgress: (progress: LoadProgress, totalMs: number) => void
}

/**
 * Runs a load test to its end, or to the interruption, and its faults meanwhile. The load generator is loaded here and not before: validators start
 * while it loads.
 * @throws LoadError when the testnet cannot be reached.
 */
export async function loadTestnet(request: LoadRequest): Promise<LoadResult> {
  const { arrivalsOf, criteriaOf, runLoad, scheduleMs, workloadOf } =
    await import('@shardnet/load-generator')
  const { status, loadTest, isFresh, facts, command, signal, onProgress } = request
  const arrivals = arrivalsOf(loadTest.spec.arrivals)
  const totalMs = scheduleMs(arrivals)
  const faults = new FaultRun(status, loadTest.spec.faults)
  const result = await runLoad({
    network: await loadNetworkOf(status),
    targets: targetsOf(status),
    workload: workloadOf(loadTest.spec.workload),
    arrivals,
    criteria: criteriaOf(loadTest.spec.criteria),
    accounts: isFresh ? 'fresh' : 'used',
    facts,
    command,
    signal,
    onProgress: (progress) => {
      faults.at(progress.elapsedMs)
      onProgress(progress, totalMs)
    },
  })
  return { ...result, marks: [...result.marks, ...(await faults.marks())] }
}
