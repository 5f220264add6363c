import type { Criteria } from './criteria.ts'
import { durationText } from './duration.ts'
import type { CriterionOutcome, LoadResult, SafetyCheck, Verdict } from './result.ts'

/** What a verdict is made of: measured figures only, so that a stored result can be judged again. */
export interface Evidence {
  readonly criteria: Criteria
  readonly safety: SafetyCheck
  readonly committedPerSecond: number
  readonly p99Ms: number | null
  readonly lost: number
  readonly shards: LoadResult['shards']
  readonly generatorReasons: readonly string[]
  readonly interrupted: boolean
}

/**
 * Judges a run. A safety finding, a lost transaction or a shard without progress fails it whoever was slow. Rate and
 * latency are judged only where the generator held its schedule: otherwise there is no verdict, and it says why.
 */
export function judge(evidence: Evidence): Verdict {
  const always = [safetyOutcome(evidence.safety), lostOutcome(evidence), progressOutcome(evidence)]
  const performance = performanceOutcomes(evidence)
  const criteria = [...always, ...performance]
  const wasLimit = evidence.generatorReasons.length > 0
  const missed = (wasLimit ? always : criteria).filter(
    (criterion) => criterion.outcome === 'missed',
  )
  const limits = evidence.generatorReasons.map((reason) => `The generator was the limit: ${reason}`)
  if (missed.length > 0)
    return { kind: 'failed', reasons: [...missed.map(inWords), ...limits], criteria }
  if (evidence.interrupted) {
    return {
      kind: 'none',
      reasons: ['The run was interrupted before its schedule ended', ...limits],
      criteria,
    }
  }
  if (wasLimit && performance.length > 0) return { kind: 'none', reasons: limits, criteria }
  const unknown = performance.filter((criterion) => criterion.outcome === 'unknown')
  if (unknown.length > 0) return { kind: 'none', reasons: unknown.map(inWords), criteria }
  const unchecked = evidence.safety.kind === 'notChecked' ? ['Safety was not checked'] : []
  return { kind: 'passed', reasons: [...unchecked, ...limits], criteria }
}

/** The result with the safety check's answer, judged anew. */
export function withSafety(result: LoadResult, safety: SafetyCheck): LoadResult {
  return { ...result, safety, verdict: judge(evidenceOf(result, safety)) }
}

/** Exit code of the process for a verdict: 0 passed, 1 failed, 3 no verdict (the platform could not tell). */
export function exitCodeOf(verdict: Verdict): 0 | 1 | 3 {
  switch (verdict.kind) {
    case 'passed':
      return 0
    case 'failed':
      return 1
    case 'none':
      return 3
  }
}

function evidenceOf(result: LoadResult, safety: SafetyCheck): Evidence {
  return {
    criteria: result.configuration.criteria,
    safety,
    committedPerSecond: result.committedPerSecond,
    p99Ms: result.latency.summary?.p99Ms ?? null,
    lost: result.counts.lost,
    shards: result.shards,
    generatorReasons: result.generator.reasons,
    interrupted: result.interrupted,
  }
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

function performanceOutcomes({
  criteria,
  committedPerSecond,
  p99Ms,
}: Evidence): CriterionOutcome[] {
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
  return outcomes
}
