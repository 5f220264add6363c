import { proposerOf } from '../wire/committee.ts'
import type { Replica } from './replica.ts'

const SKIP_DOUBLINGS_MAX = 5
/** A slow spell lengthens deadlines at most this much. */
const ROUND_FACTOR_MAX = 8
const TICK_GROWTH = 1.5

/** R0: views only rise. Arms the deadline; what the new view allows is tried at the end of the step. */
export function enterView(
  replica: Replica,
  view: number,
  reason: 'start' | 'prepare' | 'skip' | 'commit',
): void {
  if (view < replica.view || (view === replica.view && reason !== 'start')) return
  replica.view = view
  replica.enteredAtMs = replica.nowMs
  replica.tickBackoff = 0
  replica.proposeAtMs = 0
  replica.emit({ kind: 'note', note: { kind: 'enteredView', view, reason } })
  replica.setTimer('view', viewTimeoutOf(replica))
  replica.setTimer('tick', tickDelayOf(replica))
}

/**
 * Deadline of the current view: four smoothed rounds, at least the genesis timeout, doubled for each skip in a row.
 * A proposer whose last turn was skipped gets a quarter, but never less than an honest one needs, and only while blocks still commit.
 */
function viewTimeoutOf(replica: Replica): number {
  const { timing, size } = replica.parameters
  const base = Math.min(
    Math.max(timing.viewTimeoutMs, 4 * replica.smoothedRoundMs),
    ROUND_FACTOR_MAX * timing.viewTimeoutMs,
  )
  const full = base * 2 ** Math.min(replica.skipsInRow, SKIP_DOUBLINGS_MAX)
  const hasFailed = replica.failedTurn[proposerOf(replica.view, size)] === true
  const isShardLive = replica.view - replica.committedView <= size
  if (!hasFailed || !isShardLive) return full
  return Math.min(full, Math.max(base / 4, timing.idleBlockIntervalMs + 6 * timing.networkDelayMs))
}

/** Pause before the next tick of this view: grows by half each time, up to the view's deadline. */
export function tickDelayOf(replica: Replica): number {
  const grown = 4 * replica.parameters.timing.networkDelayMs * TICK_GROWTH ** replica.tickBackoff
  return Math.min(grown, viewTimeoutOf(replica))
}
