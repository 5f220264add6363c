import { mustHold } from '../errors.ts'
import { ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { votePreimage, type VoteKind } from '../wire/certificate.ts'
import type { Vote } from '../wire/peer-message.ts'
import type { Replica } from './replica.ts'

/** Signs a vote and writes it down. It is sent, and counted by ourselves, only when it is on disk. */
export function castVote(
  replica: Replica,
  kind: VoteKind,
  view: number,
  value: Hash = ZERO_HASH,
): void {
  const { context, crypto } = replica.parameters
  mustHold(replica.canVote && view > replica.committedView, 'votes only above the committed view')
  const own = replica.ownOf(view)
  if (kind === 'prepare') {
    mustHold(own.prepare === null && !own.skip, 'one PREPARE in a view, none after SKIP')
    own.prepare = value
  } else if (kind === 'commit') {
    mustHold(own.commit === null && !own.skip, 'one COMMIT in a view, none after SKIP')
    own.commit = value
  } else {
    mustHold(own.commit === null && !own.skip, 'no SKIP after COMMIT')
    own.skip = true
  }
  const signature = crypto.signVote(votePreimage(context, kind, view, value))
  const vote: Vote = { kind, view, value, signature, executedHeight: replica.executedHeight }
  replica.log({ kind: 'vote', vote }, { kind: 'vote', vote })
  replica.emit({ kind: 'note', note: { kind: 'vote', vote: kind, view } })
}

/** R4: the view's deadline passed without a prepare certificate. COMMIT and SKIP in one view exclude each other for ever. */
export function onViewDeadline(replica: Replica): void {
  const { view } = replica
  if (!replica.canVote || view <= replica.committedView || replica.prepareCertificates.has(view))
    return
  const own = replica.ownOf(view)
  if (own.commit !== null || own.skip) return
  castVote(replica, 'skip', view)
}
