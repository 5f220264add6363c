import type { Command } from 'commander'
import { withLoadFlags, withTestnetFlags } from '../command.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { type DocumentFlags, readRun } from '../flags.ts'

/** `shardnet config print`: what would run, with every default written out and explained. */
export function addConfig(program: Command, end: (code: ExitCode) => void): void {
  const config = program.command('config').description('look at configurations')
  const print = config
    .command('print')
    .argument('[FILE]', 'YAML file with a Testnet (default: what npm start runs)')
    .description(
      'print the documents in effect, every default included, with what each field means',
    )
  withLoadFlags(withTestnetFlags(print)).action(
    async (file: string | undefined, flags: DocumentFlags) => {
      const { explainedYaml } = await import('../view/explained-yaml.ts')
      const { testnet, loadTest } = readRun(file, flags)
      process.stdout.write(`${explainedYaml(testnet)}---\n${explainedYaml(loadTest)}`)
      end(exitCode.passed)
    },
  )
}
