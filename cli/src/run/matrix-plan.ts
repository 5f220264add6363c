import { checkDocument, durationMs, hasProblems, type LoadTest } from '@shardnet/operator/api'
import { InputError } from '../input-error.ts'

/** Shares of the internal testnet of 2018, from no transfer between shards to nearly all. */
export const HISTORICAL_SHARES: readonly string[] = ['0%', '30%', '60%', '90%']

/** One run of a matrix. */
export interface PlannedCell {
  readonly crossShard: string
  readonly hasFaults: boolean
  /** Name of the folder for its result. */
  readonly folder: string
  readonly loadTest: LoadTest
}

/**
 * The runs of a matrix: every share without faults, then every share with them. The faults are those of the document, or f
 * validators of each shard killed, and later slow, for parts of the schedule. Pure.
 * @throws {InputError} with every share that is none, or when the profile makes no transfers.
 */
export function planMatrix(base: LoadTest, shares: readonly string[]): readonly PlannedCell[] {
  const problems: string[] = []
  if (shares.length === 0) problems.push('--shares: expected at least one share, got none')
  const repeated = shares.filter((share, index) => shares.indexOf(share) !== index)
  if (repeated.length > 0)
    problems.push(`--shares: expected each share once, got ${repeated.join(', ')} again`)
  const loadTests = shares.map((crossShard) => withShare(base, crossShard, problems))
  if (problems.length > 0) throw new InputError(problems)
  const faults = base.spec.faults.length > 0 ? base.spec.faults : historicalFaults(base)
  return [false, true].flatMap((hasFaults) =>
    loadTests.map((loadTest, index): PlannedCell => {
      const crossShard = shares[index] ?? ''
      const folder = `cross-${crossShard.replace('%', '')}${hasFaults ? '-faults' : ''}`
      const spec = { ...loadTest.spec, faults: hasFaults ? [...faults] : [] }
      return { crossShard, hasFaults, folder, loadTest: { ...loadTest, spec } }
    }),
  )
}

function withShare(base: LoadTest, crossShard: string, problems: string[]): LoadTest {
  const workload = { ...base.spec.workload, crossShard }
  const checked = checkDocument({ ...base, spec: { ...base.spec, workload } })
  if (!hasProblems(checked) && checked.kind === 'LoadTest') return checked
  if (hasProblems(checked))
    for (const { expected, got } of checked)
      problems.push(`--shares: expected ${expected}, got ${got}`)
  return base
}

const KILL_AT = 0.3
const SLOW_FROM = 0.55
const SLOW_FOR = 0.2
/** A trace has no schedule to take parts of: faults come early. */
const TRACE_MS = 30_000

function historicalFaults({ spec }: LoadTest): LoadTest['spec']['faults'] {
  const { schedule } = spec.arrivals
  const totalMs =
    schedule.length === 0
      ? TRACE_MS
      : schedule.reduce((total, phase) => total + durationMs(phase.for), 0)
  const at = (share: number): string => `${Math.max(1, Math.round(totalMs * share))}ms`
  const selector = { role: 'FaultyMinority' } as const
  return [
    { action: 'kill', selector, at: at(KILL_AT) },
    { action: 'delay', selector, latency: '100ms', at: at(SLOW_FROM), for: at(SLOW_FOR) },
  ]
}
