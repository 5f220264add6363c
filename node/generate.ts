import { catalogue } from './src/host/metrics/catalogue.ts'
import type { MetricDefinition } from './src/host/metrics/metric-definition.ts'
import { allVectors, vectorText } from './test/wire/support/all-vectors.ts'

interface GeneratedFile {
  readonly path: string
  readonly content: string
}

/** The files of this room that are made from its code, for `npm run generate`. */
export async function generate(): Promise<readonly GeneratedFile[]> {
  const vectors = Object.entries(allVectors()).map(([name, file]) => ({
    path: `docs/vectors/${name}`,
    content: vectorText(file),
  }))
  return [...vectors, { path: 'docs/metrics.md', content: metricsPage() }]
}

function metricsPage(): string {
  const sections = new Map<string, MetricDefinition[]>()
  for (const definition of Object.values<MetricDefinition>(catalogue)) {
    const room = definition.name.split('_')[1] ?? ''
    sections.set(room, [...(sections.get(room) ?? []), definition])
  }
  return `# Metrics of a validator

Made from \`node/src/host/metrics/catalogue.ts\` by \`npm run generate\`; do not edit.

\`GET /metrics\` of the validator's HTTP port answers in the Prometheus text format. Every series exists from the start, at zero;
every series has the constant labels \`shard\` and \`validator\`. The last word of a name is its unit (\`total\` for counters).
A name changes only with a line in CHANGELOG.

${[...sections].map(([room, definitions]) => section(room, definitions)).join('\n')}`
}

function section(room: string, definitions: readonly MetricDefinition[]): string {
  const rows = definitions.map((definition) => [
    `\`${definition.name}\``,
    definition.kind,
    labelsOf(definition),
    definition.help + bucketsOf(definition),
  ])
  return `## ${room}\n\n${table(['Name', 'Kind', 'Labels', 'Meaning'], rows)}\n`
}

function labelsOf({ labels }: MetricDefinition): string {
  return Object.entries(labels ?? {})
    .map(([name, values]) => `\`${name}\`: ${values.join(', ')}`)
    .join('; ')
}

function bucketsOf(definition: MetricDefinition): string {
  return definition.kind === 'histogram' ? ` Buckets: ${definition.buckets.join(', ')}.` : ''
}

/** Columns padded to equal width, as the formatter leaves them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
