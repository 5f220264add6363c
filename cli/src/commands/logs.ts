import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'

interface LogFlags {
  readonly follow?: boolean
  readonly lines: string
}

/** `shardnet logs`: what the validators of a testnet wrote. */
export function addLogs(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('logs')
    .argument('[NAME]', 'testnet (default: the one that runs)')
    .argument('[VALIDATOR]', 'one validator, such as 0/2 (shard/index); all when left out')
    .description('print the last lines of the logs of a testnet’s validators and of its supervisor')
    .option('--follow', 'go on printing what is added')
    .option('--lines <N>', 'lines of each log', '20')
    .action(async (name: string | undefined, validator: string | undefined, flags: LogFlags) => {
      end(await logs(name, validator, flags))
    })
}

async function logs(
  typed: string | undefined,
  validator: string | undefined,
  flags: LogFlags,
): Promise<ExitCode> {
  const { statusOf, testnetFolder } = await import('@shardnet/operator/local')
  const { InputError } = await import('../input-error.ts')
  const { localPlace } = await import('../place.ts')
  const { LogTail } = await import('../log-tail.ts')
  const { testnetName } = await import('../testnet-name.ts')
  const lines = Number(flags.lines)
  const problems = /^[0-9]{1,7}$/.test(flags.lines)
    ? []
    : [`--lines: expected a whole number, got "${flags.lines}"`]
  if (validator !== undefined && !/^[0-9]+\/[0-9]+$/.test(validator)) {
    problems.push(`VALIDATOR: expected shard/index such as 0/2, got "${validator}"`)
  }
  if (problems.length > 0) throw new InputError(problems)
  const place = localPlace()
  const name = testnetName(place, typed)
  const status = await statusOf(place, name)
  const chosen = status.validators.filter(
    (each) => validator === undefined || `${each.shard}/${each.validator}` === validator,
  )
  if (chosen.length === 0 && validator !== undefined) {
    throw new InputError([`VALIDATOR: expected a validator of ${name}, got "${validator}"`])
  }
  const files = chosen.map((each) => ({ title: each.name, file: each.logFile }))
  if (validator === undefined) {
    files.unshift({ title: 'supervisor', file: testnetFolder(place.home, name).supervisorLog })
  }
  const tails = files.map(({ title, file }) => new LogTail(title, file, lines))
  for (const tail of tails) tail.print()
  if (flags.follow !== true) return exitCode.passed
  const { setTimeout: delay } = await import('node:timers/promises')
  for (;;) {
    await delay(FOLLOW_EVERY_MS)
    for (const tail of tails) tail.print()
  }
}

const FOLLOW_EVERY_MS = 250
