import { z } from 'zod'
import { studentQuantile } from '../analysis/distributions.ts'
import { meanOf, varianceOf } from '../analysis/moments.ts'
import { estimateOf } from '../analysis/batch-means.ts'
import type { LoadResult } from '../result.ts'
import type { Estimate } from '../result/shapes.ts'

/** Version of what `report diff --json` writes. */
const COMPARISON_FORMAT = 1

const side = z.strictObject({
  value: z.number(),
  runs: z.int().min(1),
  uncertainty: z
    .number()
    .min(0)
    .nullable()
    .describe('Standard error of the value; null for a single figure that nothing stands behind.'),
})

const Metric = z.strictObject({
  name: z.enum(['committedPerSecond', 'p50Ms', 'p99Ms', 'kneePerSecond', 'perCoreSecondUsed']),
  before: side,
  after: side,
  effect: z
    .strictObject({ value: z.number(), low: z.number(), high: z.number(), confidence: z.number() })
    .describe('Change of the second side against the first, as a part of the first.'),
  outcome: z.enum(['better', 'worse', 'same', 'cannotTell']),
  text: z.string(),
})

/** Two sides of runs side by side. */
export const Comparison = z.strictObject({
  format: z.literal(COMPARISON_FORMAT),
  method: z.string(),
  tolerance: z.number().describe('A change smaller than this part does not matter.'),
  before: z.array(z.string()),
  after: z.array(z.string()),
  metrics: z.array(Metric),
  warnings: z.array(z.string()).describe('Why the sides may not be comparable.'),
  outcome: z.enum(['better', 'worse', 'same', 'cannotTell']),
})
export type Comparison = z.infer<typeof Comparison>
type ComparedMetric = Comparison['metrics'][number]

/** A result with the name it goes by. */
export interface NamedResult {
  readonly name: string
  readonly result: LoadResult
}

const CONFIDENCE = 0.95
/** A change below this does not matter, however sure it is. */
const TOLERANCE = 0.02
const METHOD =
  'Welch’s t interval of the difference; runs are the sample where a side has two or more, batch means of its run otherwise'

/**
 * Compares two sides of one or more runs each. A metric is worse when its whole interval lies on the bad side of the
 * tolerance, the same when it lies within, and cannot be told when it reaches over an edge. The sides are as bad as their
 * worst metric.
 *
 * B. L. Welch, "The generalization of Student's problem when several different population variances are involved",
 * Biometrika 34, 1947; S. Kounev, K.-D. Lange, J. von Kistowski, "Systems Benchmarking", 2020, chapter 5.
 */
export function compare(
  before: readonly NamedResult[],
  after: readonly NamedResult[],
  tolerance = TOLERANCE,
): Comparison {
  const metrics = METRICS.flatMap((metric) => comparedMetric(metric, before, after, tolerance))
  return {
    format: COMPARISON_FORMAT,
    method: METHOD,
    tolerance,
    before: before.map(({ name }) => name),
    after: after.map(({ name }) => name),
    metrics,
    warnings: warningsOf(before, after),
    outcome: overall(metrics),
  }
}

interface MetricDefinition {
  readonly name: ComparedMetric['name']
  readonly isMoreBetter: boolean
  /** Null: this result does not have it. */
  readonly of: (result: LoadResult) => Estimate | number | null
}

const METRICS: readonly MetricDefinition[] = [
  {
    name: 'committedPerSecond',
    isMoreBetter: true,
    of: (result) => {
      const { batches } = result.steadyState
      const estimate =
        batches === null ? null : estimateOf(batches.committedPerSecond, result.committedPerSecond)
      return estimate ?? result.committedPerSecond
    },
  },
  {
    name: 'p50Ms',
    isMoreBetter: false,
    of: (result) => result.steadyState.p50Ms ?? result.latency.summary?.p50Ms ?? null,
  },
  {
    name: 'p99Ms',
    isMoreBetter: false,
    of: (result) => result.steadyState.p99Ms ?? result.latency.summary?.p99Ms ?? null,
  },
  { name: 'kneePerSecond', isMoreBetter: true, of: (result) => result.search?.knee ?? null },
  {
    name: 'perCoreSecondUsed',
    isMoreBetter: true,
    of: (result) => result.counting.perCoreSecondUsed,
  },
]

/** A sample of one metric: what it says, how sure, and how much that rests on. */
interface Side {
  readonly value: number
  readonly variance: number
  readonly degrees: number
  readonly runs: number
}

