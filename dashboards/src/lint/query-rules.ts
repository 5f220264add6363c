import { exportedSeries } from '../catalogues.ts'
import { analysePromql, type Selector } from '../promql/analyse.ts'
import { scrapeLabelsOf } from '../scrape-labels.ts'
import { givenSeries } from '../rules/load-rules.ts'
import { levelLabels, levelOf } from '../rules/recording-rule.ts'
import { recordingGroups } from '../rules/recording-rules.ts'
import type { LintedQuery } from './linted.ts'

const recordedNames: ReadonlySet<string> = new Set([
  ...recordingGroups().flatMap(({ rules }) => rules.map(({ record }) => record)),
  ...Object.values(givenSeries).map(({ record }) => record),
])
const counterFunctions = new Set(['rate', 'irate', 'increase'])

/** dashboard-linter: target-promql-rule. */
export function syntaxProblems(queries: readonly LintedQuery[]): readonly string[] {
  return queries.flatMap(({ where, expression }) => {
    if (expression === '') return [`${where}: no expression`]
    return analysePromql(expression).errors.map((text) => `${where}: not PromQL near "${text}"`)
  })
}

/** Every series that is read exists in a catalogue or is recorded by a rule; `up` is Prometheus' own. */
export function unknownSeriesProblems(queries: readonly LintedQuery[]): readonly string[] {
  return overSelectors(queries, ({ metric }) =>
    metric === 'up' || exportedSeries.has(metric) || recordedNames.has(metric)
      ? null
      : `no such series: ${metric}`,
  )
}

/** Matchers name labels that the series has, and values that it can have. */
export function unknownLabelProblems(queries: readonly LintedQuery[]): readonly string[] {
  return overSelectors(queries, ({ metric, matchers }) => {
    const labels = exportedSeries.get(metric)?.labels ?? {}
    if (!exportedSeries.has(metric)) return null
    const wrong = matchers.filter(({ label, operator, value }) => {
      if (value.startsWith('$')) return false
      return operator !== '=' || labels[label]?.includes(value) !== true
    })
    return wrong.length === 0
      ? null
      : `${metric} has no ${wrong.map(({ label, value }) => `${label}="${value}"`).join(', ')}`
  })
}

/** dashboard-linter: target-job-rule, target-instance-rule. Each series is narrowed by every label that its level has. */
export function selectorProblems(queries: readonly LintedQuery[]): readonly string[] {
  return overSelectors(queries, ({ metric, matchers }) => {
    const missing = labelsOf(metric).filter(
      (label) =>
        !matchers.some((matcher) => matcher.label === label && matcher.value === `$${label}`),
    )
    return missing.length === 0 ? null : `${metric} is not narrowed by ${missing.join(', ')}`
  })
}

/** dashboard-linter: target-rate-interval-rule. A fixed range shows nothing, or noise, at another zoom. */
export function rateIntervalProblems(queries: readonly LintedQuery[]): readonly string[] {
  return overSelectors(queries, ({ metric, range }) =>
    range === null || range === '$__rate_interval'
      ? null
      : `${metric}[${range}] instead of [$__rate_interval]`,
  )
}

/** dashboard-linter: target-counter-agg-rule. A counter is read through its rate, a gauge never. */
export function kindProblems(queries: readonly LintedQuery[]): readonly string[] {
  return overSelectors(queries, ({ metric, function: name }) => {
    const definition = exportedSeries.get(metric)
    if (definition === undefined) return null
    const counts = definition.kind !== 'gauge'
    // A running total that is itself an amount may be read as it is.
    if (counts && metric.endsWith('_amount_total')) return null
    const isRate = counterFunctions.has(name ?? '')
    if (counts === isRate) return null
    return counts
      ? `${metric} is a counter and needs a rate`
      : `${metric} is a gauge and has no rate`
  })
}

function labelsOf(metric: string): readonly string[] {
  const level = levelOf(metric)
  if (level !== undefined) return levelLabels[level]
  return scrapeLabelsOf(exportedSeries.get(metric)?.name ?? metric)
}

function overSelectors(
  queries: readonly LintedQuery[],
  problemOf: (selector: Selector) => string | null,
): readonly string[] {
  return queries.flatMap(({ where, expression }) =>
    analysePromql(expression).selectors.flatMap((selector) => {
      const problem = problemOf(selector)
      return problem === null ? [] : [`${where}: ${problem}`]
    }),
  )
}
