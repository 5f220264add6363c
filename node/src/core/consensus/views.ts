import { proposerOf } from '../wire/committee.ts'
import { certificatesOf } from './certificates.ts'
import { askForMissing } from './fetching.ts'
import type { Replica } from './replica.ts'
import { castVote } from './voting.ts'

const SKIP_DOUBLINGS_MAX = 5
const TICK_GROWTH = 1.5
const COMMITS_RESENT_MAX = 4

/** R0: views only rise. Arms the deadline; what the new view allows is tried at the end of the step. */
export function enterView(replica: Replica, view: number, reason: 'start' | 'prepare' | 'skip' | 'commit'): void {
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
export function viewTimeoutOf(replica: Replica): number {
  const { timing, size } = replica.parameters
  const base = Math.max(timing.viewTimeoutMs, 4 * replica.smoothedRoundMs)
  const full = base * 2 ** Math.min(replica.skipsInRow, SKIP_DOUBLINGS_MAX)
  const hasFailed = replica.failedTurn[proposerOf(replica.view, size)] === true
  const isShardLive = replica.view - replica.committedView <= size
  if (!hasFailed || !isShardLive) return full
  return Math.min(full, Math.max(base / 4, timing.idleBlockIntervalMs + 6 * timing.networkDelayMs))
}

function tickDelayOf(replica: Replica): number {
  const grown = 4 * replica.parameters.timing.networkDelayMs * TICK_GROWTH ** replica.tickBackoff
  return Math.min(grown, viewTimeoutOf(replica))
}

/** R4: the view's deadline passed without a prepare certificate. COMMIT and SKIP in one view exclude each other for ever. */
export function onViewDeadline(replica: Replica): void {
  const { view } = replica
  if (!replica.canVote || view <= replica.committedView || replica.prepareCertificates.has(view)) return
  const own = replica.ownOf(view)
  if (own.commit !== null || own.skip) return
  castVote(replica, 'skip', view)
}

/** Repeats what may have been lost, with back-off, until the view is left; only what is durable. */
export function onTick(replica: Replica): void {
  askForMissing(replica)
  const waitedMs = replica.nowMs - replica.enteredAtMs
  if (waitedMs >= replica.parameters.timing.viewTimeoutMs / 2) resend(replica)
  replica.tickBackoff++
  replica.setTimer('tick', tickDelayOf(replica))
}

/** Sends again what is durable of this view, the newest COMMITs and the highest certificates. */
export function resend(replica: Replica): void {
  const own = replica.own.get(replica.view)
  for (const kind of ['skip', 'prepare'] as const) {
    const vote = own?.durable.get(kind)
    if (vote !== undefined) replica.send('all', 'consensus', { kind: 'vote', vote })
  }
  const views = [...replica.own.keys()].filter((view) => view > replica.committedView).sort((a, b) => b - a)
  let commits = 0
  for (const view of views) {
    const vote = replica.own.get(view)?.durable.get('commit')
    if (vote === undefined || ++commits > COMMITS_RESENT_MAX) continue
    replica.send('all', 'consensus', { kind: 'vote', vote })
  }
  const proposed = own?.proposed ? replica.blocks.get(own.proposed) : undefined
  if (proposed?.proposal && proposed.durable) {
    replica.send('all', 'consensus', { kind: 'proposal', proposal: proposed.proposal })
  }
  for (const certificate of highestCertificates(replica)) {
    replica.send('all', 'consensus', { kind: 'certificate', certificate })
  }
}

/** The newest certificate of each kind: they bring anybody who is behind into our view. */
export function highestCertificates(replica: Replica) {
  return (['prepare', 'skip', 'commit'] as const).flatMap((kind) => {
    const map = certificatesOf(replica, kind)
    let highest = -1
    for (const view of map.keys()) if (view > highest) highest = view
    const certificate = map.get(highest)
    return certificate === undefined ? [] : [certificate]
  })
}

/** R7: tells a peer that is behind where we are, at most once per network delay. */
export function answerBehind(replica: Replica, peer: number): void {
  const last = replica.answeredAtMs[peer] ?? 0
  if (replica.nowMs - last < replica.parameters.timing.networkDelayMs) return
  replica.answeredAtMs[peer] = replica.nowMs
  for (const certificate of highestCertificates(replica)) {
    replica.send([peer], 'consensus', { kind: 'certificate', certificate })
  }
}
