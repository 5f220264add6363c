import type { Command } from 'commander'

interface Words {
  readonly command: string
  readonly summary: string
  readonly flags: readonly { readonly flag: string; readonly summary: string }[]
  readonly subcommands: readonly string[]
}

/** A script for a shell, made from the commands themselves. */
export function completionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const words = program.commands.map((command) => ({
    command: command.name(),
    summary: command.description(),
    flags: flagsOf(command),
    subcommands: command.commands.map((each) => each.name()),
  }))
  return shell === 'fish' ? fishScript(words) : bashScript(words, shell === 'zsh')
}

/** Flags of a command and of those below it, each once. */
function flagsOf(command: Command): Words['flags'] {
  const options = [command, ...command.commands].flatMap((each) => each.options)
  const byName = new Map(options.map(({ long, description }) => [long ?? '', description]))
  return [...byName].map(([flag, summary]) => ({ flag, summary }))
}

/** zsh reads bash's completions once told to. */
function bashScript(words: readonly Words[], isZsh: boolean): string {
  const cases = words.map(({ command, flags, subcommands }) => {
    const all = [...subcommands, ...flags.map(({ flag }) => flag)].join(' ')
    return `    ${command}) COMPREPLY=($(compgen -W "${all}" -- "$word") $(compgen -f -- "$word")) ;;`
  })
  return `${isZsh ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''}_shardnet() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${words.map(({ command }) => command).join(' ')}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -F _shardnet shardnet
`
}

function fishScript(words: readonly Words[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", String.raw`\'`)}'`
  const lines = words.flatMap(({ command, summary, flags, subcommands }) => [
    `complete -c shardnet -n __fish_use_subcommand -f -a ${command} -d ${quoted(summary)}`,
    ...subcommands.map(
      (each) => `complete -c shardnet -n '__fish_seen_subcommand_from ${command}' -f -a ${each}`,
    ),
    ...flags.map(({ flag, summary: told }) => {
      return `complete -c shardnet -n '__fish_seen_subcommand_from ${command}' -l ${flag.slice(2)} -d ${quoted(told)}`
    }),
  ])
  return `${lines.join('\n')}\n`
}
