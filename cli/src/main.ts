import { Command } from 'commander'
import { addCompletion } from './commands/completion.ts'
import { addConfig } from './commands/config.ts'
import { addCost } from './commands/cost.ts'
import { addDoctor } from './commands/doctor.ts'
import { addDown } from './commands/down.ts'
import { addFault } from './commands/fault.ts'
import { addJoin } from './commands/join.ts'
import { addLoad } from './commands/load.ts'
import { addLogs } from './commands/logs.ts'
import { addLs } from './commands/ls.ts'
import { addMatrix } from './commands/matrix.ts'
import { addOperator } from './commands/operator.ts'
import { addReport } from './commands/report.ts'
import { addSend } from './commands/send.ts'
import { addStart } from './commands/start.ts'
import { addStatus } from './commands/status.ts'
import { addUp } from './commands/up.ts'
import type { AddCommand } from './command.ts'
import { tell } from './edge.ts'
import { exitCode } from './exit-code.ts'
import { unknownOptions } from './unknown-options.ts'
import { softwareVersion } from './place.ts'

const commands: readonly AddCommand[] = [
  addStart,
  addUp,
  addLoad,
  addMatrix,
  addFault,
  addStatus,
  addLogs,
  addLs,
  addSend,
  addOperator,
  addJoin,
  addReport,
  addCost,
  addConfig,
  addDoctor,
  addDown,
  addCompletion,
]

const program = new Command('shardnet')
  .description('Launches, loads, breaks and measures sharded BFT testnets.')
  .version(softwareVersion(), '--version', 'print the version')
  .helpOption('--help', 'print this help')
  .helpCommand('help [COMMAND]', 'print the help of a command')
  .exitOverride()
  .configureOutput({ outputError: () => undefined })
  .showSuggestionAfterError()

// Left alone, the process ends when nothing is left to do: output that is still on its way arrives.
const end = (code: number) => (process.exitCode = code)
for (const add of commands) add(program, end)
for (const command of allCommands(program)) {
  command
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .helpOption('--help', 'print this help')
}

try {
  unknownOptions(program, process.argv.slice(2))
  if (process.argv.length === 2) program.outputHelp()
  else await program.parseAsync()
} catch (error) {
  const { code, text } = tell(error)
  if (text !== '') process.stderr.write(`shardnet: ${text}\n`)
  if (code === exitCode.badInput && text !== '') process.stderr.write('See: shardnet help\n')
  process.exitCode = code
}

function allCommands(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => [each, ...allCommands(each)])
}
