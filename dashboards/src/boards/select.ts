import type { MetricDefinition } from '@shardnet/node/metrics'
import { seriesNamesOf } from '../catalogues.ts'
import { scrapeLabelsOf } from '../scrape-labels.ts'
import { levelLabels, levelOf, type RecordingRule } from '../rules/recording-rule.ts'

type Part = 'value' | 'bucket' | 'sum' | 'count'

/** A recorded series narrowed by the board's variables and by further matchers. */
export function from(
  { record }: Pick<RecordingRule, 'record'>,
  ...matchers: readonly string[]
): string {
  const level = levelOf(record) ?? 'testnet'
  return selector(record, levelLabels[level], matchers)
}

/** An exported series, likewise. */
export function raw(metric: MetricDefinition, ...matchers: readonly string[]): string {
  return rawPart(metric, 'value', ...matchers)
}

/** The total or the number of a histogram's observations. */
export function rawPart(
  metric: MetricDefinition,
  part: Part,
  ...matchers: readonly string[]
): string {
  const names = seriesNamesOf(metric)
  const name = part === 'value' ? (names[0] ?? metric.name) : `${metric.name}_${part}`
  return selector(name, scrapeLabelsOf(metric.name), matchers)
}

/** Per second, over a time that fits the zoom of the board. */
export const rate = (series: string): string => `rate(${series}[$__rate_interval])`

function selector(name: string, labels: readonly string[], matchers: readonly string[]): string {
  const variables = labels.map((label) => `${label}=~"$${label}"`)
  return `${name}{${[...variables, ...matchers].join(', ')}}`
}
