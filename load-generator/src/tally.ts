import type { Fate } from './fates.ts'
import { Slices } from './analysis/slices.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import { Series } from './series.ts'

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

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
