import { InputError } from '../src/input-error.ts'
import { type BenchName, benches, benchNames } from './benches.ts'

/** What was typed after `npm run bench --`. */
export interface BenchArguments {
  readonly names: readonly BenchName[]
  readonly repeat: number
  /** File, `-` for standard output, or null for none. */
  readonly json: string | null
  readonly isHelp: boolean
}

const REPEAT_MAX = 100

/** Text of `--help`. */
export const usage = `usage: npm run bench -- [NAME…] [--repeat N] [--json FILE]

Measures this machine; without names all but monitoring, in two minutes or less.

${benchNames.map((name) => `  ${name.padEnd(12)}${benches[name].text}`).join('\n')}

  --repeat N    turns of every bench; min, median and max are shown (default 1)
  --json FILE   writes the figures as docs/bench.schema.json says; - is standard output
  --operator    rehearses the operator at scale instead; npm run bench -- --operator --help
`

/** @throws {InputError} with every problem at once. */
export function parseBenchArguments(words: readonly string[]): BenchArguments {
  const names: BenchName[] = []
  const problems: string[] = []
  let repeat = 1
  let json: string | null = null
  const rest = words.flatMap((word) => splitFlag(word))
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help') return { names, repeat, json, isHelp: true }
    if (word === '--repeat') repeat = countOf(rest.shift(), problems)
    else if (word === '--json') json = fileOf(rest.shift(), problems)
    else if (isBench(word)) names.push(word)
    else {
      const expected = word.startsWith('-') ? '--repeat, --json or --help' : benchNames.join(', ')
      problems.push(`${word}: expected ${expected}`)
    }
  }
  if (problems.length > 0) throw new InputError(problems)
  return { names, repeat, json, isHelp: false }
}

/** `--name=value` is the same as `--name value`. */
function splitFlag(word: string): readonly string[] {
  const match = /^(--[a-z]+)=(.*)$/s.exec(word)
  return match === null ? [word] : [match[1] ?? '', match[2] ?? '']
}

function isBench(word: string): word is BenchName {
  return benchNames.some((name) => name === word)
}

function countOf(text: string | undefined, problems: string[]): number {
  const count = Number(text)
  if (text !== undefined && /^\d{1,3}$/.test(text) && count >= 1 && count <= REPEAT_MAX)
    return count
  problems.push(
    `--repeat: expected a whole number from 1 to ${REPEAT_MAX}, got ${text ?? 'nothing'}`,
  )
  return 1
}

function fileOf(text: string | undefined, problems: string[]): string | null {
  if (text !== undefined && (text === '-' || !text.startsWith('--')) && text !== '') return text
  problems.push(`--json: expected the name of a file, or -, got ${text ?? 'nothing'}`)
  return null
}
