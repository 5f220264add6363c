import type { LoadResult } from '../result.ts'
import { countText, rateText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'

/** A plot, one sentence that says the same to those who do not see it, and its numbers as a table. */
interface Plot {
  readonly id: string
  readonly title: string
  readonly sentence: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The plots: drawn by the script of the page, readable without it. */
export function plotsSection(result: LoadResult): Markup {
  const plots = [
    throughputPlot(result),
    latencyPlot(result),
    distributionPlot(result),
    heightsPlot(result),
    inFlightPlot(result),
  ]
  return markup`${plots.map(plotSection)}`
}

function plotSection(plot: Plot): Markup {
  const heads = plot.heads.map((head) => markup`<th scope="col">${head}</th>`)
  const rows = plot.rows.map(
    (row) =>
      markup`<tr>
        ${row.map((cell) => markup`<td>${cell}</td>`)}
      </tr>`,
  )
  return markup`<section class="plot-section">
    <h2 id="${plot.id}-title">${plot.title}</h2>
    <p class="quiet">${plot.sentence}</p>
    <div
      class="plot"
      id="${plot.id}"
      tabindex="0"
      role="img"
      aria-labelledby="${plot.id}-title"
      aria-describedby="${plot.id}-help"
    ></div>
    <p class="help quiet" id="${plot.id}-help">Arrow keys move along the plot; Escape leaves it.</p>
    <details>
      <summary>Numbers</summary>
      <div class="scroll tall" tabindex="0" role="region" aria-label="${plot.title}, numbers">
        <table class="numbers">
          <thead>
            <tr>
              ${heads}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>
    </details>
  </section>`
}

function throughputPlot({ series, committedPerSecond, offeredPerSecond }: LoadResult): Plot {
  const seconds = series.intervalMs / 1_000
  const per = (counts: readonly number[], i: number): string => rateText((counts[i] ?? 0) / seconds)
  return {
    id: 'throughput',
    title: 'Throughput',
    sentence: `${rateText(committedPerSecond)} committed of ${rateText(offeredPerSecond)} offered per second in the measured window.`,
    heads: ['Time', 'Offered/s', 'Sent/s', 'Committed/s', 'Failed/s'],
    rows: series.timeMs.map((timeMs, i) => [
      timeText(timeMs),
      per(series.offered, i),
      per(series.sent, i),
      per(series.committed, i),
      per(series.failed, i),
    ]),
  }
}

function latencyPlot({ series, latency }: LoadResult): Plot {
  const { summary } = latency
  return {
    id: 'latency',
    title: 'Latency over time',
    sentence:
      summary === null
        ? 'Nothing was committed in the measured window.'
        : `Half of the transactions took up to ${timeText(summary.p50Ms)}, 99 % up to ${timeText(summary.p99Ms)}; by the second they were scheduled in.`,
    heads: ['Time', 'Median', '99th percentile'],
    rows: series.timeMs.map((timeMs, i) => [
      timeText(timeMs),
      timeText(series.p50Ms[i] ?? null),
      timeText(series.p99Ms[i] ?? null),
    ]),
  }
}

function distributionPlot({ latency }: LoadResult): Plot {
  const { summary } = latency
  return {
    id: 'distribution',
    title: 'Latency distribution',
    sentence:
      summary === null
        ? 'Nothing was committed in the measured window.'
        : `${countText(summary.count)} transactions; mean ${timeText(summary.meanMs)}, 99.9th percentile ${timeText(summary.p999Ms)}, longest ${timeText(summary.maxMs)}.`,
    heads: ['From', 'To', 'Transactions'],
    rows: latency.bins.map((bin) => [
      timeText(bin.fromMs),
      timeText(bin.toMs),
      countText(bin.count),
    ]),
  }
}

function heightsPlot({ series, shards }: LoadResult): Plot {
  const blocks = shards.map(
    (shard) => `shard ${shard.shard}: ${countText(shard.heightLast - shard.heightFirst)}`,
  )
  return {
    id: 'heights',
    title: 'Heights',
    sentence: `Blocks that f + 1 validators reported. ${blocks.join(', ')}.`,
    heads: ['Time', ...shards.map((shard) => `Shard ${shard.shard}`)],
    rows: series.timeMs.map((timeMs, i) => [
      timeText(timeMs),
      ...shards.map((_, shard) => countText(series.heights[i]?.[shard] ?? 0)),
    ]),
  }
}

function inFlightPlot({ series }: LoadResult): Plot {
  return {
    id: 'in-flight',
    title: 'In flight',
    sentence: `Sent and without a fate: at most ${countText(Math.max(0, ...series.inFlight))} at once.`,
    heads: ['Time', 'In flight'],
    rows: series.timeMs.map((timeMs, i) => [timeText(timeMs), countText(series.inFlight[i] ?? 0)]),
  }
}
