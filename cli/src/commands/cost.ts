import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { peopleStream, writeJson } from '../output.ts'

/** `shardnet cost`: what a testnet costs before it is made. */
export function addCost(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('cost')
    .argument(
      '<FILE>',
      'YAML file: a Layout, or a Testnet with its Clusters and, if it likes, a LoadTest',
    )
    .option('--json <FILE>', 'also write the cost to FILE; - is standard output')
    .description('estimate what a testnet costs, by the dated price table')
    .action(async (file: string, flags: { json?: string }) => end(await cost(file, flags.json)))
}

async function cost(file: string, json: string | undefined): Promise<ExitCode> {
  const { readTyped } = await import('../typed-file.ts')
  const { readBill } = await import('../run/bill.ts')
  const { costSectionOf, priced } = await import('@shardnet/load-generator/cost')
  const { InputError } = await import('../input-error.ts')
  const { costText } = await import('../view/cost-text.ts')
  const { bill, pathOf } = readBill(readTyped(file), file)
  const estimate = priced(bill)
  if (estimate.kind === 'unpriced') {
    throw new InputError(
      estimate.problems.map(({ index, field, expected, got }) => {
        return `${file}: ${pathOf(index, field)}: expected ${expected}, got ${JSON.stringify(got)}`
      }),
    )
  }
  const section = costSectionOf(estimate, null, null)
  if (json !== undefined) writeJson(json, section)
  if (section !== null) peopleStream(json).write(`${costText(section)}\n`)
  return exitCode.passed
}
