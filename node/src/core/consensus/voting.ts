import { signersOf } from '../wire/certificate.ts'
import { proposerOf } from '../wire/committee.ts'
import type { VoteEvidence } from '../wire/log-record.ts'
import type { Vote } from '../wire/peer-message.ts'
import { answerBehind } from './anti-entropy.ts'
import { tryCertify } from './certificates.ts'
import { missingOf, wantMissing } from './chain.ts'
import { recordEvidence } from './evidence.ts'
import { castVote } from './own-votes.ts'
import { ALL_TO_ALL_SIZE_MAX } from './parameters.ts'
import type { Replica } from './replica.ts'
import { isVoteValid } from './vote-check.ts'

/** Views behind the current one for which single votes are still collected; older views are served by certificates. */
const OLD_VIEWS = 8

/** Our own vote is on disk: now it counts. */
export function onOwnVoteDurable(replica: Replica, vote: Vote): void {
  if (vote.view <= replica.committedView) return
  replica.ownOf(vote.view).durable.set(vote.kind, vote)
  replica.send(recipientsOf(replica, vote), 'consensus', { kind: 'vote', vote })
  countVote(replica, replica.parameters.self, vote)
}

function recipientsOf(replica: Replica, vote: Vote): 'all' | number[] {
  const { size, self } = replica.parameters
  if (size <= ALL_TO_ALL_SIZE_MAX || vote.kind === 'skip') return 'all'
  const collectors = new Set([proposerOf(vote.view, size), proposerOf(vote.view + 1, size)])
  collectors.delete(self)
  return [...collectors]
}

/** A peer's vote: bounded by view, one slot per member and kind, the second value is evidence. */
export function onVote(replica: Replica, from: number, vote: Vote): void {
  const { size } = replica.parameters
  const hint = replica.executedHints[from] ?? 0
  if (vote.executedHeight > hint)
    replica.executedHints[from] = Math.min(vote.executedHeight, replica.tip.height)
  const isBehind = vote.kind === 'skip' ? vote.view < replica.view : vote.view + 2 < replica.view
  if (isBehind || vote.view <= replica.committedView) {
    if (vote.kind === 'skip' || vote.view + 2 < replica.view) answerBehind(replica, from)
  }
  if (vote.view <= replica.committedView || vote.view + OLD_VIEWS < replica.view) return
  if (vote.view > replica.view + 4 * size) return
  if (replica.suspects.has(from) && !isVoteValid(replica, from, vote)) return
  countVote(replica, from, vote)
}

function countVote(replica: Replica, from: number, vote: Vote): void {
  let ofView = replica.votes.get(vote.view)
  if (ofView === undefined) replica.votes.set(vote.view, (ofView = new Map()))
  let ofKind = ofView.get(vote.kind)
  if (ofKind === undefined) ofView.set(vote.kind, (ofKind = new Map()))
  const known = ofKind.get(from)
  if (known !== undefined) {
    if (known.value !== vote.value) accuse(replica, from, known, vote)
    return
  }
  ofKind.set(from, vote)
  const excluded = vote.kind === 'commit' ? 'skip' : vote.kind === 'skip' ? 'commit' : null
  const other = excluded === null ? undefined : ofView.get(excluded)?.get(from)
  if (other !== undefined) accuse(replica, from, other, vote)
  tryCertify(replica, vote.kind, vote.view, vote.value)
}

function accuse(replica: Replica, from: number, first: Vote, second: Vote): void {
  if (!isVoteValid(replica, from, first) || !isVoteValid(replica, from, second)) return
  const side = (vote: Vote): VoteEvidence => ({
    kind: vote.kind,
    value: vote.value,
    signature: vote.signature,
    header: new Uint8Array(0),
  })
  recordEvidence(replica, { validator: from, view: first.view }, side(first), side(second))
}

/** R3: a prepared block gets our COMMIT once it and all it names are on our disk, unless we skipped the view. */
export function tryCommitVotes(replica: Replica): void {
  if (!replica.canVote || replica.commitPending.size === 0) return
  for (const view of [...replica.commitPending].sort((a, b) => a - b)) {
    const certificate = replica.prepareCertificates.get(view)
    const own = replica.own.get(view)
    if (certificate === undefined || own?.skip || own?.commit || view <= replica.committedView) {
      replica.commitPending.delete(view)
      continue
    }
    const entry = replica.blocks.get(certificate.value)
    const holders = signersOf(certificate.signers)
    if (!entry?.proposal) {
      replica.fetches.want('proposal', certificate.value, holders)
      continue
    }
    if (missingOf(replica, entry.body).length > 0) {
      wantMissing(replica, entry.body, holders)
      continue
    }
    if (!entry.logged) replica.logBlock(entry)
    replica.commitPending.delete(view)
    castVote(replica, 'commit', view, certificate.value)
  }
}
