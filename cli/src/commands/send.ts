import type { Command } from 'commander'
import type { TestnetStatus } from '@shardnet/operator/local'
import { type ExitCode, exitCode } from '../exit-code.ts'

interface SendFlags {
  readonly name?: string
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly fee: string
  readonly json?: string
}

/** `shardnet send`: one transfer between two accounts of the genesis. */
export function addSend(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('send')
    .description('send one transfer and wait until it is committed in every shard that it touches')
    .option('--name <NAME>', 'testnet (default: the one that runs)')
    .option('--from <ACCOUNT>', 'payer, as shard/index', '0/0')
    .option(
      '--to <ACCOUNT>',
      'payee, as shard/index or as an address of 64 hexadecimal characters',
      '1/0',
    )
    .option('--amount <N>', 'amount', '1')
    .option('--fee <N>', 'fee', '1')
    .option('--json <FILE>', 'write the outcome to FILE; - is standard output')
    .action(async (flags: SendFlags) => end(await send(flags)))
}

async function send(flags: SendFlags): Promise<ExitCode> {
  const { LocalError, statusOf } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { testnetName } = await import('../testnet-name.ts')
  const { peopleStream, writeJson } = await import('../output.ts')
  const { checkTransfer, sendTransfer } = await import('../run/send.ts')
  const place = localPlace()
  const status: TestnetStatus = await statusOf(place, testnetName(place, flags.name))
  const order = checkTransfer(status, flags)
  if (status.supervisor === null || status.state === 'ending') {
    throw new LocalError(
      'notRunning',
      `Testnet ${status.name} is ${status.state}: shardnet up brings it up.`,
    )
  }
  const outcome = await sendTransfer(status, order)
  if (flags.json !== undefined) writeJson(flags.json, outcome)
  const where =
    outcome.height === null ? '' : ` in block ${outcome.height} of shard ${order.from.shard}`
  const credit =
    outcome.creditedAt === null
      ? ''
      : `, credited at height ${outcome.creditedAt} of shard ${outcome.payeeShard}`
  peopleStream(flags.json).write(`Transaction ${outcome.id}: ${outcome.result}${where}${credit}\n`)
  return outcome.result === 'OK' ? exitCode.passed : exitCode.failed
}
