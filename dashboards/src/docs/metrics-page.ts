import type { MetricDefinition } from '@shardnet/node/metrics'
import { exporters, validator, type Exporter } from '../catalogues.ts'
import type { Alert } from '../rules/alert.ts'
import { givenSeries } from '../rules/load-rules.ts'
import type { RecordingGroup } from '../rules/recording-rules.ts'
import { markdownTable } from './markdown-table.ts'
import { sizingSection } from './sizing.ts'

/** `docs/metrics.md`: what is exported, what Prometheus makes of it, what wakes somebody, and what it costs to store. */
export function metricsPage(groups: readonly RecordingGroup[], alerts: readonly Alert[]): string {
  return `# Metrics

Made from the catalogues of the rooms and from \`dashboards/src/rules\` by \`npm run generate\`; do not edit.

Answers are in the Prometheus text format. Every series exists from the start, at zero. The last word of a name is its unit (\`total\`
for counters). A name changes only with a line in CHANGELOG.

${exporters.map(exporterSection).join('\n')}
## Recorded series

Prometheus computes them from the ones above, each within its testnet; panels and alerts read these. The first word says what one
series stands for: \`instance\` (a validator), \`shard\` (over all clusters) or \`testnet\`. The file is
\`charts/shardnet-monitoring/generated/recording-rules.yaml\`.

${markdownTable(['Name', 'Meaning'], recordedRows(groups))}

## Alerts

\`page\` wakes somebody, \`warning\` waits for working hours, \`info\` is for whoever looks. The file is
\`charts/shardnet-monitoring/generated/alerts.yaml\`; its tests are in \`e2e/monitoring\`.

${markdownTable(['Alert', 'Severity', 'For', 'Runbook'], alerts.map(alertRow))}

${sizingSection(counts())}`
}

function exporterSection({ title, text, metrics }: Exporter): string {
  const sections = new Map<string, MetricDefinition[]>()
  for (const definition of metrics) {
    const area = definition.name.split('_')[1] ?? ''
    sections.set(area, [...(sections.get(area) ?? []), definition])
  }
  const tables = [...sections].map(
    ([area, definitions]) =>
      `### ${area}\n\n${markdownTable(['Name', 'Kind', 'Lean', 'Labels', 'Meaning'], definitions.map(metricRow))}\n`,
  )
  return `## ${title}\n\n${text}\n\n${tables.join('\n')}`
}

function metricRow(definition: MetricDefinition): readonly string[] {
  const buckets =
    definition.kind === 'histogram' ? ` Buckets: ${definition.buckets.join(', ')}.` : ''
  return [
    `\`${definition.name}\``,
    definition.kind,
    definition.isLean === true ? 'yes' : '',
    labelsOf(definition),
    definition.help + buckets,
  ]
}

function labelsOf({ labels }: MetricDefinition): string {
  return Object.entries(labels ?? {})
    .map(([name, values]) => `\`${name}\`: ${values.join(', ')}`)
    .join('; ')
}

function recordedRows(groups: readonly RecordingGroup[]): readonly (readonly string[])[] {
  const rules = [...groups.flatMap((group) => group.rules), ...Object.values(givenSeries)]
  return rules.map(({ record, help }) => [`\`${record}\``, help])
}

function alertRow({ name, severity, for: wait, page }: Alert): readonly string[] {
  return [`\`${name}\``, severity, wait, `[${page}](runbooks/${page}.md)`]
}

/** Series of one validator under both profiles, counted from the catalogue. */
function counts(): { readonly full: number; readonly lean: number } {
  const definitions = Object.values<MetricDefinition>(validator)
  const sum = (list: readonly MetricDefinition[]): number =>
    list.reduce((total, definition) => total + seriesCountOf(definition), 0)
  return { full: sum(definitions), lean: sum(definitions.filter(({ isLean }) => isLean === true)) }
}

function seriesCountOf(definition: MetricDefinition): number {
  const combinations = Object.values(definition.labels ?? {}).reduce(
    (product, values) => product * values.length,
    1,
  )
  // A histogram has a series per bucket, one for +Inf, its sum and its count.
  const each = definition.kind === 'histogram' ? definition.buckets.length + 3 : 1
  return combinations * each
}
