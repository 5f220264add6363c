import { Argument, type Command } from 'commander'
import type { TestnetStatus } from '@shardnet/operator/local'
import { type ExitCode, exitCode } from '../exit-code.ts'

interface SendFlags {
  readonly name?: string
  readonly from: string
  readonly to?: string
  readonly amount?: string
  readonly cell?: string
  readonly value?: string
  readonly expect?: string
  readonly fee?: string
  readonly json?: string
}

type Kind = 'transfer' | 'put' | 'compareAndSet' | 'get'

/** `shardnet send`: one transaction of an account of the genesis. */
export function addSend(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('send')
    .description(
      'send one transaction and wait until f + 1 validators of each shard it touches say that it is committed',
    )
    .addArgument(
      new Argument('[KIND]', 'kind of the transaction')
        .choices(['transfer', 'put', 'compareAndSet', 'get'])
        .default('transfer'),
    )
    .option('--name <NAME>', 'testnet (default: the one that runs)')
    .option('--from <ACCOUNT>', 'payer, as shard/index', '0/0')
    .option(
      '--to <ACCOUNT>',
      'transfer: payee, as shard/index or as an address of 64 hexadecimal characters (default: 1/0)',
    )
    .option('--amount <N>', 'transfer: amount (default: 1)')
    .option(
      '--cell <CELL>',
      'name of a cell beside the payer, or a key of 64 hexadecimal characters',
    )
    .option(
      '--value <VALUE>',
      'put, compareAndSet: what to write, as text or as hexadecimal digits behind 0x',
    )
    .option('--expect <VALUE>', 'compareAndSet: what the cell must hold; "" for no cell')
    .option(
      '--fee <N>',
      'fee (default: 1, and the price of a new cell, 100, for put and compareAndSet)',
    )
    .option('--json <FILE>', 'write the outcome to FILE; - is standard output')
    .action(async (kind: Kind, flags: SendFlags) => end(await send(kind, flags)))
}

async function send(kind: Kind, flags: SendFlags): Promise<ExitCode> {
  const { statusOf } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { testnetName } = await import('../testnet-name.ts')
  const place = localPlace()
  const status: TestnetStatus = await statusOf(place, testnetName(place, flags.name))
  return kind === 'transfer' ? sendTransfer(status, flags) : sendOperation(status, kind, flags)
}

async function sendTransfer(status: TestnetStatus, flags: SendFlags): Promise<ExitCode> {
  const run = await import('../run/send.ts')
  const order = run.checkTransfer(status, flags)
  await mustRun(status)
  const outcome = await run.sendTransfer(status, order)
  const credit =
    outcome.creditedAt === null
      ? ''
      : `, credited at height ${outcome.creditedAt} of shard ${outcome.payeeShard}`
  return tell(flags, outcome, `${placeOf(outcome.height, order.from.shard)}${credit}`)
}

async function sendOperation(
  status: TestnetStatus,
  kind: Exclude<Kind, 'transfer'>,
  flags: SendFlags,
): Promise<ExitCode> {
  const run = await import('../run/send-cell.ts')
  const order = run.checkOperation(status, kind, flags)
  await mustRun(status)
  const outcome = await run.sendOperation(status, order)
  const read = outcome.read === null ? '' : `, read ${valueText(outcome.read)}`
  return tell(flags, outcome, `${placeOf(outcome.height, order.from.shard)}${read}`)
}

async function mustRun({ name, state, supervisor }: TestnetStatus): Promise<void> {
  const { LocalError } = await import('@shardnet/operator/local')
  if (supervisor === null || state === 'ending')
    throw new LocalError('notRunning', `Testnet ${name} is ${state}: shardnet up brings it up.`)
}

function placeOf(height: number | null, shard: number): string {
  return height === null ? '' : ` in block ${height} of shard ${shard}`
}

/** A value as people see it: in quotes when it is printable, else as digits behind 0x. */
function valueText(hex: string): string {
  if (hex === '') return 'nothing'
  const text = Buffer.from(hex, 'hex').toString('latin1')
  return /^[ -~]+$/.test(text) ? JSON.stringify(text) : `0x${hex}`
}

async function tell(
  flags: SendFlags,
  outcome: { readonly id: string; readonly result: string },
  details: string,
): Promise<ExitCode> {
  const { peopleStream, writeJson } = await import('../output.ts')
  if (flags.json !== undefined) writeJson(flags.json, outcome)
  peopleStream(flags.json).write(`Transaction ${outcome.id}: ${outcome.result}${details}\n`)
  return outcome.result === 'OK' ? exitCode.passed : exitCode.failed
}
