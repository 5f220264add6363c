import type { Command } from 'commander'
import type { FaultStatus } from '@shardnet/operator/local'
import { type ExitCode, exitCode } from '../exit-code.ts'
import type { FaultFlags } from '../fault-flags.ts'

interface NamedFlags {
  readonly name?: string
  readonly json?: string
}

/** What each action does, and the one flag of its own. */
const actions = [
  ['kill', 'end validators with SIGKILL; with --for they stay down so long', []],
  ['pause', 'stop validators where they stand (SIGSTOP), and continue them', []],
  ['partition', 'cut validators off from all others', []],
  [
    'delay',
    'delay every message of validators',
    [
      ['--latency <TIME>', 'how much, such as 100ms'],
      ['--jitter <TIME>', 'up to so much more, drawn for each message; order is kept'],
    ],
  ],
  ['loss', 'drop a share of the messages of validators', [['--share <SHARE>', 'such as 5%']]],
  [
    'bandwidth',
    'let only so much pass on each link of validators',
    [['--bytes-per-second <N>', 'such as 64Ki']],
  ],
] as const

/** `shardnet fault`: breaks a testnet that runs, always for a time. */
export function addFault(program: Command, end: (code: ExitCode) => void): void {
  const fault = program
    .command('fault')
    .description('kill, pause, cut off or slow validators of a running testnet; always undone')
  for (const [action, summary, own] of actions) {
    const command = fault.command(action).description(summary)
    for (const [flag, told] of own) command.option(flag, told)
    withName(withSelector(command, action)).action(async (flags: FaultFlags & NamedFlags) =>
      end(await put(action, flags)),
    )
  }
  withName(
    fault
      .command('apply')
      .argument('<FILE>', 'YAML file with Faults')
      .description('put the faults of a file in'),
  ).action(async (file: string, flags: NamedFlags) => end(await apply(file, flags)))
  withName(fault.command('ls').description('list the faults of a testnet')).action(
    async (flags: NamedFlags) => end(await list(flags)),
  )
  withName(
    fault
      .command('clear')
      .argument('[ID]', 'one fault (default: all)')
      .description('end faults before their time'),
  ).action(async (id: string | undefined, flags: NamedFlags) => end(await clear(id, flags)))
}

function withName(command: Command): Command {
  return command
    .option('--name <NAME>', 'testnet (default: the one that runs)')
    .option('--json <FILE>', 'write the faults to FILE; - is standard output')
}

function withSelector(command: Command, action: string): Command {
  const isOnLinks = action !== 'kill' && action !== 'pause'
  const common = command
    .option('--shard <N,…>', 'only these shards')
    .option('--validator <N,…>', 'only these indexes in each committee')
    .option('--role <ROLE>', 'proposer (of the moment), or minority (f of each shard)')
    .option('--at <TIME>', 'how long from now (default: at once)')
    .option('--for <TIME>', 'how long it lasts, such as 30s')
  return isOnLinks
    ? common.option('--direction <WAY>', 'outbound, inbound or both (default: both)')
    : common
}

async function put(action: string, flags: FaultFlags & NamedFlags): Promise<ExitCode> {
  const { faultOf } = await import('../fault-flags.ts')
  const { putFaults } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { testnetName } = await import('../testnet-name.ts')
  const name = testnetName(localPlace(), flags.name)
  return show(await putFaults(localPlace(), name, [faultOf(action, name, flags)]), flags)
}

async function apply(file: string, flags: NamedFlags): Promise<ExitCode> {
  const { parseFaults } = await import('@shardnet/operator/api')
  const { putFaults } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { readTyped } = await import('../typed-file.ts')
  const byTestnet = Map.groupBy(
    parseFaults(readTyped(file), file),
    ({ testnet }) => flags.name ?? testnet,
  )
  const all: FaultStatus[] = []
  for (const [name, faults] of byTestnet) {
    const plans = faults.map(({ plan }) => plan)
    all.push(...(await putFaults(localPlace(), name, plans)))
  }
  return show(all, flags)
}

async function list(flags: NamedFlags): Promise<ExitCode> {
  const { faultsOf } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { testnetName } = await import('../testnet-name.ts')
  return show(await faultsOf(localPlace(), testnetName(localPlace(), flags.name)), flags)
}

async function clear(id: string | undefined, flags: NamedFlags): Promise<ExitCode> {
  const { clearFaults } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { testnetName } = await import('../testnet-name.ts')
  const name = testnetName(localPlace(), flags.name)
  return show(await clearFaults(localPlace(), name, id ?? null), flags)
}

async function show(faults: readonly FaultStatus[], { json }: NamedFlags): Promise<ExitCode> {
  const { faultText } = await import('@shardnet/operator/api')
  const { writeJson } = await import('../output.ts')
  const { clockText, tableText } = await import('../view/format.ts')
  if (json !== undefined) {
    writeJson(json, faults)
    return exitCode.passed
  }
  if (faults.length === 0) {
    process.stdout.write('No faults.\n')
    return exitCode.passed
  }
  const nowMs = Date.now()
  const rows = faults.map(({ id, fault, state, targets, startsAtMs, endsAtMs, notes }) => [
    id,
    state,
    faultText(fault),
    state === 'scheduled' ? `in ${clockText(startsAtMs - nowMs)}` : targets.join(' '),
    state === 'active' ? `${clockText(endsAtMs - nowMs)} left` : '',
    notes.join('; '),
  ])
  const titles = ['ID', 'STATE', 'FAULT', 'VALIDATORS', 'TIME', 'NOTES']
  process.stdout.write(`${tableText([titles, ...rows])}\n`)
  return exitCode.passed
}
