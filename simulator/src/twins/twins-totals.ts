import type { TwinsResult } from './twins-world.ts'

/** What many scenarios came to together. Plain data: it goes through threads and files. */
export interface TwinsTotals {
  scenarios: number
  /** Scenarios in which the halves of a validator really signed different things. */
  withEquivocation: number
  withSkip: number
  withEvidence: number
  events: number
  heights: number
  skips: number
  restarts: number
  equivocations: number
  dropped: number
  cut: number
  /** Partitions by kind, drawn and fired, and what twins did in their roles. */
  happened: Record<string, number>
}

export function emptyTwinsTotals(): TwinsTotals {
  return {
    scenarios: 0,
    withEquivocation: 0,
    withSkip: 0,
    withEvidence: 0,
    events: 0,
    heights: 0,
    skips: 0,
    restarts: 0,
    equivocations: 0,
    dropped: 0,
    cut: 0,
    happened: {},
  }
}

export function addScenario(totals: TwinsTotals, result: TwinsResult): void {
  totals.scenarios++
  if (result.equivocations > 0) totals.withEquivocation++
  if (result.skips > 0) totals.withSkip++
  if (result.accused > 0) totals.withEvidence++
  totals.events += result.events
  totals.heights += result.height
  totals.skips += result.skips
  totals.restarts += result.restarts
  totals.equivocations += result.equivocations
  totals.dropped += result.dropped
  totals.cut += result.cut
  addCounts(totals, result.happened)
}

export function mergeTwinsTotals(totals: TwinsTotals, more: TwinsTotals): void {
  const { happened, ...numbers } = more
  for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) totals[name] += numbers[name]
  addCounts(totals, happened)
}

function addCounts(totals: TwinsTotals, counts: Readonly<Record<string, number>>): void {
  for (const [name, times] of Object.entries(counts))
    totals.happened[name] = (totals.happened[name] ?? 0) + times
}
