import { must } from '@shardnet/node/core'
import { LatencyHistogram, type HistogramRecord } from '../latency-histogram.ts'

/** Observations of a slice: the five of MSER-5. */
export const STEPS_PER_SLICE = 5
/** Slices kept before neighbours are merged. */
const SLICES_MAX = 128
const SLICE_MS = 250
/** Fewest slices after the warm-up that tests and intervals are made from. */
export const SLICES_MIN = 20
/** What no shorter run can say anything on steadiness from, in milliseconds. */
export const STEADY_RUN_MS_MIN = SLICES_MIN * SLICE_MS

/** Blocks of one shard, as the figure of 2018 counts them. */
export interface BlockSums {
  /** Sum over blocks of entries / time from proposal to commit, per second. */
  rates: number
  blocks: number
  busyMs: number
}

interface Slice {
  /** Scheduled, committed and ended (with any fate), by step. */
  readonly offered: Float64Array
  readonly committed: Float64Array
  readonly ended: Float64Array
  /** Of the transactions *scheduled* in this slice. */
  readonly latency: LatencyHistogram
  readonly blocks: BlockSums[]
}

/** Slices as data, without the blocks: everybody who watches the chains sees the same ones. */
export interface SlicesRecord {
  readonly sliceMs: number
  readonly slices: readonly {
    readonly offered: readonly number[]
    readonly committed: readonly number[]
    readonly ended: readonly number[]
    readonly latency: HistogramRecord
  }[]
}

/** The finished observations of a run. */
export interface SliceColumns {
  readonly sliceMs: number
  /** By step, five per slice; only slices that are over. */
  readonly offered: readonly number[]
  readonly committed: readonly number[]
  /** Scheduled and without a fate, at the end of each step. */
  readonly backlog: readonly number[]
  /** By slice. */
  readonly latency: readonly LatencyHistogram[]
  /** By slice, then by shard. */
  readonly blocks: readonly (readonly BlockSums[])[]
}

/**
 * What the analysis looks at: a run in at most 128 slices of five steps each, wider ones as the run grows, so that a long
 * run needs no more memory than a short one. Where the warm-up ends is decided after the run, so every slice keeps its
 * own latencies.
 */
export class Slices {
  readonly #shards: number
  readonly #endMs: number
  #sliceMs = SLICE_MS
  #slices: Slice[] = []

  /** What happens at or after `endMs` is no observation: waiting for the last fates must not make the slices wider. */
  constructor(shards: number, endMs = Number.POSITIVE_INFINITY) {
    this.#shards = shards
    this.#endMs = endMs
  }

