import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'

/** `shardnet report`: the reports of this clone. */
export function addReport(program: Command, end: (code: ExitCode) => void): void {
  const report = program
    .command('report')
    .description('list, show, fetch, compare and remove reports')
    .option('--from-cluster <NAME>', 'fetch the report of a LoadTest')
    .option('--namespace <NAME>', 'where that LoadTest is (default: default)')
    .option('--out <DIR>', 'folder for it (default: reports/TIME)')
  report
    .command('ls', { isDefault: true })
    .description('list the reports, where they lie and how large they are')
    .option('--json <FILE>', 'write the list to FILE; - is standard output')
    .action(async (flags: { json?: string }) => {
      const fetch: FetchFlags = report.opts()
      const name = fetch.fromCluster
      end(name === undefined ? await list(flags.json) : await fetchFrom(name, fetch))
    })
  report
    .command('show')
    .argument('[DIR]', 'folder of a report, or its name (default: the newest)')
    .description('print the figures of a report')
    .action(async (folder: string | undefined) => end(await show(folder)))
  report
    .command('diff')
    .argument(
      '<A>',
      'first side: a result.json, a folder of a report or its name; several with commas or a pattern',
    )
    .argument('<B>', 'second side, likewise')
    .option('--json <FILE>', 'also write the comparison to FILE; - is standard output')
    .option('--tolerance <SHARE>', 'change that does not matter, such as 2%', '2%')
    .description('compare two sides of runs: exit 0 not worse, 1 worse, 2 bad input')
    .action(async (a: string, b: string, flags: { json?: string; tolerance: string }) => {
      const { diff } = await import('../run/report-diff.ts')
      end(await diff(a, b, flags))
    })
  report
    .command('rm')
    .argument('[DIR...]', 'folders of reports, or their names')
    .option('--all', 'all reports below reports/')
    .description('remove reports')
    .action(async (folders: string[], flags: { all?: boolean }) =>
      end(await remove(folders, flags.all === true)),
    )
}

interface FetchFlags {
  readonly fromCluster?: string
  readonly namespace?: string
  readonly out?: string
}

async function fetchFrom(name: string, flags: FetchFlags): Promise<ExitCode> {
  const { fetchReport } = await import('../run/cluster-report.ts')
  const { folder } = await fetchReport(name, flags.namespace ?? 'default', flags.out)
  return show(folder)
}

async function list(json: string | undefined): Promise<ExitCode> {
  const { listReports } = await import('../run/stored-reports.ts')
  const { reportsHome } = await import('../place.ts')
  const { bytesText, tableText } = await import('../view/format.ts')
  const { writeJson } = await import('../output.ts')
  const reports = await listReports()
  if (json !== undefined) {
    writeJson(
      json,
      reports.map(({ name, folder, bytes, result }) => ({
        name,
        folder,
        bytes,
        verdict: result?.verdict.kind ?? null,
      })),
    )
    return exitCode.passed
  }
  if (reports.length === 0) {
    process.stdout.write(`No reports in ${reportsHome()}. Try: npm start\n`)
    return exitCode.passed
  }
  const rows = reports.map(({ name, bytes, result }) => [
    name,
    result?.name ?? '–',
    result?.verdict.kind ?? 'unreadable',
    result === null ? '–' : `${result.committedPerSecond.toFixed(1)}/s`,
    result === null ? '–' : `${Math.round(result.latency.summary?.p99Ms ?? 0)} ms`,
    bytesText(bytes),
  ])
  process.stdout.write(
    `${tableText([['REPORT', 'TESTNET', 'VERDICT', 'COMMITTED', 'P99', 'SIZE'], ...rows])}\n`,
  )
  const total = reports.reduce((sum, { bytes }) => sum + bytes, 0)
  process.stdout.write(
    `\n${bytesText(total)} in ${reportsHome()}; shardnet report rm removes them.\n`,
  )
  return exitCode.passed
}

async function show(typed: string | undefined): Promise<ExitCode> {
  const { findReport } = await import('../run/stored-reports.ts')
  const { summaryText } = await import('../view/summary.ts')
  const { folder, result } = await findReport(typed)
  process.stdout.write(
    `${result.name}, ${result.startedAt}\n${summaryText(result, process.stdout)}\n\n${folder}/report.html\n`,
  )
  return exitCode.passed
}

async function remove(typed: readonly string[], isAll: boolean): Promise<ExitCode> {
  const { listReports, reportFolder } = await import('../run/stored-reports.ts')
  const { InputError } = await import('../input-error.ts')
  const { folderBytes } = await import('../folder-size.ts')
  const { bytesText } = await import('../view/format.ts')
  const { rm } = await import('node:fs/promises')
  if (typed.length === 0 && !isAll)
    throw new InputError(['DIR: expected names of reports, or --all, got nothing'])
  const folders = isAll
    ? (await listReports()).map(({ folder }) => folder)
    : typed.map(reportFolder)
  for (const folder of folders) {
    const size = bytesText(folderBytes(folder))
    await rm(folder, { recursive: true })
    process.stdout.write(`Removed ${folder} (${size}).\n`)
  }
  return exitCode.passed
}
