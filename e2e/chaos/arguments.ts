import { parseArgs } from 'node:util'
import { durationMs, FaultPlan } from '@shardnet/operator/api'

/** What a run is told. */
export interface ChaosArguments {
  readonly seed: number
  readonly lengthMs: number
  /** Where the result goes as JSON; `-` is standard output. */
  readonly json: string | null
  /** Transactions per second. */
  readonly rate: number
}

/** Problems of a command line, all at once. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

export const USAGE = `usage: npm run chaos -- [--seed N] [--for TIME] [--rate N] [--json FILE]

Runs 2 shards of 4 validators under load while a seeded schedule kills, pauses, cuts off and slows them, damages their logs and
fails their disks; then holds the client's ledger against the files.

  --seed N     seed of schedule and load (default: drawn, and printed)
  --for TIME   how long at least, such as 3m (default); below 3m it is the short form, which does not count as a run
  --rate N     transactions per second over all shards, 1 to 2000 (default: 120)
  --json FILE  also write the result to FILE; - is standard output

Exit code 0: clean. 1: a violation; its folder is kept. 2: bad input. 3: the run does not count, or could not run.
`

const SEED_MAX = 2 ** 31 - 1
const LENGTH_MS_MAX = 86_400_000

/**
 * Reads the command line; null when it only asks for help.
 * @throws {ArgumentError} with every problem.
 */
export function chaosArguments(words: readonly string[]): ChaosArguments | null {
  const problems: string[] = []
  const values = valuesOf(words, problems)
  if (values['help'] === true) return null
  const seed = wholeOf('--seed', values['seed'], 0, SEED_MAX, problems)
  const rate = wholeOf('--rate', values['rate'], 1, 2_000, problems)
  const lengthMs = lengthOf(values['for'], problems)
  const { json } = values
  if (problems.length > 0) throw new ArgumentError(problems)
  return {
    seed: seed ?? Math.floor(Math.random() * SEED_MAX),
    lengthMs: lengthMs ?? 180_000,
    json: typeof json === 'string' ? json : null,
    rate: rate ?? 120,
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>

function valuesOf(words: readonly string[], problems: string[]): Values {
  const names = ['seed', 'for', 'rate', 'json'] as const
  const { values, tokens } = parseArgs({
    args: [...words],
    strict: false,
    tokens: true,
    options: {
      seed: { type: 'string' },
      for: { type: 'string' },
      rate: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`expected flags only, got ${token.value}`)
    if (token.kind !== 'option' || token.name === 'help') continue
    if (!names.some((name) => name === token.name))
      problems.push(
        `${token.rawName}: expected one of --${names.join(', --')}, got an unknown flag`,
      )
    else if (token.value === undefined)
      problems.push(`${token.rawName}: expected a value, got nothing`)
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? true : value]),
  )
}

function wholeOf(
  flag: string,
  value: string | boolean | undefined,
  ...[min, max, problems]: [number, number, string[]]
): number | null {
  if (typeof value !== 'string') return null
  const number = Number(value)
  if (/^[0-9]{1,10}$/.test(value) && number >= min && number <= max) return number
  problems.push(
    `${flag}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`,
  )
  return null
}

/** The same lengths of time as everywhere: `90s`, `3m`. */
function lengthOf(value: string | boolean | undefined, problems: string[]): number | null {
  if (typeof value !== 'string') return null
  const isLength = FaultPlan.safeParse({ action: 'kill', for: value }).success
  if (isLength && durationMs(value) <= LENGTH_MS_MAX) return durationMs(value)
  problems.push(
    `--for: expected a length of time up to 24h, such as 3m, got ${JSON.stringify(value)}`,
  )
  return null
}
