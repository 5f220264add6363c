import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'

/** `shardnet ls`: all testnets of this clone. */
export function addLs(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('ls')
    .description('list the testnets on this machine, their data and its size')
    .option('--json <FILE>', 'write it to FILE instead; - is standard output')
    .action(async (flags: { json?: string }) => end(await ls(flags.json)))
}

async function ls(json: string | undefined): Promise<ExitCode> {
  const { listTestnets, statusOf } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { folderBytes } = await import('../folder-size.ts')
  const { bytesText, tableText } = await import('../view/format.ts')
  const { writeJson } = await import('../output.ts')
  const place = localPlace()
  const found = await Promise.all(listTestnets(place).map((name) => statusOf(place, name)))
  const rows = found.map(({ name, state, document, validators, folder }) => ({
    name,
    state,
    shards: document.spec.shards,
    validatorsPerShard: document.spec.validatorsPerShard,
    ready: validators.filter((validator) => validator.state === 'ready').length,
    folder,
    bytes: folderBytes(folder),
  }))
  if (json !== undefined) writeJson(json, rows)
  else if (rows.length === 0)
    process.stdout.write(`No testnets in ${place.home}. Try: shardnet up --detach\n`)
  else {
    const cells = rows.map((row) => [
      row.name,
      row.state,
      String(row.shards),
      `${row.ready}/${row.shards * row.validatorsPerShard}`,
      bytesText(row.bytes),
      row.folder,
    ])
    process.stdout.write(
      `${tableText([['NAME', 'STATE', 'SHARDS', 'READY', 'SIZE', 'DATA'], ...cells])}\n`,
    )
  }
  return exitCode.passed
}
