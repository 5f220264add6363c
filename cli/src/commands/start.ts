import { readdirSync, rmdirSync } from 'node:fs'
import type { Command } from 'commander'
import { withLoadFlags, withOutputFlags, withTestnetFlags } from '../command.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { type DocumentFlags, readRun } from '../flags.ts'
import { bytesText } from '../view/format.ts'
import { type PriceFlags, pricesOf } from '../price-flags.ts'
import { commandText } from '../command-text.ts'
import { peopleStream, writeJson } from '../output.ts'
import { softwareVersion } from '../place.ts'
import { folderBytes } from '../folder-size.ts'
import { portsFromOf } from '../ports-from.ts'

interface StartFlags extends DocumentFlags, PriceFlags {
  readonly out?: string
  readonly json?: string
  readonly portsFrom?: string
}

/** `shardnet start`: the whole of it, from nothing to a report. */
export function addStart(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('start')
    .argument('[FILE]', 'YAML file with a Testnet and, if it likes, a LoadTest')
    .description('run a testnet under load, check it and report on it')
  withOutputFlags(withLoadFlags(withTestnetFlags(command)))
    .option('--ports-from <N>', 'first port to use (default: free ones)')
    .action(async (file: string | undefined, flags: StartFlags) => end(await start(file, flags)))
}

async function start(file: string | undefined, flags: StartFlags): Promise<ExitCode> {
  const stream = peopleStream(flags.json)
  const documents = readRun(file, flags, portsFromOf(flags.portsFrom).problems)
  const { testnet, loadTest } = documents
  const prices = pricesOf(flags)
  const { shards, validatorsPerShard } = testnet.spec
  stream.write(
    `shardnet ${softwareVersion()}: ${shards} shards x ${validatorsPerShard} validators\n`,
  )
  // What follows is loaded only now: the first line should not wait for it.
  const { startRun } = await import('../run/start-run.ts')
  const { openRunView } = await import('../view/run-view.ts')
  const { reportFilesFor, writeReport } = await import('../run/results.ts')
  const files = await reportFilesFor(flags.out)
  const view = await openRunView(stream)
  const finished = await startRun({
    documents: { testnet, loadTest },
    prices,
    isNamed: flags.name !== undefined || file !== undefined,
    portsFrom: portsFromOf(flags.portsFrom).port,
    startMs: 0,
    command: commandText(process.argv.slice(2)),
    reportFolder: files.folder,
    view,
  })
  if (finished === null) {
    removeIfEmpty(files.folder)
    stream.write('Interrupted before the load began: nothing was measured.\n')
    return exitCode.interrupted
  }
  const { result, status } = finished
  await writeReport(files, result)
  if (flags.json !== undefined) writeJson(flags.json, result)
  const { summaryText } = await import('../view/summary.ts')
  stream.write(`${summaryText(result, stream)}\n\n`)
  stream.write(`Report ${files.reportFile} (${bytesText(folderBytes(files.folder))})\n`)
  const size = bytesText(folderBytes(status.folder))
  stream.write(
    `Data   ${status.folder} (${size}; the next run replaces it, shardnet down ${status.name} --remove-data removes it)\n`,
  )
  const { exitCodeOf } = await import('@shardnet/load-generator')
  return result.interrupted && result.verdict.kind === 'aborted'
    ? exitCode.interrupted
    : exitCodeOf(result.verdict)
}

function removeIfEmpty(folder: string): void {
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}
