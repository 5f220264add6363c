import type { LoadResult } from '../result.ts'
import type { CriterionOutcome } from '../result/verdict-shape.ts'
import {
  countText,
  dollarText,
  intervalText,
  momentText,
  percentText,
  rateText,
  timeText,
} from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { figureTable, section } from './tables.ts'
import { VERDICT_WORDS } from './verdict-words.ts'

const OUTCOME_WORDS = { met: 'met', missed: 'missed', unknown: 'unknown' } as const
const CRITERION_WORDS: Readonly<Record<CriterionOutcome['name'], string>> = {
  safety: 'Safety check',
  lost: 'Lost transactions',
  progress: 'Progress',
  committedPerSecond: 'Committed per second',
  p99: 'Latency, 99th percentile',
  generator: 'Load generator',
  steady: 'Steady state',
  goodputOverload: 'Goodput during overload',
  goodputAfter: 'Goodput after overload',
}

/** What a reader wants first: the name, the verdict and why. */
export function verdictSection(result: LoadResult): Markup {
  const { verdict } = result
  const reasons = verdict.reasons.map((reason) => markup`<li>${reason}</li>`)
  const reasonList =
    reasons.length > 0
      ? markup`<ul class="reasons">
          ${reasons}
        </ul>`
      : markup``
  return markup`<header>
    <p class="eyebrow">shardnet load report</p>
    <h1>${result.name}</h1>
    <p class="quiet">${subtitleOf(result)}</p>
    <div class="verdict ${verdict.kind}">
      <p class="word">${VERDICT_WORDS[verdict.kind]}</p>
      ${reasonList}
    </div>
  </header>`
}

function subtitleOf({ configuration, startedAt, elapsedMs, interrupted }: LoadResult): string {
  const { shards, validatorsPerShard } = configuration
  const size = `${shards} ${shards === 1 ? 'shard' : 'shards'} × ${validatorsPerShard} validators`
  return `${size} · ${momentText(startedAt)} · ${timeText(elapsedMs)}${interrupted ? ', interrupted' : ''}`
}

/** The figures that a run is remembered by, with how sure they are. */
export function figuresSection(result: LoadResult): Markup {
  const { counts, latency, steadyState, cost } = result
  const share = counts.committed > 0 ? counts.committedCrossShard / counts.committed : 0
  const { committedPerSecond: interval } = steadyState
  const within = interval === null ? '' : `, ${intervalText(interval, rateText)}`
  const perMillion = cost?.actual?.perMillionCommitted ?? cost?.estimate?.perMillionCommitted
  const figures = [
    figure(
      'Committed per second',
      rateText(result.committedPerSecond),
      `of ${rateText(result.offeredPerSecond)} offered${within}`,
    ),
    figure('Latency, median', timeText(latency.summary?.p50Ms ?? null), 'scheduled to committed'),
    figure(
      'Latency, 99th percentile',
      timeText(latency.summary?.p99Ms ?? null),
      `longest ${timeText(latency.summary?.maxMs ?? null)}`,
    ),
    figure('Committed', countText(counts.committed), `${percentText(share)} cross-shard`),
    figure(
      'Lost',
      countText(counts.lost),
      `${countText(counts.failed + counts.refused + counts.expired)} failed or expired`,
    ),
    ...(perMillion === undefined || perMillion === null
      ? []
      : [figure('Per million committed', dollarText(perMillion), `prices of ${cost?.pricesAsOf}`)]),
  ]
  return markup`<section aria-label="Key figures"><dl class="figures">${figures}</dl></section>`
}

function figure(name: string, value: string, note: string): Markup {
  return markup`<div>
    <dt>${name}</dt>
    <dd class="value">${value}</dd>
    <dd class="quiet">${note}</dd>
  </div>`
}

/** Each criterion with what was asked and what was seen. */
export function criteriaSection({ verdict }: LoadResult): Markup {
  const rows = verdict.criteria.map((criterion) => [
    CRITERION_WORDS[criterion.name],
    criterion.expected,
    criterion.measured,
    markup`<span class="outcome ${criterion.outcome}">${OUTCOME_WORDS[criterion.outcome]}</span>`,
  ])
  const heads = ['Criterion', ...['Expected', 'Measured', 'Outcome'].map((words) => ({ words }))]
  return section('criteria', 'Criteria', figureTable('Criteria', heads, rows))
}
