import type { LoadMatrix, MatrixCell } from '../matrix.ts'
import { countText, momentText, percentText, rateText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { pageOf } from './page.ts'
import { figureTable, scrolling, section } from './tables.ts'
import { VERDICT_WORDS, verdictClass } from './verdict-words.ts'

/** The matrix as one page beside the folders of its runs: a heat map, then every figure. Every text is escaped. */
export function renderMatrix(matrix: LoadMatrix): string {
  const body = markup`<header>
    <p class="eyebrow">shardnet load matrix</p>
    <h1>${matrix.name}</h1>
    <p class="quiet">Cross-shard share by faults · ${momentText(matrix.startedAt)}</p>
  </header>
  <main id="main" tabindex="-1">
    ${mapSection(matrix)} ${figuresSection(matrix)}
    ${section(
      'again',
      'Run it again',
      markup`<pre class="command" tabindex="0"><code>${matrix.command}</code></pre>`,
    )}
  </main>`
  return pageOf(`${matrix.name} · shardnet load matrix`, markup``, body)
}

const ROW_WORDS = { true: 'With faults', false: 'Without faults' } as const

function mapSection({ cells }: LoadMatrix): Markup {
  const shares = [...new Set(cells.map(({ crossShard }) => crossShard))]
  const most = Math.max(1, ...cells.map(({ committedPerSecond }) => committedPerSecond))
  const heads = shares.map((share) => markup`<th scope="col">${share} cross-shard</th>`)
  const rows = [false, true]
    .filter((hasFaults) => cells.some((cell) => cell.hasFaults === hasFaults))
    .map((hasFaults) => {
      const places = shares.map((share) =>
        mapCell(
          cells.find((cell) => cell.crossShard === share && cell.hasFaults === hasFaults),
          most,
        ),
      )
      return markup`<tr>
        <th scope="row">${ROW_WORDS[`${hasFaults}`]}</th>
        ${places}
      </tr>`
    })
  const table = markup`<table class="map">
    <thead>
      <tr>
        <td></td>
        ${heads}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`
  return section(
    'map',
    'Committed per second',
    markup`<p class="quiet">
      The deeper the colour, the more committed; each cell leads to the report of its run.
    </p>`,
    scrolling('Committed per second by cross-shard share and faults', table),
  )
}

function mapCell(cell: MatrixCell | undefined, most: number): Markup {
  if (cell === undefined) return markup`<td>not run</td>`
  const depth = Math.round((100 * cell.committedPerSecond) / most)
  return markup`<td style="--depth: ${depth}%">
    <a href="./${encodeURIComponent(cell.folder)}/report.html">${rateText(cell.committedPerSecond)}</a>
    <span class="quiet">99 %: ${timeText(cell.p99Ms)}</span>
    <span class="outcome ${verdictClass(cell.verdict)}">${VERDICT_WORDS[cell.verdict]}</span>
  </td>`
}

function figuresSection({ cells }: LoadMatrix): Markup {
  const heads = [
    'Run',
    'Offered/s',
    'Committed/s',
    'Median',
    '99th percentile',
    'Cross-shard',
    'Lost',
    { words: 'Verdict' },
  ]
  const rows = cells.map((cell) => [
    `${cell.crossShard}, ${ROW_WORDS[`${cell.hasFaults}`].toLowerCase()}`,
    rateText(cell.offeredPerSecond),
    rateText(cell.committedPerSecond),
    timeText(cell.p50Ms),
    timeText(cell.p99Ms),
    percentText(cell.committed === 0 ? 0 : cell.committedCrossShard / cell.committed),
    countText(cell.lost),
    [VERDICT_WORDS[cell.verdict], ...cell.reasons].join('; '),
  ])
  return section('figures', 'All figures', figureTable('All figures', heads, rows))
}
