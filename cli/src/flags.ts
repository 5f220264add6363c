import {
  checkDocument,
  defaultLoadTest,
  defaultTestnet,
  DocumentError,
  durationMs,
  hasProblems,
  type LoadTest,
  parseRunDocuments,
  problemText,
  type RunDocuments,
  type Testnet,
} from '@shardnet/operator/api'
import { InputError } from './input-error.ts'
import { impossibleIn, loadInputOf, type LoadPlace, placeOf } from './load-input.ts'
import { latencyLimitsOf } from './slo.ts'
import { readTyped } from './typed-file.ts'

/** What people type to change a document; text as it came. */
export interface DocumentFlags {
  readonly name?: string
  readonly shards?: string
  readonly validators?: string
  readonly duration?: string
  readonly rate?: string
  readonly crossShard?: string
  readonly seed?: string
  readonly profile?: string
  readonly trace?: string
  readonly slo?: string
}

/** The flag that sets a field; problems are told by what was typed. */
const flagOfPath: Readonly<Record<string, string>> = {
  'metadata.name': '--name',
  'spec.shards': '--shards',
  'spec.validatorsPerShard': '--validators',
  'spec.arrivals.schedule[0].for': '--duration',
  'spec.arrivals.schedule[0].rate': '--rate',
  'spec.workload.crossShard': '--cross-shard',
  'spec.workload.seed': '--seed',
  'spec.workload.profile': '--profile',
  'spec.workload.file': '--trace',
}

/**
 * The documents of a run: those of the file, or the default ones, with the flags on top.
 * @throws {InputError} with every problem of file and flags at once.
 */
export function readRun(
  file: string | undefined,
  flags: DocumentFlags,
  otherProblems: readonly string[] = [],
): RunDocuments {
  const problems = [...otherProblems]
  const base = readFileOrDefault(file, problems)
  const testnet = withTestnetFlags(base.testnet, flags, problems)
  const loadTest = withLoadFlags(base.loadTest, flags, problems)
  if (loadTest !== null) problems.push(...impossible(loadTest, testnet && placeOf(testnet)))
  if (problems.length > 0 || testnet === null || loadTest === null) throw new InputError(problems)
  return {
    testnet,
    loadTest: { ...loadTest, spec: { ...loadTest.spec, testnet: testnet.metadata.name } },
  }
}

/** @throws {InputError} with every problem of the flags. */
export function readLoad(base: LoadTest, flags: DocumentFlags): LoadTest {
  const problems: string[] = []
  const loadTest = withLoadFlags(base, flags, problems)
  if (problems.length > 0 || loadTest === null) throw new InputError(problems)
  return loadTest
}

function readFileOrDefault(file: string | undefined, problems: string[]): RunDocuments {
  const testnet = defaultTestnet()
  const byDefault = { testnet, loadTest: defaultLoadTest(testnet.metadata.name) }
  if (file === undefined) return byDefault
  try {
    return parseRunDocuments(readTyped(file), file)
  } catch (error) {
    if (error instanceof DocumentError) problems.push(...error.problems.map(problemText))
    else if (error instanceof InputError) problems.push(...error.lines)
    else throw error
    return byDefault
  }
}

function withTestnetFlags(base: Testnet, flags: DocumentFlags, problems: string[]): Testnet | null {
  const checked = checkedWith(
    {
      ...base,
      metadata: { ...base.metadata, name: flags.name ?? base.metadata.name },
      spec: {
        ...base.spec,
        shards: numberOr(flags.shards, base.spec.shards),
        validatorsPerShard: numberOr(flags.validators, base.spec.validatorsPerShard),
      },
    },
    problems,
  )
  return checked?.kind === 'Testnet' ? checked : null
}

function withLoadFlags(base: LoadTest, flags: DocumentFlags, problems: string[]): LoadTest | null {
  const workload = workloadWith(base.spec.workload, flags)
  const arrivals = arrivalsWith(base.spec.arrivals, flags, workload.profile === 'trace')
  const { p99MaxMs } = latencyLimitsOf(flags.slo, problems)
  const criteria =
    p99MaxMs === null ? base.spec.criteria : { ...base.spec.criteria, p99Max: `${p99MaxMs}ms` }
  const spec = { ...base.spec, workload, arrivals, criteria }
  const checked = checkedWith({ ...base, spec }, problems)
  return checked?.kind === 'LoadTest' ? checked : null
}

type WorkloadSpec = LoadTest['spec']['workload']
type ArrivalsSpec = LoadTest['spec']['arrivals']

/** Another profile than the document's begins with its own fields. */
function workloadWith(
  workload: WorkloadSpec,
  { profile, trace, crossShard, seed }: DocumentFlags,
): { readonly profile: string; readonly [field: string]: unknown } {
  const { fee, validityHeights } = workload
  const chosen = profile ?? (trace === undefined ? workload.profile : 'trace')
  const base = chosen === workload.profile ? workload : { profile: chosen, fee, validityHeights }
  return {
    ...base,
    ...(crossShard === undefined ? {} : { crossShard }),
    ...(trace === undefined ? {} : { file: trace }),
    seed: numberOr(seed, workload.seed),
  }
}

/** A trace brings its own times; without it the document's schedule, or the default one, holds. */
function arrivalsWith(arrivals: ArrivalsSpec, flags: DocumentFlags, isTrace: boolean): object {
  const isTyped = flags.rate !== undefined || flags.duration !== undefined
  if (isTrace) {
    const schedule = isTyped ? scheduleOf(DEFAULT_SCHEDULE, flags) : []
    return { mode: arrivals.mode, process: 'trace', schedule }
  }
  if (arrivals.process !== 'trace')
    return { ...arrivals, schedule: scheduleOf(arrivals.schedule, flags) }
  return { mode: arrivals.mode, schedule: scheduleOf(DEFAULT_SCHEDULE, flags) }
}

/** What cannot be made in that testnet, and problems of a trace, also where the testnet has problems of its own. */
function impossible(loadTest: LoadTest, place: LoadPlace | null): readonly string[] {
  try {
    const input = loadInputOf(loadTest)
    return place === null ? [] : impossibleIn(input, place)
  } catch (error) {
    if (error instanceof InputError) return error.lines
    throw error
  }
}

/** The schedule of a LoadTest that says none. */
const DEFAULT_SCHEDULE = defaultLoadTest('local').spec.arrivals.schedule

interface Step {
  readonly rate: number
  readonly for: string
}

/** A rate or duration that is typed makes one step of the whole schedule. */
function scheduleOf(
  schedule: readonly Step[],
  { rate, duration }: DocumentFlags,
): readonly unknown[] {
  if (rate === undefined && duration === undefined) return schedule
  const totalMs = schedule.reduce((total, step) => total + durationMs(step.for), 0)
  return [{ rate: numberOr(rate, schedule[0]?.rate ?? 0), for: duration ?? `${totalMs}ms` }]
}

function checkedWith(value: unknown, problems: string[]) {
  const found = checkDocument(value)
  if (!hasProblems(found)) return found
  for (const { path, expected, got } of found) {
    problems.push(`${flagOfPath[path] ?? path}: expected ${expected}, got ${got}`)
  }
  return null
}

/** A whole number as typed; anything else stays text, for the schema to say what it expected. */
function numberOr(text: string | undefined, otherwise: number): number | string {
  if (text === undefined) return otherwise
  return /^-?[0-9]{1,15}$/.test(text) ? Number(text) : text
}
