import { readFileSync } from 'node:fs'
import type { LoadResult } from '../result.ts'
import { bottleneckSection } from './bottleneck-section.ts'
import { costSection } from './cost-section.ts'
import { countingSection } from './counting-section.ts'
import {
  commandSection,
  configurationSection,
  fatesSection,
  generatorSection,
  marksSection,
  methodSection,
  safetySection,
  shardsSection,
} from './detail-sections.ts'
import { jsonForScript, markup, trusted, type Markup } from './markup.ts'
import { plotsSection } from './plot-sections.ts'
import { searchSection } from './search-section.ts'
import { steadySection } from './steady-section.ts'
import { criteriaSection, figuresSection, verdictSection } from './summary-sections.ts'

/** Nothing but this file is ever loaded: a report opens without a network and tells nobody that it was read. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

/** The whole report as one page that needs nothing else. Every text of the result is escaped. */
export function renderReport(result: LoadResult): string {
  const sections = sectionsOf(result)
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
<a class="skip" href="#main">Skip to the figures</a>
${verdictSection(result)}
${contents(sections)}
<main id="main" tabindex="-1">
${figuresSection(result)}
${sections}
</main>
<script type="application/json" id="result">${jsonForScript(plottedPartOf(result))}</script>
<script>${assetOf('uplot/dist/uPlot.iife.min.js')}</script>
<script>${assetOf('./plots.js')}</script>
</body>
</html>
`
  return page.text
}

/** In the order of the questions that a sceptic asks. Those that have nothing to say are empty. */
function sectionsOf(result: LoadResult): readonly Markup[] {
  return [
    criteriaSection(result),
    searchSection(result),
    plotsSection(result),
    marksSection(result),
    steadySection(result),
    countingSection(result),
    bottleneckSection(result),
    shardsSection(result),
    fatesSection(result),
    safetySection(result),
    generatorSection(result),
    costSection(result),
    commandSection(result),
    configurationSection(result),
    methodSection(),
  ].filter(({ text }) => text !== '')
}

/** Links to the sections, made of their headings: the two cannot part. */
function contents(sections: readonly Markup[]): Markup {
  const headings = sections.flatMap(({ text }) => [
    ...text.matchAll(/<section id="([^"]+)"[^>]*>\s*<h2[^>]*>([^<]*)<\/h2>/g),
  ])
  const links = headings.map(
    // Both were escaped when the sections were made.
    ([, id = '', title = '']) => markup`<li><a href="#${trusted(id)}">${trusted(title)}</a></li>`,
  )
  return markup`<nav aria-label="Contents"><ul>${links}</ul></nav>`
}

function plottedPartOf({ series, latency, window, marks, shards, search }: LoadResult): unknown {
  const trials = (search?.trials ?? []).toSorted((a, b) => a.rate - b.rate)
  return {
    series,
    window,
    marks,
    shards: shards.map((shard) => shard.shard),
    bins: latency.bins,
    summary: latency.summary,
    knee: search?.knee ?? null,
    trials: trials.map(({ rate, p50Ms, p99Ms, outcome }) => ({ rate, p50Ms, p99Ms, outcome })),
  }
}

function assetOf(specifier: string): Markup {
  return trusted(readFileSync(new URL(import.meta.resolve(specifier)), 'utf8'))
}
