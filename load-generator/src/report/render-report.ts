import { readFileSync } from 'node:fs'
import type { LoadResult } from '../result.ts'
import {
  configurationSection,
  fatesSection,
  generatorSection,
  methodSection,
  safetySection,
  shardsSection,
} from './detail-sections.ts'
import { jsonForScript, markup, trusted, type Markup } from './markup.ts'
import { plotsSection } from './plot-sections.ts'
import { criteriaSection, figuresSection, verdictSection } from './summary-sections.ts'

/** Nothing but this file is ever loaded: a report opens without a network and tells nobody that it was read. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

/** The whole report as one page that needs nothing else. Every text of the result is escaped. */
export function renderReport(result: LoadResult): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${result.name} · shardnet load report</title>
<style>${assetOf('uplot/dist/uPlot.min.css')}
${assetOf('./report.css')}</style>
</head>
<body>
<main>
${verdictSection(result)}
${figuresSection(result)}
${criteriaSection(result)}
${plotsSection(result)}
${fatesSection(result)}
${shardsSection(result)}
${safetySection(result)}
${generatorSection(result)}
${configurationSection(result)}
${methodSection()}
</main>
<script type="application/json" id="result">${jsonForScript(plottedPartOf(result))}</script>
<script>${assetOf('uplot/dist/uPlot.iife.min.js')}</script>
<script>${assetOf('./plots.js')}</script>
</body>
</html>
`
  return page.text
}

function plottedPartOf({ series, latency, window, marks, shards }: LoadResult): unknown {
  return {
    series,
    window,
    marks,
    shards: shards.map((shard) => shard.shard),
    bins: latency.bins,
    summary: latency.summary,
  }
}

function assetOf(specifier: string): Markup {
  return trusted(readFileSync(new URL(import.meta.resolve(specifier)), 'utf8'))
}
