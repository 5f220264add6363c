import type { Criteria } from './criteria.ts'
import { durationText } from './duration.ts'
import type { LoadResult, SafetyCheck } from './result.ts'
import type { ResultMark } from './result/series-shape.ts'
import type { CriterionOutcome, Verdict } from './result/verdict-shape.ts'

/** Least part of the knee that still commits while ten times as much is offered. */
const OVERLOAD_SHARE_MIN = 0.8
/** Least part of what is offered that commits again after an overload. */
const AFTER_SHARE_MIN = 0.95

/** What a verdict is made of: measured figures only, so that a stored result can be judged again. */
export interface Evidence {
  readonly criteria: Criteria
  readonly safety: SafetyCheck
  readonly committedPerSecond: number
  readonly p99Ms: number | null
  readonly lost: number
  readonly shards: LoadResult['shards']
  readonly generatorReasons: readonly string[]
  readonly clockJumps: LoadResult['generator']['clockJumps']
  readonly steadyState: Pick<LoadResult['steadyState'], 'kind' | 'reasons' | 'isDisturbed'>
  readonly search: Pick<
    NonNullable<LoadResult['search']>,
    'limit' | 'endedBecause' | 'overload'
  > | null
  readonly budgetEndedTheRun: boolean
  readonly interrupted: boolean
}

/**
 * Judges a run. A safety finding, a lost transaction or a shard without progress fails it whoever was slow. Rate and
 * latency are judged only where they are figures of the testnet: the generator held its schedule, no clock jumped, and
 * the run was steady or disturbed by a fault that it was meant to stand. Otherwise the verdict says which of these it was.
 */
export function judge(evidence: Evidence): Verdict {
  const always = [safetyOutcome(evidence.safety), lostOutcome(evidence), progressOutcome(evidence)]
  const performance = performanceOutcomes(evidence)
  const needsFigures = performance.length > 0 || evidence.criteria.steady
  const conditions = evidence.criteria.steady ? conditionOutcomes(evidence) : []
  const criteria = [...always, ...performance, ...conditions]
  const verdict = (kind: Verdict['kind'], reasons: readonly string[]): Verdict => ({
    kind,
    reasons: [...reasons],
    criteria,
  })
  const doubts = doubtsOf(evidence)
  const notes = doubts.flatMap((doubt) => doubt.reasons)
  const broken = always.filter((criterion) => criterion.outcome === 'missed')
  if (broken.length > 0) return verdict('failed', [...broken.map(inWords), ...notes])
  const end = endOf(evidence)
  if (end !== null) return verdict('aborted', [end, ...notes])
  const doubt = doubts.find((each) => each.kind !== null)
  if (needsFigures && doubt?.kind !== null && doubt !== undefined) return verdict(doubt.kind, notes)
  const missed = performance.filter((criterion) => criterion.outcome === 'missed')
  if (missed.length > 0) return verdict('failed', [...missed.map(inWords), ...notes])
  const unknown = performance.filter((criterion) => criterion.outcome === 'unknown')
  if (unknown.length > 0) return verdict('undecided', [...unknown.map(inWords), ...notes])
  if (evidence.criteria.steady && evidence.steadyState.kind === 'unknown' && !evidence.search)
    return verdict('undecided', evidence.steadyState.reasons)
  const unchecked = evidence.safety.kind === 'notChecked' ? ['Safety was not checked'] : []
  return verdict('passed', [...unchecked, ...notes])
}

/** The result with the safety check's answer, judged anew. */
export function withSafety(result: LoadResult, safety: SafetyCheck): LoadResult {
  return judgedAgain({ ...result, safety })
}

/** The result with what happened during the run; a fault in the window is judged with it, steady or not. */
export function withMarks(result: LoadResult, marks: readonly ResultMark[]): LoadResult {
  const { fromMs, toMs } = result.window
  const all = [...result.marks, ...marks]
  const isDisturbed = all.some(({ kind, atMs, untilMs }) => {
    return (kind === 'fault' || kind === 'restart') && atMs <= toMs && (untilMs ?? atMs) >= fromMs
  })
  return judgedAgain({ ...result, marks: all, steadyState: { ...result.steadyState, isDisturbed } })
}

/** The result with the verdict that its figures deserve. */
export function judgedAgain(result: LoadResult): LoadResult {
  return { ...result, verdict: judge(evidenceOf(result)) }
}

/** Exit code of the process for a verdict: 0 passed, 1 failed, 3 no figure of the testnet (the platform could not tell). */
export function exitCodeOf(verdict: Verdict): 0 | 1 | 3 {
  switch (verdict.kind) {
    case 'passed':
      return 0
    case 'failed':
      return 1
    case 'notSteady':
    case 'generatorLimited':
    case 'clockJumped':
    case 'aborted':
    case 'undecided':
      return 3
  }
}

function evidenceOf(result: LoadResult): Evidence {
  return {
    criteria: result.configuration.criteria,
    safety: result.safety,
    committedPerSecond: result.committedPerSecond,
    p99Ms: result.latency.summary?.p99Ms ?? null,
    lost: result.counts.lost,
    shards: result.shards,
    generatorReasons: result.generator.reasons,
    clockJumps: result.generator.clockJumps,
    steadyState: result.steadyState,
    search: result.search,
    budgetEndedTheRun: result.cost?.budget?.endedTheRun ?? false,
    interrupted: result.interrupted,
  }
}

interface Doubt {
  /** Null: worth telling, and no reason to withhold a verdict. */
  readonly kind: 'clockJumped' | 'generatorLimited' | 'notSteady' | null
  readonly reasons: readonly string[]
}

