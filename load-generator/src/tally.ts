import type { Fate } from './fates.ts'
import { Slices, type SlicesRecord } from './analysis/slices.ts'
import { LatencyHistogram, type HistogramRecord } from './latency-histogram.ts'
import { Series, type SeriesRecord } from './series.ts'

/** A transaction that got its fate. */
export interface Ending {
  readonly fate: Fate
  readonly payerShard: number
  readonly crossShard: boolean
  readonly scheduledMs: number
  readonly nowMs: number
}

/** The part of a run that figures are taken from, in milliseconds after its start. */
export interface MeasuredWindow {
  readonly fromMs: number
  readonly toMs: number
}

/** What is counted one by one. */
export const counters = [
  'scheduled',
  'scheduledInWindow',
  'sent',
  'committed',
  'committedCrossShard',
  'committedInWindow',
  'expired',
  'lost',
  'acknowledged',
  'resent',
  'busy',
  'clientBytes',
] as const
type Counter = (typeof counters)[number]

export const codeCounters = ['failedByCode', 'refusedByCode', 'refusalsByCode'] as const
export const shardCounters = ['sentByShard', 'committedByShard'] as const

/** A tally as data, for whoever puts those of several generators together. */
export interface TallyRecord {
  readonly window: MeasuredWindow
  readonly counts: Readonly<Record<Counter, number>>
  readonly byCode: Readonly<Record<(typeof codeCounters)[number], Readonly<Record<string, number>>>>
  readonly byShard: Readonly<Record<(typeof shardCounters)[number], readonly number[]>>
  readonly latency: HistogramRecord
  readonly lateness: HistogramRecord
  readonly series: SeriesRecord
  readonly slices: SlicesRecord
}

/** Everything that a run counts. Pure bookkeeping: times come from outside. */
export class Tally {
  readonly series = new Series()
  /** What the end of the warm-up, trends and intervals are found in. */
  readonly slices: Slices
  readonly latency = new LatencyHistogram()
  readonly lateness = new LatencyHistogram()
  scheduled = 0
  scheduledInWindow = 0
  sent = 0
  committed = 0
  committedCrossShard = 0
  committedInWindow = 0
  expired = 0
  lost = 0
  acknowledged = 0
  resent = 0
  busy = 0
  /** Bytes of transactions that left, repetitions included. */
  clientBytes = 0
  readonly failedByCode = new Map<string, number>()
  readonly refusedByCode = new Map<string, number>()
  readonly refusalsByCode = new Map<string, number>()
  readonly sentByShard: number[]
  readonly committedByShard: number[]
  #window: MeasuredWindow

  constructor(shards: number, window: MeasuredWindow) {
    this.#window = window
    this.slices = new Slices(shards, window.toMs)
    this.sentByShard = Array.from({ length: shards }, () => 0)
    this.committedByShard = Array.from({ length: shards }, () => 0)
  }

  get window(): MeasuredWindow {
    return this.#window
  }

  /** The sending stopped: the window ends there at the latest. */
  endWindow(atMs: number): void {
    const toMs = Math.min(this.#window.toMs, atMs)
    this.#window = { fromMs: Math.min(this.#window.fromMs, toMs), toMs }
  }

  record(): TallyRecord {
    return {
      window: this.#window,
      counts: named(counters, (name) => this[name]),
      byCode: named(codeCounters, (name) => Object.fromEntries(this[name])),
      byShard: named(shardCounters, (name) => [...this[name]]),
      latency: this.latency.record(),
      lateness: this.lateness.record(),
      series: this.series.record(),
      slices: this.slices.record(),
    }
  }

  /** Adds what another generator counted in the same run; a tally has no generator's number, so any order will do. */
  add(record: TallyRecord): void {
    const { fromMs, toMs } = record.window
    this.#window = {
      fromMs: Math.min(this.#window.fromMs, fromMs),
      toMs: Math.max(this.#window.toMs, toMs),
    }
    for (const name of counters) this[name] += record.counts[name]
    for (const name of codeCounters)
      for (const [code, count] of Object.entries(record.byCode[name]))
        increment(this[name], code, count)
    for (const name of shardCounters)
      for (const [shard, count] of record.byShard[name].entries())
        this[name][shard] = (this[name][shard] ?? 0) + count
    this.latency.addRecord(record.latency)
    this.lateness.addRecord(record.lateness)
    this.series.add(record.series)
    this.slices.add(record.slices)
  }

  /** An arrival of the schedule, sent or not. */
  onScheduled(scheduledMs: number): void {
    this.scheduled += 1
    if (this.#holds(scheduledMs)) this.scheduledInWindow += 1
    this.series.count('offered', scheduledMs)
    this.slices.offered(scheduledMs)
  }

  /** A transaction that leaves the generator for the first time. */
  onSent(payerShard: number, scheduledMs: number, nowMs: number): void {
    this.sent += 1
    this.sentByShard[payerShard] = (this.sentByShard[payerShard] ?? 0) + 1
    this.lateness.recordMs(nowMs - scheduledMs)
    this.series.count('sent', nowMs)
  }

  onFate(ending: Ending): void {
    const { fate } = ending
    if (fate.kind !== 'committed' && fate.kind !== 'lost') this.slices.ended(ending.nowMs)
    switch (fate.kind) {
      case 'committed':
        return this.#onCommitted(ending)
      case 'failed':
        this.series.count('failed', ending.nowMs)
        return increment(this.failedByCode, fate.code)
      case 'refused':
        this.series.count('failed', ending.nowMs)
        return increment(this.refusedByCode, fate.code)
      case 'expired':
        this.series.count('failed', ending.nowMs)
        this.expired += 1
        return
      case 'lost':
        this.lost += 1
    }
  }

  onRefusal(code: string): void {
    increment(this.refusalsByCode, code)
  }

  /** Rate is counted by when a transaction committed, latency by when it was scheduled: neither favours the quick. */
  #onCommitted({ payerShard, crossShard, scheduledMs, nowMs }: Ending): void {
    this.committed += 1
    this.committedByShard[payerShard] = (this.committedByShard[payerShard] ?? 0) + 1
    if (crossShard) this.committedCrossShard += 1
    if (this.#holds(nowMs)) this.committedInWindow += 1
    if (this.#holds(scheduledMs)) this.latency.recordMs(nowMs - scheduledMs)
    this.slices.committed(scheduledMs, nowMs)
    this.series.count('committed', nowMs)
    this.series.latency(scheduledMs, nowMs - scheduledMs)
  }

  #holds(timeMs: number): boolean {
    return timeMs >= this.#window.fromMs && timeMs < this.#window.toMs
  }
}

/** Sum of all values of a counter by code. */
export function totalOf(counts: ReadonlyMap<string, number>): number {
  let total = 0
  for (const count of counts.values()) total += count
  return total
}

function increment(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

function named<const Name extends string, Value>(
  names: readonly Name[],
  valueOf: (name: Name) => Value,
): Readonly<Record<Name, Value>> {
  // One entry for each name of the list.
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<Name, Value>
}
