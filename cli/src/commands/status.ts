import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'

/** `shardnet status`: one testnet, validator by validator. */
export function addStatus(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('status')
    .argument('[NAME]', 'testnet (default: the one that runs)')
    .description('show the validators of a testnet and how far they are')
    .option('--json <FILE>', 'write it to FILE instead; - is standard output')
    .action(async (name: string | undefined, flags: { json?: string }) =>
      end(await status(name, flags.json)),
    )
}

async function status(typed: string | undefined, json: string | undefined): Promise<ExitCode> {
  const { statusOf } = await import('@shardnet/operator/local')
  const { localPlace } = await import('../place.ts')
  const { testnetName } = await import('../testnet-name.ts')
  const { heightOf } = await import('../run/heights.ts')
  const { tableText } = await import('../view/format.ts')
  const { writeJson } = await import('../output.ts')
  const place = localPlace()
  const found = await statusOf(place, testnetName(place, typed))
  const heights = await Promise.all(found.validators.map(heightOf))
  if (json !== undefined) {
    const validators = found.validators.map((validator, index) => ({
      ...validator,
      height: heights[index] ?? null,
    }))
    writeJson(json, { ...found, validators })
    return exitCode.passed
  }
  const rows = found.validators.map(
    ({ name, state, restarts, pid, httpAddress, lastEnd }, index) => {
      const height = heights[index] ?? null
      return [
        name,
        state,
        String(height ?? '–'),
        String(restarts),
        String(pid ?? '–'),
        httpAddress,
        lastEnd ?? '',
      ]
    },
  )
  const head = `Testnet ${found.name}: ${found.state}, network ${found.networkId ?? 'not made yet'}`
  process.stdout.write(`${head}\nData ${found.folder}\n\n`)
  const titles = ['VALIDATOR', 'STATE', 'HEIGHT', 'RESTARTS', 'PROCESS', 'RPC', 'LAST END']
  process.stdout.write(`${tableText([titles, ...rows])}\n`)
  if (found.problem !== null) process.stdout.write(`\n${found.problem}\n`)
  return exitCode.passed
}
