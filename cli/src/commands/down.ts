import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'

interface DownFlags {
  readonly removeData?: boolean
  readonly check?: boolean
  readonly all?: boolean
}

/** `shardnet down`: ends every process of a testnet, and no other. */
export function addDown(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('down')
    .argument('[NAME]', 'testnet (default: the one that runs)')
    .description('end a testnet; works after a crash of the launcher as well')
    .option('--all', 'end all testnets of this clone')
    .option('--check', 'then check the files of all validators, as `start` does')
    .option('--remove-data', 'then remove its data')
    .action(async (name: string | undefined, flags: DownFlags) => end(await down(name, flags)))
}

async function down(typed: string | undefined, flags: DownFlags): Promise<ExitCode> {
  const { listTestnets } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { testnetName } = await import('../testnet-name.ts')
  const place = localPlace()
  const names = flags.all === true ? listTestnets(place) : [testnetName(place, typed)]
  let code: ExitCode = exitCode.passed
  for (const name of names) {
    if ((await downOne(name, flags)) !== exitCode.passed) code = exitCode.failed
  }
  return code
}

async function downOne(name: string, flags: DownFlags): Promise<ExitCode> {
  const { statusOf, takeDown } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { folderBytes } = await import('../folder-size.ts')
  const { bytesText } = await import('../view/format.ts')
  const place = localPlace()
  const { processes } = await takeDown(place, name, false)
  const status = await statusOf(place, name)
  const size = bytesText(folderBytes(status.folder))
  process.stdout.write(`Testnet ${name} is down: ${processes} processes ended.\n`)
  const code = flags.check === true ? await check(name) : exitCode.passed
  if (flags.removeData === true) {
    await takeDown(place, name, true)
    process.stdout.write(`Removed ${status.folder} (${size}).\n`)
  } else {
    process.stdout.write(
      `Its data stays in ${status.folder} (${size}); --remove-data removes it.\n`,
    )
  }
  return code
}

async function check(name: string): Promise<ExitCode> {
  const { statusOf } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { checkSafety } = await import('../run/safety.ts')
  const safety = await checkSafety(await statusOf(localPlace(), name))
  const facts = safety.facts.map((fact) => `${fact.name} ${fact.value}`).join(', ')
  process.stdout.write(`Safety check ${safety.kind} (${facts}).\n`)
  for (const finding of safety.findings) process.stdout.write(`  ${finding}\n`)
  return safety.kind === 'passed' ? exitCode.passed : exitCode.failed
}
