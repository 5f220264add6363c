import type { LoadResult } from '@shardnet/load-generator'
import { clockText, countText, latencyText, tableText } from './format.ts'
import { dollars } from './cost-text.ts'
import { coloured } from './run-view.ts'
import { searchText } from './search-text.ts'

const FINDINGS_SHOWN_MAX = 5

const VERDICT_WORDS: Readonly<Record<LoadResult['verdict']['kind'], string>> = {
  passed: 'PASSED',
  failed: 'FAILED',
  notSteady: 'NOT STEADY',
  generatorLimited: 'GENERATOR LIMITED',
  clockJumped: 'CLOCK JUMPED',
  aborted: 'ABORTED',
  undecided: 'UNDECIDED',
}

/** A result in a few lines. */
export function summaryText(result: LoadResult, stream: NodeJS.WriteStream): string {
  const { counts, latency, generator, verdict, safety } = result
  const share = counts.committed === 0 ? 0 : (100 * counts.committedCrossShard) / counts.committed
  const rows = [
    [
      'Offered',
      `${result.offeredPerSecond.toFixed(1)}/s for ${clockText(result.window.toMs - result.window.fromMs)}`,
    ],
    ['Committed', committedText(result)],
    [
      'Latency',
      `p50 ${latencyText(latency.summary?.p50Ms ?? null)}  p99 ${latencyText(latency.summary?.p99Ms ?? null)}`,
    ],
    [
      'Transactions',
      `${countText(counts.sent)} sent, ${countText(counts.committed)} committed (${share.toFixed(1)} % cross-shard), ${countText(counts.failed)} failed, ${countText(counts.refused)} refused, ${countText(counts.expired)} expired, ${countText(counts.lost)} lost`,
    ],
    [
      'Heights',
      result.shards.map(({ heightFirst, heightLast }) => `${heightFirst}–${heightLast}`).join('  '),
    ],
    ['Steady', steadyText(result.steadyState)],
    ...(result.bottleneck.kind === 'unknown' ? [] : [['Bottleneck', result.bottleneck.text]]),
    ...(result.cost?.actual === undefined || result.cost.actual === null
      ? []
      : [
          [
            'Cost',
            `${dollars(result.cost.actual.run)}, ${dollars(result.cost.actual.perHour)} an hour`,
          ],
        ]),
    ...(generator.wasLimit ? [['Generator', generator.reasons.join('; ')]] : []),
    ['Safety', safetyText(safety)],
    ['Verdict', verdictText(verdict, stream)],
  ]
  const findings = safety.findings.slice(0, FINDINGS_SHOWN_MAX).map((finding) => `  ${finding}`)
  const search = result.search === null ? [] : ['', searchText(result.search)]
  return [tableText(rows), ...findings, ...search].join('\n')
}

/** With its interval, and beside it the figure that one would have told in 2018. */
function committedText({ committedPerSecond, steadyState, counting }: LoadResult): string {
  const estimate = steadyState.committedPerSecond
  const half = estimate === null ? '' : ` ± ${((estimate.high - estimate.low) / 2).toFixed(1)}`
  const old = counting.style2018
  const ratio =
    old?.ratioToHonest === null ? '' : `, ${old?.ratioToHonest.toFixed(1)} times as much`
  const other = old === null ? '' : ` (2018-style: ${countText(old.perSecond)}/s${ratio})`
  return `${committedPerSecond.toFixed(1)}/s${half}${other}`
}

function steadyText({ kind, reasons, warmUpMs, isDisturbed }: LoadResult['steadyState']): string {
  const from = `from ${(warmUpMs / 1_000).toFixed(1)} s on`
  switch (kind) {
    case 'steady':
      return `yes, ${from}`
    case 'notSteady':
      return `NO: ${reasons.join('; ')}${isDisturbed ? ' (with a fault in the window)' : ''}`
    case 'unknown':
      return `cannot tell: ${reasons.join('; ')}`
  }
}

function safetyText(safety: LoadResult['safety']): string {
  switch (safety.kind) {
    case 'passed':
      return `passed (${safety.facts.map(({ name, value }) => `${name} ${value}`).join(', ')})`
    case 'failed':
      return `FAILED with ${safety.findings.length} findings`
    case 'notChecked':
      return 'not checked: the validators run on; `shardnet down --check` checks their files'
  }
}

function verdictText({ kind, reasons }: LoadResult['verdict'], stream: NodeJS.WriteStream): string {
  const style = kind === 'passed' ? 'green' : kind === 'failed' ? 'red' : 'yellow'
  const word = coloured(stream, style, VERDICT_WORDS[kind])
  return reasons.length === 0 ? word : `${word}: ${reasons.join('; ')}`
}
