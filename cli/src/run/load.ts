import type { LoadProgress, LoadResult, ResultFact } from '@shardnet/load-generator'
import type { LoadTest } from '@shardnet/operator/api'
import type { TestnetStatus } from '@shardnet/operator/local'
import type { RunPrices } from '@shardnet/load-generator/cost'
import { FaultRun } from './fault-run.ts'
import { InputError } from '../input-error.ts'
import { impossibleIn, loadInputOf } from '../load-input.ts'
import { loadPlaceOf, type Reach } from './reach.ts'
import { announceLoad, isMonitored } from './monitor-files.ts'

/** One load on one testnet that is up. */
export interface LoadRequest {
  readonly reach: Reach
  /** Of a testnet of this machine: its supervisor puts faults in. */
  readonly status: TestnetStatus | null
  readonly loadTest: LoadTest
  /** Whether no account of this network has paid yet. */
  readonly isFresh: boolean
  readonly facts: readonly ResultFact[]
  readonly command: string
  readonly prices?: RunPrices | undefined
  readonly signal: AbortSignal
  readonly onProgress: (progress: LoadProgress, totalMs: number) => void
}

/** Prometheus looks every five seconds. */
const VERDICT_SHOWN_WITHIN_MS = 12_000

/**
 * Runs a load test to its end, or to the interruption, and its faults meanwhile. The load generator is loaded here and not before: validators start
 * while it loads.
 * @throws LoadError when the testnet cannot be reached; {InputError} when the load cannot be made there.
 */
export async function loadTestnet(request: LoadRequest): Promise<LoadResult> {
  const { criteriaOf, LoadMeter, runLoad, scheduleMs, withMarks } =
    await import('@shardnet/load-generator')
  const { reach, status, loadTest, isFresh, facts, command, prices, signal, onProgress } = request
  const input = loadInputOf(loadTest)
  const problems = impossibleIn(input, loadPlaceOf(reach))
  if (problems.length > 0) throw new InputError(problems)
  const { workload, arrivals } = input
  const totalMs = scheduleMs(arrivals)
  const faults = status === null ? null : new FaultRun(status, loadTest.spec.faults)
  const meter = status !== null && isMonitored(status) ? new LoadMeter() : null
  const withdraw =
    status === null || meter === null ? null : await announceLoad(status, await meter.start())
  try {
    const result = await runLoad({
      network: reach.network,
      targets: reach.targets,
      workload,
      arrivals,
      criteria: criteriaOf(loadTest.spec.criteria),
      accounts: isFresh ? 'fresh' : 'used',
      facts,
      command,
      ...(prices === undefined ? {} : { prices }),
      signal,
      onProgress: (progress) => {
        faults?.at(progress.elapsedMs)
        meter?.onProgress(progress)
        onProgress(progress, totalMs)
      },
    })
    meter?.onVerdict(result.verdict)
    await meter?.shown(VERDICT_SHOWN_WITHIN_MS)
    return withMarks(result, (await faults?.marks()) ?? [])
  } finally {
    await withdraw?.()
    await meter?.stop()
  }
}
