import { InputError } from './input-error.ts'

/** What the program is asked to do. */
export type SimulatorTask =
  | { readonly kind: 'help' }
  | { readonly kind: 'seeds'; readonly count: number; readonly resume: string | null }
  | {
      readonly kind: 'seed'
      readonly seed: number
      readonly isTraced: boolean
      /** Troubles that the world is to be without. */
      readonly without: readonly string[]
    }
  | { readonly kind: 'twins'; readonly count: number; readonly resume: string | null }
  | { readonly kind: 'twin'; readonly index: number; readonly isTraced: boolean }
  /** Of the bank, those whose name has the text; all when it is empty. */
  | {
      readonly kind: 'mutants'
      readonly only: string
      readonly seedsMax: number
      readonly isQuick: boolean
    }
  | { readonly kind: 'bench' }

export interface SimulatorArguments {
  readonly task: SimulatorTask
  /** File, `-` for standard output, or null for none. */
  readonly json: string | null
}

const SEEDS_DEFAULT = 1_000
const SEED_MAX = 2 ** 40
/** Seeds within which a checker has to find a seeded bug. */
const MUTANT_SEEDS = 2_000

/** Text of `--help`. */
export const usage = `usage: npm run sim -- [--seeds N] [--seed N] [--twins N] [--twin N] [--trace] [--mutants] [--bench] [--resume FILE] [--json FILE]

Runs whole testnets in one process under a clock, a network and disks that a seed decides, and checks every promise.

  --seeds N       runs N seeds on all cores (default ${SEEDS_DEFAULT.toLocaleString('en')}); with --resume the next N
  --seed N        runs one seed
  --twins N       runs N Twins scenarios on all cores; with --resume the next N
  --twin N        runs one Twins scenario
  --trace         with --seed or --twin: prints everything that happens
  --without LIST  with --seed: leaves troubles out, as a shrunk failure says
  --mutants       breaks the code on purpose, line by line, and demands that each is caught
  --only TEXT     with --mutants: those whose name has the text
  --quick         with --mutants: leaves out those that take hundreds of seeds
  --within N      with --mutants: within N seeds (default ${MUTANT_SEEDS.toLocaleString('en')})
  --bench         measures worlds per hour, simulated time and Twins scenarios on this machine, two minutes
  --resume FILE   keeps a counter of what was clean with this source, and goes on behind it
  --json FILE     writes the totals as JSON; - is standard output
  --help          this text

Ends with 0 when everything was clean, 1 when a promise was broken, 2 when the input cannot be used, 130 when it was interrupted.
`

interface Typed {
  seeds: number | null
  seed: number | null
  twins: number | null
  twin: number | null
  isTraced: boolean
  without: readonly string[] | null
  only: string | null
  within: number | null
  isQuick: boolean
  isMutants: boolean
  isBench: boolean
  resume: string | null
  json: string | null
}

/** @throws InputError with every problem at once. */
export function parseArguments(words: readonly string[]): SimulatorArguments {
  if (words.includes('--help')) return { task: { kind: 'help' }, json: null }
  const problems: string[] = []
  const typed = readWords(words, problems)
  problems.push(...contradictionsOf(typed))
  if (problems.length > 0) throw new InputError(problems)
  return { task: taskOf(typed), json: typed.json }
}

