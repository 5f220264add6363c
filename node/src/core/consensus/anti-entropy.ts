import { highestCertificates } from './certificate-maps.ts'
import type { Replica } from './replica.ts'

/** COMMIT votes of earlier views that are repeated, newest first. */
const COMMITS_RESENT_MAX = 4

/** Sends again what is durable of this view, the newest COMMITs and the highest certificates. */
export function resend(replica: Replica): void {
  const own = replica.own.get(replica.view)
  for (const kind of ['skip', 'prepare'] as const) {
    const vote = own?.durable.get(kind)
    if (vote !== undefined) replica.send('all', 'consensus', { kind: 'vote', vote })
  }
  const views = [...replica.own.keys()]
    .filter((view) => view > replica.committedView)
    .sort((a, b) => b - a)
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

/** R7: tells a peer that is behind where we are, at most once per network delay. */
export function answerBehind(replica: Replica, peer: number): void {
  const last = replica.answeredAtMs[peer] ?? 0
  if (replica.nowMs - last < replica.parameters.timing.networkDelayMs) return
  replica.answeredAtMs[peer] = replica.nowMs
  for (const certificate of highestCertificates(replica)) {
    replica.send([peer], 'consensus', { kind: 'certificate', certificate })
  }
}