/** Why rate and latency would not be figures of the testnet, the gravest first. */
function doubtsOf(evidence: Evidence): readonly Doubt[] {
  const { clockJumps, generatorReasons, steadyState, search } = evidence
  const doubts: Doubt[] = []
  if (clockJumps.length > 0) {
    const reasons = clockJumps.map(
      ({ atMs, byMs }) =>
        `The clock jumped by ${(byMs / 1_000).toFixed(1)} s at ${(atMs / 1_000).toFixed(1)} s: the machine slept, or its clock was set`,
    )
    doubts.push({ kind: 'clockJumped', reasons })
  }
  const limits = generatorReasons.map((reason) => `The generator was the limit: ${reason}`)
  if (search?.limit === 'generator') limits.push(search.endedBecause)
  if (limits.length > 0) doubts.push({ kind: 'generatorLimited', reasons: limits })
  if (steadyState.kind === 'notSteady' && search === null) {
    const word = steadyState.isDisturbed ? 'Not steady, with a fault in the window' : 'Not steady'
    const reasons = steadyState.reasons.map((reason) => `${word}: ${reason}`)
    doubts.push({ kind: steadyState.isDisturbed ? null : 'notSteady', reasons })
  }
  return doubts
}

function endOf({ budgetEndedTheRun, interrupted }: Evidence): string | null {
  if (budgetEndedTheRun) return 'The budget was used up before the schedule ended'
  return interrupted ? 'The run was interrupted before its schedule ended' : null
}

function inWords(criterion: CriterionOutcome): string {
  return `${criterion.name}: expected ${criterion.expected}, measured ${criterion.measured}`
}

function safetyOutcome(safety: SafetyCheck): CriterionOutcome {
  const outcome = { passed: 'met', failed: 'missed', notChecked: 'unknown' } as const
  const measured = {
    passed: 'no findings',
    failed: `${safety.findings.length} findings`,
    notChecked: 'not checked',
  }
  return {
    name: 'safety',
    expected: 'no findings',
    measured: measured[safety.kind],
    outcome: outcome[safety.kind],
  }
}

function lostOutcome({ lost, criteria }: Evidence): CriterionOutcome {
  const outcome = lost <= criteria.lostMax ? 'met' : 'missed'
  return { name: 'lost', expected: `at most ${criteria.lostMax}`, measured: String(lost), outcome }
}

function progressOutcome({ shards }: Evidence): CriterionOutcome {
  const stuck = shards.filter(
    (shard) => shard.heightLast <= shard.heightFirst || (shard.sent > 0 && shard.committed === 0),
  )
  const measured =
    stuck.length === 0
      ? 'every shard committed'
      : `no progress in shard ${stuck.map((shard) => shard.shard).join(', ')}`
  const isMet = stuck.length === 0 && shards.length > 0
  return {
    name: 'progress',
    expected: 'every shard commits',
    measured,
    outcome: isMet ? 'met' : 'missed',
  }
}

function performanceOutcomes(evidence: Evidence): CriterionOutcome[] {
  const { criteria, committedPerSecond, p99Ms, search } = evidence
  const outcomes: CriterionOutcome[] = []
  if (criteria.committedPerSecondMin !== null) {
    outcomes.push({
      name: 'committedPerSecond',
      expected: `at least ${criteria.committedPerSecondMin}/s`,
      measured: `${committedPerSecond.toFixed(1)}/s`,
      outcome: committedPerSecond >= criteria.committedPerSecondMin ? 'met' : 'missed',
    })
  }
  if (criteria.p99MaxMs !== null) {
    outcomes.push({
      name: 'p99',
      expected: `at most ${durationText(criteria.p99MaxMs)}`,
      measured: p99Ms === null ? 'nothing committed' : `${Math.round(p99Ms)}ms`,
      outcome: p99Ms === null ? 'unknown' : p99Ms <= criteria.p99MaxMs ? 'met' : 'missed',
    })
  }
  const overload = search?.overload ?? null
  return overload === null ? outcomes : [...outcomes, ...overloadOutcomes(overload)]
}

type OverloadFigures = Pick<
  NonNullable<NonNullable<LoadResult['search']>['overload']>,
  'goodputDuringShare' | 'goodputAfterShare'
>

function overloadOutcomes(overload: OverloadFigures): CriterionOutcome[] {
  const share = (value: number): string => `${(100 * value).toFixed(1)} %`
  const outcome = (isMet: boolean) => (isMet ? 'met' : 'missed')
  return [
    {
      name: 'goodputOverload',
      expected: `at least ${share(OVERLOAD_SHARE_MIN)} of the knee`,
      measured: share(overload.goodputDuringShare),
      outcome: outcome(overload.goodputDuringShare >= OVERLOAD_SHARE_MIN),
    },
    {
      name: 'goodputAfter',
      expected: `at least ${share(AFTER_SHARE_MIN)} of what is offered`,
      measured: share(overload.goodputAfterShare),
      outcome: outcome(overload.goodputAfterShare >= AFTER_SHARE_MIN),
    },
  ]
}

/** Whether the figures are the testnet's, as rows of the table that people read. */
function conditionOutcomes({ generatorReasons, steadyState }: Evidence): CriterionOutcome[] {
  const words = {
    steady: ['steady', 'met'],
    notSteady: [steadyState.reasons.join('; '), 'missed'],
    unknown: [steadyState.reasons.join('; '), 'unknown'],
  } as const
  const [measured, outcome] = words[steadyState.kind]
  const held = generatorReasons.length === 0
  return [
    {
      name: 'generator',
      expected: 'holds the schedule',
      measured: held ? 'held it' : generatorReasons.join('; '),
      outcome: held ? 'met' : 'missed',
    },
    { name: 'steady', expected: 'rate and backlog are steady', measured, outcome },
  ]
}
