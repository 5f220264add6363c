import type { MetricDefinition } from '@shardnet/node/metrics'
import { load, operator } from './catalogues.ts'
import { levelLabels } from './rules/recording-rule.ts'

const namesOf = (catalogue: Readonly<Record<string, MetricDefinition>>): ReadonlySet<string> =>
  new Set(Object.values(catalogue).map(({ name }) => name))

const loadNames = namesOf(load)
const operatorNames = namesOf(operator)

/** Labels that a scrape gives to an exported metric: by these a board narrows it. */
export function scrapeLabelsOf(metric: string): readonly string[] {
  // The load generator belongs to a testnet and not to a shard, the operator to a cluster alone.
  if (loadNames.has(metric)) return ['cluster', 'testnet', 'job', 'instance']
  if (operatorNames.has(metric)) return ['cluster', 'job', 'instance']
  return levelLabels.instance
}