function readWords(words: readonly string[], problems: string[]): Typed {
  const typed: Typed = {
    seeds: null,
    seed: null,
    twins: null,
    twin: null,
    isTraced: false,
    without: null,
    only: null,
    within: null,
    isQuick: false,
    isMutants: false,
    isBench: false,
    resume: null,
    json: null,
  }
  const rest = words.flatMap(splitFlag)
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--trace') typed.isTraced = true
    else if (word === '--mutants') typed.isMutants = true
    else if (word === '--quick') typed.isQuick = true
    else if (word === '--bench') typed.isBench = true
    else if (word === '--seeds') typed.seeds = numberOf(word, rest.shift(), 1, problems)
    else if (word === '--seed') typed.seed = numberOf(word, rest.shift(), 0, problems)
    else if (word === '--twins') typed.twins = numberOf(word, rest.shift(), 1, problems)
    else if (word === '--twin') typed.twin = numberOf(word, rest.shift(), 0, problems)
    else if (word === '--only') typed.only = textOf(word, rest.shift(), problems)
    else if (word === '--within') typed.within = numberOf(word, rest.shift(), 1, problems)
    else if (word === '--without') typed.without = textOf(word, rest.shift(), problems).split(',')
    else if (word === '--resume') typed.resume = textOf(word, rest.shift(), problems)
    else if (word === '--json') typed.json = textOf(word, rest.shift(), problems)
    else problems.push(`${word}: expected one of the options that --help lists`)
  }
  return typed
}

/** `--name=value` is the same as `--name value`. */
function splitFlag(word: string): readonly string[] {
  const match = /^(--[a-z]+)=(.*)$/s.exec(word)
  return match === null ? [word] : [match[1] ?? '', match[2] ?? '']
}

function numberOf(
  flag: string,
  text: string | undefined,
  minimum: number,
  problems: string[],
): number {
  const value = Number(text)
  if (text !== undefined && /^\d{1,13}$/.test(text) && value >= minimum && value <= SEED_MAX)
    return value
  problems.push(
    `${flag}: expected a whole number from ${minimum} to ${SEED_MAX}, got ${text ?? 'nothing'}`,
  )
  return minimum
}

function textOf(flag: string, text: string | undefined, problems: string[]): string {
  if (text !== undefined && text !== '' && (text === '-' || !text.startsWith('-'))) return text
  problems.push(`${flag}: expected a value, got ${text ?? 'nothing'}`)
  return ''
}

/** Options that ask for different things. */
function contradictionsOf(typed: Typed): string[] {
  const { seeds, seed, twins, twin } = typed
  const numbered = { '--seeds': seeds, '--seed': seed, '--twins': twins, '--twin': twin }
  const tasks = [
    ...Object.entries(numbered).flatMap(([flag, value]) => (value === null ? [] : [flag])),
    ...(typed.isMutants ? ['--mutants'] : []),
    ...(typed.isBench ? ['--bench'] : []),
  ]
  const problems: string[] = []
  if (tasks.length > 1) problems.push(`${tasks.join(', ')}: one of them at a time`)
  if (seed === null && twin === null && typed.isTraced)
    problems.push('--trace: needs --seed or --twin')
  if (seed === null && typed.without !== null) problems.push('--without: needs --seed')
  if (!typed.isMutants && typed.only !== null) problems.push('--only: needs --mutants')
  if (!typed.isMutants && typed.isQuick) problems.push('--quick: needs --mutants')
  if (!typed.isMutants && typed.within !== null) problems.push('--within: needs --mutants')
  const isCounting = seed === null && twin === null && !typed.isMutants && !typed.isBench
  if (typed.resume !== null && !isCounting) problems.push(`--resume: not with ${tasks.join(', ')}`)
  return problems
}

function taskOf(typed: Typed): SimulatorTask {
  const { seeds, seed, twins, twin, isTraced, without, resume } = typed
  if (seed !== null) return { kind: 'seed', seed, isTraced, without: without ?? [] }
  if (twin !== null) return { kind: 'twin', index: twin, isTraced }
  if (twins !== null) return { kind: 'twins', count: twins, resume }
  if (typed.isMutants)
    return {
      kind: 'mutants',
      only: typed.only ?? '',
      seedsMax: typed.within ?? MUTANT_SEEDS,
      isQuick: typed.isQuick,
    }
  if (typed.isBench) return { kind: 'bench' }
  return { kind: 'seeds', count: seeds ?? SEEDS_DEFAULT, resume }
}
