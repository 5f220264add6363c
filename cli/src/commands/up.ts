import type { Command } from 'commander'
import type { RunDocuments } from '@shardnet/operator/api'
import type { LaunchedTestnet, TestnetStatus } from '@shardnet/operator/local'
import { withTestnetFlags } from '../command.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { type DocumentFlags, readRun } from '../flags.ts'
import { writeJson } from '../output.ts'
import { portsFromOf } from '../ports-from.ts'
import { flagProblem } from '../input-error.ts'
import type { Monitor } from '../run/monitor.ts'

interface UpFlags extends DocumentFlags {
  readonly detach?: boolean
  readonly monitor?: boolean
  readonly portsFrom?: string
  readonly json?: string
}

/** `shardnet up`: makes a testnet be what a file says, and keeps it so. */
export function addUp(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('up')
    .argument('[FILE]', 'YAML file with a Testnet')
    .description('launch a testnet and keep it running, or change the one that runs')
  withTestnetFlags(command)
    .option('--detach', 'return when it is ready; shardnet down ends it')
    .option('--monitor', 'start Prometheus beside it, with dashboards’ rules and alerts')
    .option('--ports-from <N>', 'first port to use (default: free ones)')
    .option('--json <FILE>', 'write its status to FILE; - is standard output')
    .action(async (file: string | undefined, flags: UpFlags) => end(await up(file, flags)))
}

async function up(file: string | undefined, flags: UpFlags): Promise<ExitCode> {
  const { port, problems } = portsFromOf(flags.portsFrom)
  if (flags.monitor === true && flags.detach === true)
    problems.push(flagProblem('--monitor', 'no --detach: it ends with this command', '--detach'))
  const documents = readRun(file, flags, problems)
  // Whoever asks for it and has none should not have to take a testnet down again.
  const prometheus =
    flags.monitor === true ? (await import('../run/monitor.ts')).findPrometheus() : null
  const { isKept, launchTestnet } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const place = localPlace()
  if (isKept(place, documents.testnet.metadata.name)) return change(documents, flags)
  const launched = launchTestnet(place, {
    document: documents.testnet,
    isEphemeral: false,
    portsFrom: port,
  })
  return keep(launched, flags, prometheus)
}

/** A testnet that runs already is changed in place; its own supervisor does the work. */
async function change({ testnet }: RunDocuments, flags: UpFlags): Promise<ExitCode> {
  const { applyTo, statusOf } = await import('@shardnet/operator/local')
  const { discardsLedger } = await import('@shardnet/operator/plan')
  const { localPlace } = await import('../place.ts')
  const before = await statusOf(localPlace(), testnet.metadata.name)
  if (discardsLedger(before.document, testnet)) {
    process.stderr.write(
      'This starts a new generation of the network: its ledger begins anew, the old one is removed.\n',
    )
  }
  const status = await applyTo(localPlace(), testnet)
  if (flags.json !== undefined) writeJson(flags.json, status)
  process.stderr.write(
    `Testnet ${status.name} is being changed; see: shardnet status ${status.name}\n`,
  )
  return exitCode.passed
}

async function keep(
  launched: LaunchedTestnet,
  flags: UpFlags,
  prometheus: string | null,
): Promise<ExitCode> {
  const { peopleStream } = await import('../output.ts')
  const { isInterruption, watchInterrupts } = await import('../run/interrupt.ts')
  const { waitForFirstBlock } = await import('../run/first-block.ts')
  const { addressLines } = await import('../view/addresses.ts')
  const stream = peopleStream(flags.json)
  const say = (text: string) => void stream.write(`${text}\n`)
  const interrupt = watchInterrupts(
    () => say('Ending in good order; press Ctrl-C again to end at once.'),
    () => void launched.kill().finally(() => process.exit(exitCode.interrupted)),
  )
  let isDetached = false
  let monitor: Monitor | null = null
  try {
    say(`Starting testnet ${launched.name}`)
    const status = await launched.waitUntilReady(interrupt.signal)
    await waitForFirstBlock(status, interrupt.signal)
    for (const line of await addressLines(status)) say(line)
    if (prometheus !== null) {
      const { startMonitor } = await import('../run/monitor.ts')
      monitor = await startMonitor(prometheus, status, interrupt.signal)
      say(`  Prometheus ${monitor.address}/query, alerts at ${monitor.address}/alerts`)
    }
    if (flags.json !== undefined) writeJson(flags.json, status)
    if (flags.detach === true) {
      await launched.detach()
      isDetached = true
      say(`It keeps running; shardnet down ${status.name} ends it.`)
      return exitCode.passed
    }
    say('Ctrl-C ends it; its data stays.')
    await watch(launched, interrupt.signal, say)
    return exitCode.passed
  } catch (error) {
    if (isInterruption(error, interrupt.signal)) return exitCode.passed
    throw error
  } finally {
    await monitor?.stop()
    if (!isDetached) await launched.stop()
    interrupt.release()
  }
}

const LOOK_EVERY_MS = 5_000

/** Says how it goes until it is interrupted, or until the testnet ends by itself. */
async function watch(
  launched: LaunchedTestnet,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<void> {
  const { setTimeout: delay } = await import('node:timers/promises')
  const { heightsOf } = await import('../run/heights.ts')
  for (let status: TestnetStatus | null = null; status?.state !== 'ending';) {
    await delay(LOOK_EVERY_MS, undefined, { signal })
    status = await launched.status()
    if (status === null) continue
    const heights = await heightsOf(status)
    const ready = status.validators.filter(({ state }) => state === 'ready').length
    const problem = status.problem === null ? '' : `  ${status.problem}`
    say(
      `height ${heights.map((height) => height ?? '–').join('/')}  ${ready}/${status.validators.length} validators ready${problem}`,
    )
  }
}