function comparedMetric(
  metric: MetricDefinition,
  before: readonly NamedResult[],
  after: readonly NamedResult[],
  tolerance: number,
): readonly ComparedMetric[] {
  const [a, b] = [sideOf(metric, before), sideOf(metric, after)]
  if (a === null || b === null || a.value === 0) return []
  const interval = differenceOf(a, b)
  const scale = Math.abs(a.value)
  const effect = {
    value: (b.value - a.value) / scale,
    low: (b.value - a.value - interval) / scale,
    high: (b.value - a.value + interval) / scale,
    confidence: CONFIDENCE,
  }
  const outcome = outcomeOf(effect, metric.isMoreBetter, tolerance)
  return [
    {
      name: metric.name,
      before: { value: a.value, runs: a.runs, uncertainty: uncertaintyOf(a) },
      after: { value: b.value, runs: b.runs, uncertainty: uncertaintyOf(b) },
      // JSON has no infinity: what nothing bounds is told as a change by everything there is.
      effect: { ...effect, low: bounded(effect.low), high: bounded(effect.high) },
      outcome,
      text: `${signed(effect.value)} (${signed(bounded(effect.low))} to ${signed(bounded(effect.high))})`,
    },
  ]
}

/** Several runs: their spread. One run: the spread of its batches; a bare figure is as unsure as can be. */
function sideOf(metric: MetricDefinition, results: readonly NamedResult[]): Side | null {
  const found = results.map(({ result }) => metric.of(result)).filter((each) => each !== null)
  if (found.length === 0) return null
  const values = found.map((each) => (typeof each === 'number' ? each : each.value))
  const [only] = found
  if (found.length === 1 && only !== undefined) {
    if (typeof only === 'number')
      return { value: only, variance: Number.POSITIVE_INFINITY, degrees: 1, runs: 1 }
    // At least ten batches stand behind an interval.
    const degrees = 9
    const half = (only.high - only.low) / 2
    return {
      value: only.value,
      variance: (half / studentQuantile(CONFIDENCE, degrees)) ** 2,
      degrees,
      runs: 1,
    }
  }
  return {
    value: meanOf(values),
    variance: varianceOf(values) / values.length,
    degrees: values.length - 1,
    runs: values.length,
  }
}

function uncertaintyOf({ variance }: Side): number | null {
  return Number.isFinite(variance) ? Math.sqrt(variance) : null
}

/** Half of the interval of the difference, by Welch and Satterthwaite. */
function differenceOf(a: Side, b: Side): number {
  const variance = a.variance + b.variance
  if (variance === 0) return 0
  if (!Number.isFinite(variance)) return Number.POSITIVE_INFINITY
  const degrees = variance ** 2 / (a.variance ** 2 / a.degrees + b.variance ** 2 / b.degrees)
  return studentQuantile(CONFIDENCE, Math.max(1, Math.floor(degrees))) * Math.sqrt(variance)
}

function outcomeOf(
  { low, high }: { readonly low: number; readonly high: number },
  isMoreBetter: boolean,
  tolerance: number,
): ComparedMetric['outcome'] {
  if (low >= -tolerance && high <= tolerance) return 'same'
  if (low > 0 && high > tolerance) return isMoreBetter ? 'better' : 'worse'
  if (high < 0 && low < -tolerance) return isMoreBetter ? 'worse' : 'better'
  return 'cannotTell'
}

function overall(metrics: readonly ComparedMetric[]): Comparison['outcome'] {
  const outcomes = new Set(metrics.map(({ outcome }) => outcome))
  if (outcomes.has('worse')) return 'worse'
  if (outcomes.size === 0 || outcomes.has('cannotTell')) return 'cannotTell'
  return outcomes.has('better') ? 'better' : 'same'
}

function warningsOf(before: readonly NamedResult[], after: readonly NamedResult[]): string[] {
  const all = [...before, ...after]
  const warnings = all
    .filter(({ result }) => result.verdict.kind !== 'passed')
    .map(({ name, result }) => `${name}: its verdict is ${result.verdict.kind}`)
  const differing = (what: string, of: (result: LoadResult) => unknown): void => {
    const values = new Set(all.map(({ result }) => JSON.stringify(of(result))))
    if (values.size > 1) warnings.push(`The runs differ in ${what}`)
  }
  differing('size', ({ configuration }) => [configuration.shards, configuration.validatorsPerShard])
  differing('workload', ({ configuration: { workload } }) => ({ ...workload, seed: 0 }))
  differing('arrivals', ({ configuration }) => configuration.arrivals)
  differing('machine', ({ configuration }) => factOf(configuration.facts, 'processor'))
  return warnings
}

function factOf(facts: LoadResult['configuration']['facts'], name: string): string | null {
  return facts.find((fact) => fact.name === name)?.value ?? null
}

const EFFECT_MAX = 1e6

function bounded(share: number): number {
  return Math.max(-EFFECT_MAX, Math.min(EFFECT_MAX, share))
}

function signed(share: number): string {
  if (Math.abs(share) >= EFFECT_MAX) return share > 0 ? 'anything above' : 'anything below'
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`
}
