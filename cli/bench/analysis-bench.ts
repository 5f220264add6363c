import { measureAnalysisAlone } from '@shardnet/load-generator/bench'
import type { BenchContext } from './context.ts'
import type { Figures } from './figures.ts'

const TRANSACTIONS = 10_000_000

/** Counting and judging a run of ten million transactions. */
export async function measureAnalysis({ signal }: BenchContext): Promise<Figures> {
  const { seconds, megabytes } = await measureAnalysisAlone(TRANSACTIONS, signal)
  return { analysisSeconds: seconds, analysisMegabytes: megabytes }
}
