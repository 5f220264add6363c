import { markdownTable } from './markdown-table.ts'

/** Mimir's own rule of thumb: one core and 2.5 GB hold 300,000 series in memory, and each is held three times. */
const SERIES_PER_CORE = 300_000
const GIGABYTES_PER_CORE = 2.5
const COPIES = 3

interface Sized {
  readonly name: string
  readonly validators: number
  readonly shards: number
  readonly scrapeSeconds: number
}

const sizes: readonly Sized[] = [
  { name: 'a laptop', validators: 8, shards: 2, scrapeSeconds: 5 },
  { name: 'full up to here', validators: 1_000, shards: 125, scrapeSeconds: 15 },
  { name: 'the testnet of 2018', validators: 41_440, shards: 592, scrapeSeconds: 30 },
]

/** What monitoring costs, from the number of series alone. */
export function sizingSection({
  full,
  lean,
}: {
  readonly full: number
  readonly lean: number
}): string {
  return `## What it costs to store

A validator exports ${full} series (\`full\`) or ${lean} (\`lean\`). The profile is \`metrics.profile\` of its configuration: \`auto\`, the default,
is lean above 1,000 validators, where the first seat of each shard stays full so that its percentiles are still there.

Active series are what a store pays for. Mimir's rule of thumb, quoted second-hand, is one core and 2.5 GB per 300,000 series, three times.

${markdownTable(
  [
    'Network',
    'Validators',
    'Shards',
    'Series',
    'Scrape',
    'Samples/s',
    'Cores',
    'Memory',
    'Everything full',
  ],
  sizes.map((size) => sizeRow(size, full, lean)),
)}

One Prometheus holds about a million series comfortably. Above that, a Prometheus in agent mode per cluster scrapes and forwards by
remote write (\`prometheus.agent\` of the chart), with the external labels \`cluster\` and \`testnet\`; a central store runs
the rules, because a shard may live in several clusters. A scrape interval above 30 s is too long for the rules' windows of two minutes.
`
}

function sizeRow(size: Sized, full: number, lean: number): readonly string[] {
  const { name, validators, shards, scrapeSeconds } = size
  const isLean = validators > 1_000
  const series = isLean ? shards * full + (validators - shards) * lean : validators * full
  const cores = (series * COPIES) / SERIES_PER_CORE
  return [
    name,
    count(validators),
    count(shards),
    count(series),
    `${scrapeSeconds} s`,
    count(series / scrapeSeconds),
    cores < 1 ? '< 1' : count(cores),
    `${count(Math.max(1, cores * GIGABYTES_PER_CORE))} GB`,
    `${count(validators * full)} series`,
  ]
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US')
