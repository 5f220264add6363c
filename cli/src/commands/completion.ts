import { Argument, type Command } from 'commander'
import { type ExitCode, exitCode } from '../exit-code.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** `shardnet completion`: a script that makes a shell complete our words. */
export function addCompletion(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('completion')
    .addArgument(new Argument('<SHELL>', 'shell').choices(SHELLS))
    .description('print a completion script: source <(shardnet completion bash)')
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completionScript } = await import('../view/completion-script.ts')
      process.stdout.write(completionScript(program, shell))
      end(exitCode.passed)
    })
}
