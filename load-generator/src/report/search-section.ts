import type { LoadResult } from '../result.ts'
import { countText, intervalText, percentText, rateText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { plotBlock } from './plot-sections.ts'
import { figureTable, pairTable, section, type Row } from './tables.ts'

type Search = NonNullable<LoadResult['search']>

const PURPOSE_WORDS = { ramp: 'ramp', narrow: 'narrow', confirm: 'confirm' } as const
const OUTCOME_WORDS = {
  met: 'met',
  missed: 'missed',
  generatorLimited: 'generator limited',
  unclear: 'unclear',
} as const

/** The knee: how it was found, and what became of the testnet beyond it. Nothing for a run that follows a schedule. */
export function searchSection({ search }: LoadResult): Markup {
  if (search === null) return markup``
  const figures = ['Rate', 'Committed/s', 'Median', '99th percentile', 'Backlog/s']
  const heads = ['Trial', ...figures, { words: 'Outcome' }, { words: 'Why' }]
  const rows = search.trials.map((trial) => [
    `${trial.number}, ${PURPOSE_WORDS[trial.purpose]}`,
    rateText(trial.rate),
    rateText(trial.committedPerSecond),
    timeText(trial.p50Ms),
    timeText(trial.p99Ms),
    rateText(trial.backlogPerSecond),
    markup`<span class="outcome ${outcomeClass(trial.outcome)}">${OUTCOME_WORDS[trial.outcome]}</span>`,
    trial.reason,
  ])
  return section(
    'knee-section',
    'Highest steady rate',
    markup`<p>${kneeSentence(search)} ${search.endedBecause}</p>`,
    plotBlock({ id: 'knee', title: 'Latency by rate' }),
    figureTable('Trials of the search', heads, rows),
    overloadPart(search),
  )
}

function outcomeClass(outcome: Search['trials'][number]['outcome']): string {
  return outcome === 'met' || outcome === 'missed' ? outcome : 'unknown'
}

function kneeSentence({ knee, objective, trials, trialsMax }: Search): string {
  const limits = [
    ...(objective.p50MaxMs === null ? [] : [`median up to ${timeText(objective.p50MaxMs)}`]),
    ...(objective.p99MaxMs === null ? [] : [`99 % up to ${timeText(objective.p99MaxMs)}`]),
    `at least ${percentText(objective.committedShareMin)} of what is offered committed`,
  ].join(', ')
  const used = `${countText(trials.length)} of at most ${countText(trialsMax)} trials`
  if (knee === null) return `No rate met the objective (${limits}) in ${used}.`
  return `${rateText(knee.value)} per second, ${intervalText(knee, rateText)}, with ${limits}, after ${used}.`
}

function overloadPart({ overload }: Search): Markup {
  if (overload === null) return markup``
  const recovered =
    overload.recoveredAfterMs === null
      ? 'not within 30 s'
      : `after ${timeText(overload.recoveredAfterMs)}`
  const rows: readonly Row[] = [
    [
      `Offered, ${rateText(overload.factor)} times the knee`,
      `${rateText(overload.offeredPerSecond)}/s for ${timeText(overload.forMs)}`,
    ],
    [
      'Committed meanwhile',
      `${rateText(overload.goodputDuringPerSecond)}/s, ${percentText(overload.goodputDuringShare)} of the knee`,
    ],
    [
      'Committed afterwards',
      `${rateText(overload.goodputAfterPerSecond)}/s, ${percentText(overload.goodputAfterShare)} of ${rateText(overload.afterOfferedPerSecond)}/s offered`,
    ],
    ['Back to 95 % of what is offered', recovered],
    ['Turned away at the doors', countText(overload.busy)],
    ['Sent again', countText(overload.resent)],
    ['Lost', countText(overload.lost)],
  ]
  return markup`<h3>Overload</h3>
    ${pairTable('Overload', rows)}`
}
