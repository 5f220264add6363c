import type { LoadResult } from '@shardnet/load-generator'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reportsHome, resolveTyped } from '../place.ts'

/** Files of a report. */
export interface ReportFiles {
  readonly folder: string
  readonly resultFile: string
  readonly reportFile: string
}

/** Where a run's report goes: `--out`, or a folder named by the time, made at once so that two runs never share one. */
export async function reportFilesFor(out: string | undefined): Promise<ReportFiles> {
  const folder = out === undefined ? await newFolder() : resolveTyped(out)
  await mkdir(folder, { recursive: true })
  return {
    folder,
    resultFile: join(folder, 'result.json'),
    reportFile: join(folder, 'report.html'),
  }
}

async function newFolder(): Promise<string> {
  await mkdir(reportsHome(), { recursive: true })
  const time = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')
  for (let turn = 1; ; turn++) {
    const folder = join(reportsHome(), turn === 1 ? time : `${time}-${turn}`)
    try {
      await mkdir(folder)
      return folder
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

/** Writes result.json and report.html. */
export async function writeReport(files: ReportFiles, result: LoadResult): Promise<void> {
  const { renderReport } = await import('@shardnet/load-generator')
  await writeFile(files.resultFile, `${JSON.stringify(result, null, 2)}\n`)
  await writeFile(files.reportFile, renderReport(result))
}
