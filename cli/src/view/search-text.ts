import type { LoadResult, Trial } from '@shardnet/load-generator'
import { countText, latencyText, tableText } from './format.ts'

type Search = NonNullable<LoadResult['search']>

/** One trial in one line. */
export function trialText(trial: Trial): string {
  const parts = [
    `Trial ${trial.number}`,
    `${countText(trial.rate)}/s`,
    `p50 ${latencyText(trial.p50Ms)}`,
    `p99 ${latencyText(trial.p99Ms)}`,
    `${trial.outcome}: ${trial.reason}`,
  ]
  return parts.join('  ')
}

/** The curve, the knee and the overload. */
export function searchText(search: Search): string {
  const rows = search.trials
    .toSorted((a, b) => a.rate - b.rate)
    .map((trial) => [
      `${countText(trial.offeredPerSecond)}/s`,
      `${countText(trial.committedPerSecond)}/s`,
      latencyText(trial.p50Ms),
      latencyText(trial.p99Ms),
      trial.outcome,
    ])
  const { knee, overload } = search
  const kneeText =
    knee === null
      ? 'none found'
      : `${countText(knee.value)}/s (${countText(knee.low)} to ${countText(knee.high)})`
  const lines = [
    tableText([['OFFERED', 'COMMITTED', 'P50', 'P99', ''], ...rows]),
    '',
    `Knee      ${kneeText}; ${search.endedBecause}`,
  ]
  if (overload !== null) {
    const during = (100 * overload.goodputDuringShare).toFixed(0)
    const after = (100 * overload.goodputAfterShare).toFixed(0)
    const back =
      overload.recoveredAfterMs === null
        ? 'did not come back'
        : `back after ${(overload.recoveredAfterMs / 1_000).toFixed(0)} s`
    lines.push(
      `Overload  ${countText(overload.offeredPerSecond)}/s offered: ${during} % of the knee committed meanwhile, ${after} % of what is offered afterwards, ${back}`,
    )
  }
  return lines.join('\n')
}
