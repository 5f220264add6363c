import { durationText } from '../duration.ts'
import type { LoadResult } from '../result.ts'
import { countText, rateText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'
import { bar, figureTable, pairTable, section, type Row } from './tables.ts'

/** What became of the transactions, by fate and by code. */
export function fatesSection({ counts, door }: LoadResult): Markup {
  const byCode = (kind: string, codes: Readonly<Record<string, number>>): Row[] =>
    Object.entries(codes)
      .toSorted(([, a], [, b]) => b - a)
      .map(([code, count]) => [`${kind}: ${code}`, countText(count)])
  const fates: Row[] = [
    ['Scheduled', countText(counts.scheduled)],
    ['Sent', countText(counts.sent)],
    ['Committed', countText(counts.committed)],
    ['Committed across shards', countText(counts.committedCrossShard)],
    ...byCode('Failed', counts.failedByCode),
    ...byCode('Refused', counts.refusedByCode),
    ['Expired', countText(counts.expired)],
    ['Lost', countText(counts.lost)],
  ]
  const doors: Row[] = [
    ['Acknowledged as durable', countText(door.acknowledged)],
    ['Sent again', countText(door.resent)],
    ['Queue full (BUSY)', countText(door.busy)],
    ...byCode('Single refusals', door.refusalsByCode),
    ['Connections lost', countText(door.connectionsLost)],
    ['Validators that contradicted themselves', countText(door.contradictions)],
  ]
  return section(
    'transactions',
    'Transactions',
    markup`<div class="columns">
      <div>
        <h3>By fate</h3>
        ${pairTable('Transactions by fate', fates)}
      </div>
      <div>
        <h3>At the validators’ doors</h3>
        ${pairTable('Answers of the validators', doors)}
      </div>
    </div>`,
  )
}

/** Shards side by side; bars compare what each committed. */
export function shardsSection({ shards, elapsedMs }: LoadResult): Markup {
  const most = Math.max(1, ...shards.map(({ committed }) => committed))
  const rows = shards.map((shard) => {
    const blocks = shard.heightLast - shard.heightFirst
    const perSecond = elapsedMs > 0 ? (blocks * 1_000) / elapsedMs : 0
    return [
      `Shard ${shard.shard}`,
      bar(shard.committed / most),
      countText(shard.committed),
      countText(shard.sent),
      countText(blocks),
      rateText(perSecond),
      countText(shard.heightLast),
    ]
  })
  const heads = ['Shard', { words: '' }, 'Committed', 'Sent', 'Blocks', 'Blocks/s', 'Last height']
  return section('shards', 'Shards side by side', figureTable('Shards', heads, rows))
}

const SAFETY_WORDS = {
  passed: 'The validators’ files were read after they stopped, and hold what they must.',
  failed: 'The check of the validators’ files objects:',
  notChecked: 'The validators’ files were not checked in this run.',
} as const

/** What the reader of the validators' files found. */
export function safetySection({ safety }: LoadResult): Markup {
  const findings = safety.findings.map((finding) => markup`<li>${finding}</li>`)
  const list =
    findings.length > 0
      ? markup`<ul class="findings">
          ${findings}
        </ul>`
      : markup``
  const facts = safety.facts.map((fact): Row => [fact.name, fact.value])
  const table = facts.length > 0 ? pairTable('Safety check', facts) : markup``
  const words = markup`<p>${SAFETY_WORDS[safety.kind]}</p>`
  return section('safety', 'Safety check', words, list, table)
}

/** Whether the generator itself can be trusted with the figures. */
export function generatorSection({ generator }: LoadResult): Markup {
  const { lateness, clockJumps } = generator
  const jumps = clockJumps.map(({ atMs, byMs }): Row => [
    'Clock jumped',
    `by ${signedTime(byMs)} at ${timeText(atMs)}`,
  ])
  const rows: Row[] = [
    ['Could hold the schedule', generator.wasLimit ? generator.reasons.join('; ') : 'yes'],
    ['Lateness, median', timeText(lateness?.p50Ms ?? null)],
    ['Lateness, 99th percentile', timeText(lateness?.p99Ms ?? null)],
    ['Lateness, longest', timeText(lateness?.maxMs ?? null)],
    ['Payers substituted (64 in flight)', countText(generator.substitutions)],
    ...(jumps.length > 0 ? jumps : [['Clock', 'did not jump'] satisfies Row]),
  ]
  return section('generator', 'Load generator', pairTable('Load generator', rows))
}

function signedTime(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${timeText(Math.abs(ms))}`
}

const MARK_WORDS: Readonly<Record<LoadResult['marks'][number]['kind'], string>> = {
  fault: 'Fault',
  restart: 'Restart',
  epoch: 'Epoch',
  connection: 'Connection',
  phase: 'Phase',
  clock: 'Clock',
  note: 'Note',
}

/** What happened while the load ran, in order; the plots have the same marks. */
export function marksSection({ marks }: LoadResult): Markup {
  if (marks.length === 0) return markup``
  const rows = marks
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((mark) => [
      markup`<span class="mark ${mark.kind}">${MARK_WORDS[mark.kind]}</span>`,
      timeText(mark.atMs),
      mark.untilMs === undefined ? '' : timeText(mark.untilMs),
      mark.text,
    ])
  const heads = ['Event', 'At', 'Until', { words: 'What' }]
  return section('events', 'What happened', figureTable('Events of the run', heads, rows))
}

/** What was run, and how to run it again. */
export function configurationSection(result: LoadResult): Markup {
  const { configuration, window } = result
  const { workload, arrivals, criteria } = configuration
  const schedule = arrivals.schedule.map(phaseText)
  const rows: Row[] = [
    ['Shards', countText(configuration.shards)],
    ['Validators per shard', countText(configuration.validatorsPerShard)],
    ['Accounts per shard', countText(configuration.accountsPerShard)],
    ['Workload', workload.profile],
    ...Object.entries(workload.settings).map(([name, value]): Row => [name, textOf(value)]),
    ['Fee', countText(workload.fee)],
    ['Valid for', `${countText(workload.validityHeights)} heights`],
    ['Seed', String(workload.seed)],
    ['Arrivals', arrivals.process],
    ['Schedule', schedule.length > 0 ? schedule.join(', then ') : scheduleWord(arrivals.process)],
    ['Measured window', `${timeText(window.fromMs)} to ${timeText(window.toMs)}`],
    [
      'Least committed per second',
      criteria.committedPerSecondMin === null
        ? 'not asked'
        : rateText(criteria.committedPerSecondMin),
    ],
    [
      'Most latency, 99th percentile',
      criteria.p99MaxMs === null ? 'not asked' : durationText(criteria.p99MaxMs),
    ],
    ['Most lost', countText(criteria.lostMax)],
    ...configuration.facts.map((fact): Row => [fact.name, fact.value]),
    ['Network id', configuration.networkId],
  ]
  return section('configuration', 'Configuration', pairTable('Configuration', rows))
}

/** What to type to do it again. */
export function commandSection({ configuration: { command } }: LoadResult): Markup {
  if (command === null) return markup``
  return section(
    'again',
    'Run it again',
    markup`<pre class="command" tabindex="0"><code>${command}</code></pre>`,
  )
}

type Phase = LoadResult['configuration']['arrivals']['schedule'][number]

function phaseText({ rate, forMs, toRate, steps, burst }: Phase): string {
  const ramp = toRate === undefined ? '' : ` to ${countText(toRate)}/s`
  const stairs = steps === undefined ? '' : ` in ${steps} steps`
  const bursts =
    burst === undefined
      ? ''
      : `, bursts of ${countText(burst.rate)}/s for ${durationText(burst.forMs)} every ${durationText(burst.everyMs)}`
  return `${countText(rate)}/s${ramp}${stairs} for ${durationText(forMs)}${bursts}`
}

/** How the figures came about: a number is only as good as its method. */
export function methodSection(): Markup {
  return section(
    'method',
    'How this was counted',
    markup`<p class="prose">
      A transaction counts once, when f + 1 validators of every shard it touches reported the same
      block with it: its debit in the payer’s shard and its credit in the payee’s. Latency runs from
      the scheduled moment of sending, so a slow answer never hides the wait of those behind it. A
      transaction without a fate at the end is lost. Rate is counted inside the measured window by
      the moment of commit; latency over the transactions scheduled in it.
    </p>`,
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function scheduleWord(process: LoadResult['configuration']['arrivals']['process']): string {
  return process === 'trace' ? 'the times of the trace' : 'as fast as the validators take'
}
