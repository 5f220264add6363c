import type { Command } from 'commander'
import type { LoadProgress, LoadResult } from '@shardnet/load-generator'
import type { LoadTest } from '@shardnet/operator/api'
import type { TestnetStatus } from '@shardnet/operator/local'
import { withLoadFlags, withOutputFlags } from '../command.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { type DocumentFlags, readLoad } from '../flags.ts'
import { flagProblem, InputError } from '../input-error.ts'
import { type PriceFlags, pricesOf } from '../price-flags.ts'
import type { Reach } from '../run/reach.ts'
import type { SearchOnTestnet } from '../run/search.ts'
import { type SearchFlags, type SearchRequest, searchOf } from '../search-flags.ts'
import type { RunView } from '../view/run-view.ts'
import { commandText } from '../command-text.ts'
import { peopleStream, writeJson } from '../output.ts'

interface LoadFlags extends DocumentFlags, SearchFlags, PriceFlags {
  readonly out?: string
  readonly json?: string
  readonly target?: readonly string[]
}

/** `shardnet load`: puts load on a testnet that runs. */
export function addLoad(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('load')
    .argument('[FILE]', 'YAML file with a LoadTest')
    .description('put load on a testnet that runs, here or elsewhere, and report on it')
    .option(
      '--name <NAME>',
      'testnet of this machine (default: the one of FILE, or the one that runs)',
    )
    .option(
      '--target <URL...>',
      'any running testnet, by the HTTP addresses of its validators: at least f + 1 of each shard',
    )
    .option(
      '--search',
      'find the highest steady rate, then see the testnet recover from an overload',
    )
    .option('--trial <TIME>', 'length of each trial of a search (default: 15s)')
    .option('--rate-max <N>', 'highest rate of a search (default: 200000)')
    .option('--no-overload', 'search only: leave out ten times the knee')
  withOutputFlags(withLoadFlags(command)).action(
    async (file: string | undefined, flags: LoadFlags) => {
      end(await load(file, flags))
    },
  )
}

async function load(file: string | undefined, flags: LoadFlags): Promise<ExitCode> {
  const search = searchOf(flags)
  const prices = pricesOf(flags)
  const { rate: _, ...others } = flags
  const loadTest = readLoad(await baseOf(file, flags), search === null ? flags : others)
  const { loadInputOf } = await import('../load-input.ts')
  loadInputOf(loadTest) // Tells what is wrong with a trace before anybody is asked.
  const { factsOf } = await import('../run/facts.ts')
  const { isInterruption, watchInterrupts } = await import('../run/interrupt.ts')
  const { loadTestnet } = await import('../run/load.ts')
  const { reportFilesFor, writeReport } = await import('../run/results.ts')
  const { openRunView } = await import('../view/run-view.ts')
  const { summaryText } = await import('../view/summary.ts')
  const { exitCodeOf } = await import('@shardnet/load-generator')
  const stream = peopleStream(flags.json)
  const view = await openRunView(stream)
  const interrupt = watchInterrupts(
    () => view.say('Ending in good order; press Ctrl-C again to end at once.'),
    () => process.exit(exitCode.interrupted),
  )
  try {
    const { reach, status } = await placeOf(loadTest, flags, interrupt.signal)
    const files = await reportFilesFor(flags.out)
    const request = {
      reach,
      status,
      loadTest,
      isFresh: false,
      prices,
      facts: factsOf(reach.protocol),
      command: commandText(process.argv.slice(2)),
      signal: interrupt.signal,
      onProgress: (progress: LoadProgress, totalMs: number) => view.progress(progress, totalMs),
    }
    const result =
      search === null ? await loadTestnet(request) : await searched(request, search, view)
    view.close()
    await writeReport(files, result)
    if (flags.json !== undefined) writeJson(flags.json, result)
    stream.write(`${summaryText(result, stream)}\n\nReport ${files.reportFile}\n`)
    return result.interrupted && result.verdict.kind === 'aborted'
      ? exitCode.interrupted
      : exitCodeOf(result.verdict)
  } catch (error) {
    if (!isInterruption(error, interrupt.signal)) throw error
    stream.write('Interrupted before the load began: nothing was measured.\n')
    return exitCode.interrupted
  } finally {
    view.close()
    interrupt.release()
  }
}

/**
 * The testnet that takes the load: by its addresses, or by its name on this machine.
 * @throws {InputError} when it cannot be told which; LocalError when it does not run.
 */
async function placeOf(
  { spec }: LoadTest,
  { target, name }: LoadFlags,
  signal: AbortSignal,
): Promise<{ readonly reach: Reach; readonly status: TestnetStatus | null }> {
  const { reachOfStatus, reachOfUrls } = await import('../run/reach.ts')
  if (target === undefined) {
    const status = await runningStatusOf(spec.testnet)
    return { reach: await reachOfStatus(status), status }
  }
  const problems: string[] = []
  if (name !== undefined)
    problems.push(flagProblem('--name', 'no name together with --target', name))
  if (spec.faults.length > 0) {
    const expected = 'no faults with --target: they are put in where the testnet runs'
    problems.push(flagProblem('spec.faults', expected, String(spec.faults.length)))
  }
  if (problems.length > 0) throw new InputError(problems)
  return { reach: await reachOfUrls(target, signal), status: null }
}

async function runningStatusOf(name: string): Promise<TestnetStatus> {
  const { LocalError, statusOf } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const status = await statusOf(localPlace(), name)
  if (status.supervisor !== null && status.state !== 'ending') return status
  const text = `Testnet ${status.name} is ${status.state}: shardnet up brings it up.`
  throw new LocalError('notRunning', text)
}

async function searched(
  request: Omit<SearchOnTestnet, 'search' | 'onTrial' | 'onPhase'>,
  search: SearchRequest,
  view: RunView,
): Promise<LoadResult> {
  const { searchTestnet } = await import('../run/search.ts')
  const { trialText } = await import('../view/search-text.ts')
  return searchTestnet({
    ...request,
    search,
    onTrial: (trial) => view.say(trialText(trial)),
    onPhase: (text) => view.phase(text),
  })
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
