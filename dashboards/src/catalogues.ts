import { loadCatalogue } from '@shardnet/load-generator/metrics'
import { catalogue, type MetricDefinition } from '@shardnet/node/metrics'
import { operatorCatalogue } from '@shardnet/operator/metrics'

/** Who exports metrics: the job that scrapes it, what it is called for people, and its catalogue. */
export interface Exporter {
  readonly job: string
  readonly title: string
  readonly text: string
  readonly metrics: readonly MetricDefinition[]
}

/** Validators, by their short names in code. */
export const validator = catalogue
/** The load generator, likewise. */
export const load = loadCatalogue
/** The operator, likewise. */
export const operator = operatorCatalogue

/** Every program of a testnet that exports metrics. */
export const exporters: readonly Exporter[] = [
  {
    job: 'shardnet-validator',
    title: 'Validators',
    text: "`GET /metrics` of a validator's HTTP port. Every series has the constant labels `shard` and `validator`.",
    metrics: Object.values(validator),
  },
  {
    job: 'shardnet-load',
    title: 'Load generator',
    text: 'A port of its own on this machine while it runs on a testnet that was brought up with `shardnet up --monitor`.',
    metrics: Object.values(load),
  },
  {
    job: 'shardnet-operator',
    title: 'Operator',
    text: '`GET /metrics` of the operator in each cluster; the chart `shardnet-operator` puts a Service in front of it.',
    metrics: Object.values(operator),
  },
]

/** Names of the series that a metric makes: a histogram makes three. */
export function seriesNamesOf({ kind, name }: MetricDefinition): readonly string[] {
  return kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
}

/** Every series name with its labels, those that a scrape adds left out. */
export const exportedSeries: ReadonlyMap<string, MetricDefinition> = new Map(
  exporters.flatMap(({ metrics }) =>
    metrics.flatMap((metric) =>
      seriesNamesOf(metric).map((name): [string, MetricDefinition] => [name, metric]),
    ),
  ),
)
