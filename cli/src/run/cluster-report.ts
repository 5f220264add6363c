import { fetchResult } from '@shardnet/operator/run'
import { writeFile } from 'node:fs/promises'
import { InputError } from '../input-error.ts'
import { reportFilesFor, type ReportFiles, writeReport } from './results.ts'

/**
 * Fetches the result of a LoadTest from the cluster of the kubeconfig, and writes it with its report.
 * @throws {InputError} when the LoadTest has no result.
 */
export async function fetchReport(
  typed: string,
  namespace: string,
  out: string | undefined,
): Promise<ReportFiles> {
  const stored = await fetchResult(namespace, typed)
  if (stored.result === null) {
    const got = stored.problem ?? 'one without a result'
    throw new InputError([`--from-cluster: expected a LoadTest that has ended, got ${got}`])
  }
  const { LoadResult } = await import('@shardnet/load-generator')
  const parsed = LoadResult.safeParse(JSON.parse(stored.result))
  if (!parsed.success) {
    throw new InputError(['--from-cluster: expected a result of this version, got another one'])
  }
  const files = await reportFilesFor(out)
  await writeReport(files, parsed.data)
  if (stored.report !== null) await writeFile(files.reportFile, stored.report)
  return files
}