  offered(timeMs: number): void {
    if (timeMs >= this.#endMs) return
    const slice = this.#at(timeMs)
    bump(slice.offered, this.#stepOf(timeMs))
  }

  committed(scheduledMs: number, nowMs: number): void {
    if (nowMs < this.#endMs) {
      const slice = this.#at(nowMs)
      bump(slice.committed, this.#stepOf(nowMs))
      bump(slice.ended, this.#stepOf(nowMs))
    }
    if (scheduledMs < this.#endMs) this.#at(scheduledMs).latency.recordMs(nowMs - scheduledMs)
  }

  /** Another fate than committed. */
  ended(nowMs: number): void {
    if (nowMs >= this.#endMs) return
    const slice = this.#at(nowMs)
    bump(slice.ended, this.#stepOf(nowMs))
  }

  /** A block with that many entries, committed that long after it was proposed. */
  block(timeMs: number, shard: number, entries: number, busyMs: number): void {
    if (timeMs >= this.#endMs || entries === 0) return
    const sums = this.#at(timeMs).blocks[shard]
    if (sums === undefined) return
    sums.rates += (entries * 1_000) / busyMs
    sums.blocks += 1
    sums.busyMs += busyMs
  }

  record(): SlicesRecord {
    const slices = this.#slices.map(({ offered, committed, ended, latency }) => ({
      offered: [...offered],
      committed: [...committed],
      ended: [...ended],
      latency: latency.record(),
    }))
    return { sliceMs: this.#sliceMs, slices }
  }

  /** Adds what another generator observed of the same run. */
  add(record: SlicesRecord): void {
    const other = new Slices(this.#shards)
    other.#sliceMs = record.sliceMs
    other.#slices = record.slices.map((slice) => sliceOf(slice, this.#shards))
    while (other.#sliceMs < this.#sliceMs) other.#halve()
    while (this.#sliceMs < other.#sliceMs) this.#halve()
    for (const [i, slice] of other.#slices.entries()) {
      const ours = this.#slices[i]
      if (ours === undefined) this.#slices.push(slice)
      else addSlice(ours, slice)
    }
  }

  /** Everything up to `endMs`: slices that were not over by then are left out. */
  columns(endMs: number): SliceColumns {
    // A run that ends in silence has slices in which nothing happened.
    if (endMs > 0) this.#at(endMs - 1e-6)
    const whole = this.#slices.slice(0, Math.floor(endMs / this.#sliceMs + 1e-9))
    const offered = whole.flatMap((slice) => [...slice.offered])
    const ended = whole.flatMap((slice) => [...slice.ended])
    let backlog = 0
    return {
      sliceMs: this.#sliceMs,
      offered,
      committed: whole.flatMap((slice) => [...slice.committed]),
      backlog: offered.map((count, step) => (backlog += count - (ended[step] ?? 0))),
      latency: whole.map((slice) => slice.latency),
      blocks: whole.map((slice) => slice.blocks),
    }
  }

  #stepOf(timeMs: number): number {
    const within = (timeMs % this.#sliceMs) / this.#sliceMs
    return Math.min(STEPS_PER_SLICE - 1, Math.floor(within * STEPS_PER_SLICE))
  }

  #at(timeMs: number): Slice {
    const index = (): number => Math.max(0, Math.floor(timeMs / this.#sliceMs))
    while (index() >= SLICES_MAX) this.#halve()
    while (this.#slices.length <= index()) this.#slices.push(emptySlice(this.#shards))
    return must(this.#slices[index()], 'slices exist up to now')
  }

  #halve(): void {
    const merged: Slice[] = []
    for (let i = 0; i < this.#slices.length; i += 2) {
      const first = must(this.#slices[i], 'slices are dense')
      merged.push(mergedSlice(first, this.#slices[i + 1] ?? emptySlice(this.#shards)))
    }
    this.#slices = merged
    this.#sliceMs *= 2
  }
}

function bump(counts: Float64Array, step: number): void {
  counts[step] = (counts[step] ?? 0) + 1
}

function emptySlice(shards: number): Slice {
  return {
    offered: new Float64Array(STEPS_PER_SLICE),
    committed: new Float64Array(STEPS_PER_SLICE),
    ended: new Float64Array(STEPS_PER_SLICE),
    latency: new LatencyHistogram(),
    blocks: Array.from({ length: shards }, () => ({ rates: 0, blocks: 0, busyMs: 0 })),
  }
}

function sliceOf(record: SlicesRecord['slices'][number], shards: number): Slice {
  const slice = emptySlice(shards)
  slice.offered.set(record.offered)
  slice.committed.set(record.committed)
  slice.ended.set(record.ended)
  slice.latency.addRecord(record.latency)
  return slice
}

function addSlice(slice: Slice, other: Slice): void {
  for (const counts of ['offered', 'committed', 'ended'] as const)
    for (const [step, count] of other[counts].entries())
      slice[counts][step] = (slice[counts][step] ?? 0) + count
  slice.latency.add(other.latency)
}

/** Two neighbours as one: ten steps become five, pair by pair. */
function mergedSlice(first: Slice, second: Slice): Slice {
  first.latency.add(second.latency)
  return {
    offered: mergedSteps(first.offered, second.offered),
    committed: mergedSteps(first.committed, second.committed),
    ended: mergedSteps(first.ended, second.ended),
    latency: first.latency,
    blocks: first.blocks.map((sums, shard) => ({
      rates: sums.rates + (second.blocks[shard]?.rates ?? 0),
      blocks: sums.blocks + (second.blocks[shard]?.blocks ?? 0),
      busyMs: sums.busyMs + (second.blocks[shard]?.busyMs ?? 0),
    })),
  }
}

function mergedSteps(first: Float64Array, second: Float64Array): Float64Array {
  const all = [...first, ...second]
  return Float64Array.from({ length: STEPS_PER_SLICE }, (_, i) => {
    return (all[2 * i] ?? 0) + (all[2 * i + 1] ?? 0)
  })
}
