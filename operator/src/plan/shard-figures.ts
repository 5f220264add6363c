import { type Figures, NO_FIGURES } from './shard-status.ts'

/** What one validator told. */
export interface Reading {
  readonly height: number
  readonly results: number
  readonly orderSeconds: readonly { readonly bound: number; readonly count: number }[]
}

/** Readings of some validators of a shard at one time. */
export interface ShardReading {
  readonly atMs: number
  /** By validator's name. */
  readonly of: ReadonlyMap<string, Reading>
}

const SHARE = 0.99

/**
 * The figures of a shard from two readings. Each validator executes everything, so the rate is that of the fastest one;
 * one that was restarted in between counts anew and says nothing.
 */
export function figuresOf(before: ShardReading | null, now: ShardReading, last: Figures): Figures {
  const readings = [...now.of.values()]
  if (readings.length === 0) return { ...NO_FIGURES, lastCommitMs: last.lastCommitMs }
  const heights = readings.map(({ height }) => height)
  const height = Math.max(...heights)
  const rate = rateOf(before, now)
  const results = Math.max(...readings.map((reading) => reading.results))
  const isFirst = before === null || before.of.size === 0
  const hasCommitted = isFirst ? results > 0 : (rate ?? 0) > 0
  return {
    height,
    lag: height - Math.min(...heights),
    committedPerSecond: rate,
    p99Ms: p99Of(before, now),
    lastCommitMs: hasCommitted ? now.atMs : last.lastCommitMs,
  }
}

function rateOf(before: ShardReading | null, now: ShardReading): number | null {
  if (before === null || now.atMs <= before.atMs) return null
  const seconds = (now.atMs - before.atMs) / 1_000
  const gains = pairsOf(before, now).map(([old, fresh]) => fresh.results - old.results)
  const grown = gains.filter((gain) => gain >= 0)
  return grown.length === 0 ? null : Math.max(...grown) / seconds
}

/** The bound below which 99 % of the batches since the last reading were committed; of the slowest validator. */
function p99Of(before: ShardReading | null, now: ShardReading): number | null {
  if (before === null) return null
  const bounds = pairsOf(before, now).flatMap(([old, fresh]) => boundOf(old, fresh) ?? [])
  return bounds.length === 0 ? null : Math.max(...bounds) * 1_000
}

function boundOf(old: Reading, fresh: Reading): number | null {
  const gains = fresh.orderSeconds.map(({ bound, count }, index) => {
    return { bound, count: count - (old.orderSeconds[index]?.count ?? 0) }
  })
  const total = gains.at(-1)?.count ?? 0
  if (total <= 0) return null
  const found = gains.find(({ count }) => count >= total * SHARE)
  const largest = gains.findLast(({ bound }) => Number.isFinite(bound))
  return Number.isFinite(found?.bound) ? (found?.bound ?? null) : (largest?.bound ?? null)
}

function pairsOf(
  before: ShardReading,
  now: ShardReading,
): readonly (readonly [Reading, Reading])[] {
  return [...now.of].flatMap(([name, fresh]) => {
    const old = before.of.get(name)
    return old === undefined ? [] : [[old, fresh] as const]
  })
}
