import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'

const Rate = z.strictObject({
  transactions: z.int(),
  seconds: z.number().describe('Processor time.'),
  megabytes: z.number().describe('Most memory of the process.'),
})
/** What the analysis of one long run took. */
export type AnalysisRate = z.infer<typeof Rate>

/** Counts and analyses a run in a process of its own, whose memory is that of the analysis and of nothing else. */
export async function measureAnalysisAlone(
  transactions: number,
  signal: AbortSignal,
): Promise<AnalysisRate> {
  const program = fileURLToPath(new URL('./analysis-process.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(transactions)], {
    signal,
  })
  return Rate.parse(JSON.parse(stdout))
}
