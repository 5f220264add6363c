import { durationText } from '../duration.ts'
import type { LoadResult } from '../result.ts'
import { countText, rateText, timeText } from './figures.ts'
import { markup, type Markup } from './markup.ts'

type Row = readonly [name: string, value: string]

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
  return markup`<section class="columns">
    <div>
      <h2>Transactions</h2>
      ${pairTable('Transactions by fate', fates)}
    </div>
    <div>
      <h2>At the validators’ doors</h2>
      ${pairTable('Answers of the validators', doors)}
    </div>
  </section>`
}

/** Shards side by side. */
export function shardsSection({ shards, elapsedMs }: LoadResult): Markup {
  const rows = shards.map((shard) => {
    const blocks = shard.heightLast - shard.heightFirst
    const perSecond = elapsedMs > 0 ? (blocks * 1_000) / elapsedMs : 0
    return markup`<tr>
      <th scope="row">${shard.shard}</th>
      <td>${countText(shard.sent)}</td>
      <td>${countText(shard.committed)}</td>
      <td>${countText(blocks)}</td>
      <td>${rateText(perSecond)}</td>
      <td>${countText(shard.heightLast)}</td>
    </tr>`
  })
  const names = ['Shard', 'Sent', 'Committed', 'Blocks', 'Blocks per second', 'Last height']
  const heads = names.map((name) => markup`<th scope="col">${name}</th>`)
  return markup`<section>
    <h2>Shards</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Shards">
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
  </section>`
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
  return markup`<section>
    <h2>Safety check</h2>
    <p>${SAFETY_WORDS[safety.kind]}</p>
    ${list}${table}
  </section>`
}

/** Whether the generator itself can be trusted with the figures. */
export function generatorSection({ generator, marks }: LoadResult): Markup {
  const { lateness } = generator
  const rows: Row[] = [
    ['Could hold the schedule', generator.wasLimit ? 'no' : 'yes'],
    ['Lateness, median', timeText(lateness?.p50Ms ?? null)],
    ['Lateness, 99th percentile', timeText(lateness?.p99Ms ?? null)],
    ['Lateness, longest', timeText(lateness?.maxMs ?? null)],
    ['Payers substituted (64 in flight)', countText(generator.substitutions)],
  ]
  const events = marks.map((mark): Row => [timeText(mark.atMs), `${mark.kind}: ${mark.text}`])
  const timeline =
    events.length > 0
      ? markup`<div>
          <h2>What happened</h2>
          ${pairTable('Events of the run', events)}
        </div>`
      : markup``
  return markup`<section class="columns">
    <div>
      <h2>Load generator</h2>
      ${pairTable('Load generator', rows)}
    </div>
    ${timeline}
  </section>`
}

/** What was run, and how to run it again. */
export function configurationSection(result: LoadResult): Markup {
  const { configuration, window } = result
  const { workload, arrivals, criteria } = configuration
  const schedule = arrivals.schedule.map(
    (phase) => `${countText(phase.rate)}/s for ${durationText(phase.forMs)}`,
  )
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
    ['Schedule', schedule.length > 0 ? schedule.join(', then ') : 'as fast as the validators take'],
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
  const command =
    configuration.command === null
      ? markup``
      : markup`<h2>Run it again</h2>
          <pre class="command" tabindex="0"><code>${configuration.command}</code></pre>`
  return markup`<section>
    ${command}
    <h2>Configuration</h2>
    ${pairTable('Configuration', rows)}
  </section>`
}

/** How the figures came about: a number is only as good as its method. */
export function methodSection(): Markup {
  return markup`<section class="method">
    <h2>How this was counted</h2>
    <p>
      A transaction counts once, when f + 1 validators of every shard it touches reported the same
      block with it: its debit in the payer’s shard and its credit in the payee’s. Latency runs from
      the scheduled moment of sending, so a slow answer never hides the wait of those behind it. A
      transaction without a fate at the end is lost. Rate is counted inside the measured window by
      the moment of commit; latency over the transactions scheduled in it.
    </p>
  </section>`
}

function pairTable(label: string, rows: readonly Row[]): Markup {
  const body = rows.map(
    ([name, value]) =>
      markup`<tr>
        <th scope="row">${name}</th>
        <td>${value}</td>
      </tr>`,
  )
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="pairs">
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
