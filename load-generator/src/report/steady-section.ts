import type { LoadResult } from '../result.ts'
import { countText, intervalText, rateText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { figureTable, pairTable, section, type Row } from './tables.ts'

type SteadyState = LoadResult['steadyState']

const WORDS: Readonly<Record<SteadyState['kind'], string>> = {
  steady: 'Steady',
  notSteady: 'Not steady',
  unknown: 'Cannot tell',
}

/** Whether the figures depend on when one looks: the tests, their answers, and the intervals that follow. */
export function steadySection({ steadyState }: LoadResult): Markup {
  const reasons = steadyState.reasons.map((reason) => markup`<li>${reason}</li>`)
  const list = reasons.length === 0 ? markup`` : markup`<ul class="reasons">${reasons}</ul>`
  return section(
    'steady-state',
    'Steady state',
    markup`<p><strong>${WORDS[steadyState.kind]}.</strong> ${steadyState.method}</p>
      ${list}
      <div class="columns">
        ${pairTable('Tests of the steady state', testRows(steadyState))}
        ${pairTable('Figures with their intervals', intervalRows(steadyState))}
      </div>`,
    batchTable(steadyState),
  )
}

function testRows(steady: SteadyState): readonly Row[] {
  const by = { test: 'found by the test', request: 'as asked for' } as const
  return [
    ['Warm-up', `${timeText(steady.warmUpMs)}, ${by[steady.warmUpChosenBy]}`],
    [
      'Observations after it',
      `${countText(steady.observations)} of ${timeText(steady.stepMs)} each`,
    ],
    ['Trend of the committed rate', trendText(steady.rateTrend)],
    ['Trend of the backlog', trendText(steady.backlogTrend)],
    ...(steady.isDisturbed
      ? [['Disturbed', 'a fault or restart lies in the window'] satisfies Row]
      : []),
  ]
}

function trendText(trend: SteadyState['rateTrend']): string {
  if (trend === null) return 'not tested'
  const { perSecond, low, high, pValue, isSignificant } = trend
  const word = isSignificant ? 'a trend' : 'no trend'
  return `${word}: ${signed(perSecond)} per second, between ${signed(low)} and ${signed(high)} (p = ${Number(pValue.toPrecision(2))})`
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${rateText(Math.abs(value))}`
}

function intervalRows({ committedPerSecond, p50Ms, p99Ms }: SteadyState): readonly Row[] {
  const row = (
    name: string,
    estimate: SteadyState['p50Ms'],
    text: (value: number) => string,
  ): Row => [name, estimate === null ? 'no interval' : intervalText(estimate, text)]
  return [
    row('Committed per second, mean of batches', committedPerSecond, rateText),
    row('Median latency, mean of batches', p50Ms, timeText),
    row('99th percentile, mean of batches', p99Ms, timeText),
  ]
}

function batchTable({ batches }: SteadyState): Markup {
  if (batches === null) return markup``
  const { count, lengthMs, lag1Autocorrelation: lag, areIndependent } = batches
  const independence = areIndependent
    ? 'independent of each other'
    : 'not independent of each other'
  const correlation = lag === null ? '' : ` (autocorrelation ${rateText(lag)})`
  const rows = batches.fromMs.map((fromMs, i) => [
    timeText(fromMs),
    rateText(batches.committedPerSecond[i] ?? 0),
    timeText(batches.p50Ms[i] ?? null),
    timeText(batches.p99Ms[i] ?? null),
  ])
  return markup`<details>
    <summary>
      ${countText(count)} batches of ${timeText(lengthMs)}, ${independence}${correlation}
    </summary>
    ${figureTable('Batch means', ['From', 'Committed/s', 'Median', '99th percentile'], rows)}
  </details>`
}
