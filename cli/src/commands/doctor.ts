import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'

/** `shardnet doctor`: what this machine has and lacks for a testnet. */
export function addDoctor(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('doctor')
    .description('check this machine, and say how to mend what is missing')
    .option('--json <FILE>', 'write the findings to FILE; - is standard output')
    .action(async (flags: { json?: string }) => end(await doctor(flags.json)))
}

async function doctor(json: string | undefined): Promise<ExitCode> {
  const { examine } = await import('../run/examination.ts')
  const { writeJson } = await import('../output.ts')
  const { tableText } = await import('../view/format.ts')
  const checks = await examine()
  const isWell = checks.every(({ verdict }) => verdict !== 'bad')
  if (json === undefined) {
    const rows = checks.map(({ name, verdict, found, advice }) => [
      verdict,
      name,
      found,
      verdict === 'good' ? '' : advice,
    ])
    process.stdout.write(`${tableText(rows)}\n`)
  } else writeJson(json, checks)
  return isWell ? exitCode.passed : exitCode.platformFailed
}
