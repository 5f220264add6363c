import type { Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'

/** The operator's flags, in its own words (`operator/src/operator-config.ts`); it reads them itself. */
const FLAGS: readonly (readonly [flag: string, description: string])[] = [
  ['--role <ROLE>', 'hub, member or both (default: both)'],
  ['--namespaces <NAMES>', 'namespaces that it looks after, separated by commas (default: all)'],
  ['--namespace <NAME>', 'where its Lease is (default: default)'],
  ['--lease <NAME>', 'name of its Lease'],
  ['--lease-seconds <N>', 'how long it lasts; longer where API servers are slow (default: 15)'],
  ['--identity <NAME>', 'tells it from its replicas (default: the name of this machine)'],
  ['--image <REF>', 'image of validators whose Testnet names none'],
  ['--workers <N>', 'objects that are looked at at once (default: 8)'],
  ['--http-port <PORT>', 'port of /livez, /readyz and /metrics (default: 8081)'],
  ['--node-ports <RANGE>', 'NodePorts of the member clusters (default: 30000-32767)'],
  ['--cache-folder <DIR>', 'where tables of accounts are kept'],
]

/** `shardnet operator`: what the image runs in a cluster, with the kubeconfig of this machine. */
export function addOperator(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('operator')
    .description('run the operator against a cluster, or print what it would write')
  for (const [flag, description] of FLAGS) command.option(flag, description)
  command
    .option('--dry-run', 'print what it would write next as a diff, and end')
    .action(async (flags: Readonly<Record<string, string | boolean>>) =>
      end(await runOperator(flags)),
    )
}

async function runOperator(flags: Readonly<Record<string, string | boolean>>): Promise<ExitCode> {
  const { operatorConfig, startOperator } = await import('@shardnet/operator/run')
  const { watchInterrupts } = await import('../run/interrupt.ts')
  const stopped = new Promise<string>((resolve) => {
    const second = (): never => process.exit(exitCode.interrupted)
    watchInterrupts(() => resolve('a signal'), second)
  })
  await startOperator(operatorConfig(process.env, flags), stopped)
  return exitCode.passed
}
