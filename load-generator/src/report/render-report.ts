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
import { assetOf, pageOf } from './page.ts'
import { plotsSection } from './plot-sections.ts'
import { searchSection } from './search-section.ts'
import { steadySection } from './steady-section.ts'
import { criteriaSection, figuresSection, verdictSection } from './summary-sections.ts'

/** The whole report as one page that needs nothing else. Every text of the result is escaped. */
export function renderReport(result: LoadResult): string {
  const sections = sectionsOf(result)
  const body = markup`${verdictSection(result)}
${contents(sections)}
<main id="main" tabindex="-1">
${figuresSection(result)}
${sections}
</main>
<script type="application/json" id="result">${jsonForScript(plottedPartOf(result))}</script>
<script>${assetOf(import.meta.resolve('uplot/dist/uPlot.iife.min.js'))}</script>
<script>${assetOf(import.meta.resolve('./plots.js'))}</script>`
  const styles = assetOf(import.meta.resolve('uplot/dist/uPlot.min.css'))
  return pageOf(`${result.name} · shardnet load report`, styles, body)
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
