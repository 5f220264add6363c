import type { Command } from 'commander'
import type { LoadTest } from '@shardnet/operator/api'
import { withLoadFlags, withOutputFlags } from '../command.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { type DocumentFlags, readLoad } from '../flags.ts'
import { commandText } from '../command-text.ts'
import { peopleStream, writeJson } from '../output.ts'

interface LoadFlags extends DocumentFlags {
  readonly out?: string
  readonly json?: string
}

/** `shardnet load`: puts load on a testnet that runs. */
export function addLoad(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('load')
    .argument('[FILE]', 'YAML file with a LoadTest')
    .description('put load on a testnet that runs, and report on it')
    .option('--name <NAME>', 'testnet (default: the one of FILE, or the one that runs)')
  withOutputFlags(withLoadFlags(command)).action(
    async (file: string | undefined, flags: LoadFlags) => {
      end(await load(file, flags))
    },
  )
}

async function load(file: string | undefined, flags: LoadFlags): Promise<ExitCode> {
  const { LocalError, statusOf } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const loadTest = readLoad(await baseOf(file, flags), flags)
  const status = await statusOf(localPlace(), loadTest.spec.testnet)
  if (status.supervisor === null || status.state === 'ending') {
    throw new LocalError(
      'notRunning',
      `Testnet ${status.name} is ${status.state}: shardnet up brings it up.`,
    )
  }
  const { factsOf } = await import('../run/facts.ts')
  const { watchInterrupts } = await import('../run/interrupt.ts')
  const { loadTestnet } = await import('../run/load.ts')
  const { reportFilesFor, writeReport } = await import('../run/results.ts')
  const { openRunView } = await import('../view/run-view.ts')
  const { summaryText } = await import('../view/summary.ts')
  const { exitCodeOf } = await import('@shardnet/load-generator')
  const files = await reportFilesFor(flags.out)
  const stream = peopleStream(flags.json)
  const view = await openRunView(stream)
  const interrupt = watchInterrupts(
    () => view.say('Ending in good order; press Ctrl-C again to end at once.'),
    () => process.exit(exitCode.interrupted),
  )
  try {
    const result = await loadTestnet({
      status,
      loadTest,
      isFresh: false,
      facts: factsOf(status.document),
      command: commandText(process.argv.slice(2)),
      signal: interrupt.signal,
      onProgress: (progress, totalMs) => view.progress(progress, totalMs),
    })
    view.close()
    await writeReport(files, result)
    if (flags.json !== undefined) writeJson(flags.json, result)
    stream.write(`${summaryText(result, stream)}\n\nReport ${files.reportFile}\n`)
    return result.interrupted && result.verdict.kind === 'aborted'
      ? exitCode.interrupted
      : exitCodeOf(result.verdict)
  } finally {
    view.close()
    interrupt.release()
  }
}

/** The LoadTest of a file, else the default one for the testnet that is meant. */
async function baseOf(file: string | undefined, flags: LoadFlags): Promise<LoadTest> {
  const { defaultLoadTest, parseLoadTest } = await import('@shardnet/operator/api')
  const { localPlace } = await import('../place.ts')
  const { testnetName } = await import('../testnet-name.ts')
  if (file === undefined) return defaultLoadTest(testnetName(localPlace(), flags.name))
  const { readTyped } = await import('../typed-file.ts')
  const base = parseLoadTest(readTyped(file), file)
  return flags.name === undefined ? base : { ...base, spec: { ...base.spec, testnet: flags.name } }
}
