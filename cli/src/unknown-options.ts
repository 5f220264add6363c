import type { Command } from 'commander'
import { InputError } from './input-error.ts'

/**
 * Refuses every unknown flag of a command line at once; the parser alone would stop at the first.
 * @throws {InputError} naming them.
 */
export function unknownOptions(program: Command, words: readonly string[]): void {
  const command = commandOf(program, words)
  if (command === program) return // A word that is no command: the parser says so.
  const known = new Set(command.options.flatMap(({ long, short }) => [long, short]))
  const flags = words.slice(0, endOfFlags(words)).filter((word) => /^--?[a-zA-Z]/.test(word))
  const names = flags.map((flag) => flag.split('=')[0] ?? flag)
  const unknown = names.filter(
    (name) => !known.has(name) && name !== '--help' && name !== '--version',
  )
  if (unknown.length === 0) return
  const expected = [...known].filter((name) => name !== undefined).join(', ')
  throw new InputError(
    unknown.map((name) => `${name}: expected one of ${expected}, --help; got an unknown flag`),
  )
}

function endOfFlags(words: readonly string[]): number {
  const index = words.indexOf('--')
  return index < 0 ? words.length : index
}

/** The innermost command that the words name. */
function commandOf(program: Command, words: readonly string[]): Command {
  let command = program
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word)
    if (next === undefined) return command
    command = next
  }
  return command
}
