import { must } from '@shardnet/node/core'
import { LatencyHistogram, type HistogramRecord } from './latency-histogram.ts'

/** Rows kept before neighbours are merged: an hour at one a second. */
const ROWS_MAX = 3_600

/** What is counted in each interval. */
export type SeriesCounter = 'offered' | 'sent' | 'committed' | 'failed'

/** A series as data. */
export interface SeriesRecord {
  readonly intervalMs: number
  readonly rows: readonly {
    readonly offered: number
    readonly sent: number
    readonly committed: number
    readonly failed: number
    readonly inFlight: number
    readonly heights: readonly number[]
    readonly latency: HistogramRecord
  }[]
}

interface Row {
  offered: number
  sent: number
  committed: number
  failed: number
  inFlight: number
  heights: readonly number[]
  /** Of the transactions *scheduled* in this interval. */
  readonly latency: LatencyHistogram
}

/** The run over time, column by column; null where an interval has no value. */
export interface SeriesColumns {
  readonly intervalMs: number
  /** Start of each interval after the start of the run. */
  readonly timeMs: readonly number[]
  readonly offered: readonly number[]
  readonly sent: readonly number[]
  readonly committed: readonly number[]
  readonly failed: readonly number[]
  readonly inFlight: readonly number[]
  /** Scheduled and without a fate at the end of each interval. */
  readonly backlog: readonly number[]
  readonly p50Ms: readonly (number | null)[]
  readonly p99Ms: readonly (number | null)[]
  /** Believed height of each shard at the end of each interval. */
  readonly heights: readonly (readonly number[])[]
}

/**
 * Counts and gauges over time at one row a second. When an hour is full, neighbours are merged and a row covers twice as
 * long: the memory of a run does not depend on its length.
 */
export class Series {
  #intervalMs: number
  #rows: Row[] = []

  constructor(intervalMs = 1_000) {
    this.#intervalMs = intervalMs
  }

  count(counter: SeriesCounter, timeMs: number, by = 1): void {
    this.#rowAt(timeMs)[counter] += by
  }

  /** Latency of a committed transaction, filed under the interval that it was scheduled in. */
  latency(scheduledMs: number, latencyMs: number): void {
    this.#rowAt(scheduledMs).latency.recordMs(latencyMs)
  }

  /** How things stand now; the last word of an interval stays. */
  gauge(timeMs: number, inFlight: number, heights: readonly number[]): void {
    const row = this.#rowAt(timeMs)
    row.inFlight = inFlight
    row.heights = [...heights]
  }

  record(): SeriesRecord {
    const rows = this.#rows.map((row) => ({ ...row, latency: row.latency.record() }))
    return { intervalMs: this.#intervalMs, rows }
  }

  /** Adds what another generator counted meanwhile; the chains that both watched are the same. */
  add(record: SeriesRecord): void {
    const other = new Series(record.intervalMs)
    for (const row of record.rows) {
      const latency = new LatencyHistogram(2)
      latency.addRecord(row.latency)
      other.#rows.push({ ...row, latency })
    }
    while (other.#intervalMs < this.#intervalMs) other.#halve()
    while (this.#intervalMs < other.#intervalMs) this.#halve()
    while (this.#rows.length < other.#rows.length) this.#rows.push(this.#emptyRow())
    const last = other.#rows.at(-1)?.inFlight ?? 0
    for (const [i, row] of this.#rows.entries()) {
      const theirs = other.#rows[i]
      row.inFlight += theirs?.inFlight ?? last
      if (theirs !== undefined) addCounts(row, theirs)
    }
  }

  columns(): SeriesColumns {
    const rows = this.#rows
    return {
      intervalMs: this.#intervalMs,
      timeMs: rows.map((_, i) => i * this.#intervalMs),
      offered: rows.map((row) => row.offered),
      sent: rows.map((row) => row.sent),
      committed: rows.map((row) => row.committed),
      failed: rows.map((row) => row.failed),
      inFlight: rows.map((row) => row.inFlight),
      backlog: backlogOf(rows),
      p50Ms: rows.map((row) => row.latency.percentileMs(50)),
      p99Ms: rows.map((row) => row.latency.percentileMs(99)),
      heights: rows.map((row) => row.heights),
    }
  }

  #rowAt(timeMs: number): Row {
    const at = (): number => Math.max(0, Math.floor(timeMs / this.#intervalMs))
    while (at() >= ROWS_MAX) this.#halve()
    while (this.#rows.length <= at()) this.#rows.push(this.#emptyRow())
    return must(this.#rows[at()], 'rows exist up to now')
  }

  #emptyRow(): Row {
    const last = this.#rows.at(-1)
    return {
      offered: 0,
      sent: 0,
      committed: 0,
      failed: 0,
      inFlight: last?.inFlight ?? 0,
      heights: last?.heights ?? [],
      latency: new LatencyHistogram(2),
    }
  }

  #halve(): void {
    const merged: Row[] = []
    for (let i = 0; i < this.#rows.length; i += 2) {
      const first = must(this.#rows[i], 'rows are dense')
      const second = this.#rows[i + 1]
      if (second !== undefined) mergeInto(first, second)
      merged.push(first)
    }
    this.#rows = merged
    this.#intervalMs *= 2
  }
}

/** What was scheduled up to the end of each row and had no fate then; arrivals that never left the generator count. */
function backlogOf(rows: readonly Row[]): number[] {
  let backlog = 0
  return rows.map((row) => {
    backlog += row.offered - row.committed - row.failed
    return Math.max(0, backlog)
  })
}

function mergeInto(row: Row, later: Row): void {
  addCounts(row, later)
  row.inFlight = later.inFlight
  row.heights = later.heights
}

function addCounts(row: Row, other: Row): void {
  row.offered += other.offered
  row.sent += other.sent
  row.committed += other.committed
  row.failed += other.failed
  row.latency.add(other.latency)
}
