import type { LoadResult } from '../result.ts'
import { countText, rateText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { figureTable, section } from './tables.ts'

/** A plot, one sentence that says the same to those who do not see it, and its numbers as a table. */
interface Plot {
  readonly id: string
  readonly title: string
  readonly sentence: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The plots of the run: drawn by the script of the page, readable without it. */
export function plotsSection(result: LoadResult): Markup {
  const plots = [
    throughputPlot(result),
    latencyPlot(result),
    distributionPlot(result),
    backlogPlot(result),
    heightsPlot(result),
  ]
  return markup`${plots.map(plotSection)}`
}

/** The place of a plot, with how it is used with the keyboard. */
export function plotBlock({ id, title }: { readonly id: string; readonly title: string }): Markup {
  return markup`<div
      class="plot"
      id="${id}"
      tabindex="0"
      role="img"
      aria-label="${title}"
      aria-describedby="${id}-help"
    ></div>
    <p class="help quiet" id="${id}-help">Arrow keys move along the plot; Escape leaves it.</p>`
}

function plotSection(plot: Plot): Markup {
  return section(
    `${plot.id}-section`,
    plot.title,
    markup`<p class="quiet">${plot.sentence}</p>
      ${plotBlock(plot)}
      <details>
        <summary>Numbers</summary>
        <div class="tall">${figureTable(`${plot.title}, numbers`, plot.heads, plot.rows)}</div>
      </details>`,
  )
}

function throughputPlot({
  series,
  committedPerSecond,
  offeredPerSecond,
  window,
}: LoadResult): Plot {
  const seconds = series.intervalMs / 1_000
  const per = (counts: readonly number[], i: number): string => rateText((counts[i] ?? 0) / seconds)
  return {
    id: 'throughput',
    title: 'Throughput',
    sentence: `${rateText(committedPerSecond)} committed of ${rateText(offeredPerSecond)} offered per second in the measured window, ${timeText(window.fromMs)} to ${timeText(window.toMs)}; what is shaded does not count.`,
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

const NOTHING_COMMITTED = 'Nothing was committed in the measured window.'

function latencyPlot({ series, latency }: LoadResult): Plot {
  const { summary } = latency
  return {
    id: 'latency',
    title: 'Latency over time',
    sentence:
      summary === null
        ? NOTHING_COMMITTED
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
        ? NOTHING_COMMITTED
        : `${countText(summary.count)} transactions; mean ${timeText(summary.meanMs)}, 99.9th percentile ${timeText(summary.p999Ms)}, longest ${timeText(summary.maxMs)}.`,
    heads: ['From', 'To', 'Transactions'],
    rows: latency.bins.map((bin) => [
      timeText(bin.fromMs),
      timeText(bin.toMs),
      countText(bin.count),
    ]),
  }
}

function backlogPlot({ series }: LoadResult): Plot {
  return {
    id: 'backlog',
    title: 'Backlog',
    sentence: `Scheduled and without a fate: at most ${countText(Math.max(0, ...series.backlog))} at once. A backlog that grows says that more was offered than the testnet takes.`,
    heads: ['Time', 'Backlog', 'In flight'],
    rows: series.timeMs.map((timeMs, i) => [
      timeText(timeMs),
      countText(series.backlog[i] ?? 0),
      countText(series.inFlight[i] ?? 0),
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
