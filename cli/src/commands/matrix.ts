import type { Command } from 'commander'
import { withLoadFlags, withOutputFlags, withTestnetFlags } from '../command.ts'
import { commandText } from '../command-text.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { type DocumentFlags, readRun } from '../flags.ts'
import { peopleStream, writeJson } from '../output.ts'

interface MatrixFlags extends DocumentFlags {
  readonly out?: string
  readonly json?: string
  readonly shares?: string
}

/** `shardnet matrix`: the same run for every cross-shard share, without and with faults. */
export function addMatrix(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('matrix')
    .argument('[FILE]', 'YAML file with a Testnet and, if it likes, a LoadTest')
    .description('run the load for several cross-shard shares, without and with faults')
  withOutputFlags(withLoadFlags(withTestnetFlags(command)))
    .option('--shares <LIST>', 'cross-shard shares (default: 0%,30%,60%,90%)')
    .action(async (file: string | undefined, flags: MatrixFlags) => end(await matrix(file, flags)))
}

async function matrix(file: string | undefined, flags: MatrixFlags): Promise<ExitCode> {
  const stream = peopleStream(flags.json)
  const documents = readRun(file, flags)
  const { HISTORICAL_SHARES, planMatrix } = await import('../run/matrix-plan.ts')
  const shares = flags.shares?.split(',').map((share) => share.trim()) ?? HISTORICAL_SHARES
  const cells = planMatrix(documents.loadTest, shares)
  const { matrixText, runMatrix } = await import('../run/matrix-run.ts')
  const { reportFilesFor } = await import('../run/results.ts')
  const { folder } = await reportFilesFor(flags.out)
  const { exitCodeOf } = await import('@shardnet/load-generator')
  const done = await runMatrix({
    testnet: documents.testnet,
    isNamed: flags.name !== undefined || file !== undefined,
    cells,
    folder,
    command: commandText(process.argv.slice(2)),
    stream,
  })
  stream.write(`${matrixText(done.matrix)}\n\nMatrix ${done.page}\n`)
  if (flags.json !== undefined) writeJson(flags.json, done.matrix)
  if (done.matrix.cells.length < cells.length) return exitCode.interrupted
  const codes = done.matrix.cells.map(({ verdict: kind, reasons }) =>
    exitCodeOf({ kind, reasons, criteria: [] }),
  )
  if (codes.includes(exitCode.failed)) return exitCode.failed
  return codes.find((code) => code !== exitCode.passed) ?? exitCode.passed
}
