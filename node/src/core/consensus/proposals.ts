import { bytesOfHash, type Hash } from '../primitives/hash.ts'
import { blockHashOf, bodyRootOf, encodeBlockHeader, EXECUTION_LAG_MAX } from '../wire/block.ts'
import { proposerOf } from '../wire/committee.ts'
import type { Proposal } from '../wire/proposal.ts'
import { parentCertificateAt } from './certificate-maps.ts'
import { acceptCertificate } from './certificates.ts'
import { missingOf, orderingOf, wantReference } from './chain.ts'
import { isPeerSignatureValid, recordEvidence } from './evidence.ts'
import { askForCertificates, missingSkips } from './fetching.ts'
import { CLOCK_AHEAD_MAX_MS } from './parameters.ts'
import { entryOf, type BlockEntry, type Replica } from './replica.ts'
import { answerBehind } from './anti-entropy.ts'
import { withSettledCertificates } from './settled-proposal.ts'
import { castVote } from './own-votes.ts'

/** A proposal from a peer, not necessarily its proposer. Returns why it is refused, or null. */
export function onProposal(replica: Replica, from: number, proposal: Proposal): string | null {
  const { header } = proposal
  const { size, context, shard, epoch } = replica.parameters
  if (header.context !== context || header.shard !== shard || header.epoch !== epoch)
    return 'wrongContext'
  if (header.proposer !== proposerOf(header.view, size)) return 'wrongProposer'
  if (header.parentView >= header.view || header.lastCommitted.view > header.parentView)
    return 'badViews'
  if (bodyRootOf(proposal.body) !== header.bodyRoot) return 'wrongBody'
  const hash = blockHashOf(header)
  const isWanted = replica.fetches.isWanted(hash)
  if (!isWanted && header.view <= replica.committedView) {
    answerBehind(replica, from)
    return null
  }
  if (!isWanted && header.view > replica.view + 4 * size) return 'viewTooHigh'
  const isKnown = replica.blocks.has(hash)
  if (
    !isKnown &&
    !isPeerSignatureValid(replica, header.proposer, bytesOfHash(hash), proposal.signature)
  )
    return 'badSignature'
  const fault = acceptCarried(replica, proposal)
  if (fault !== null || isKnown) return fault
  if (!admitView(replica, hash, proposal) && !isWanted) return 'secondProposal'
  const settled = withSettledCertificates(replica, proposal)
  if (settled === null) return 'badCertificate'
  replica.blocks.set(hash, entryOf(hash, settled, replica.nowMs))
  replica.fetches.settle(hash)
  return null
}

/** The first validly signed proposal of a view takes its slot; another one is evidence. */
function admitView(replica: Replica, hash: Hash, proposal: Proposal): boolean {
  const { view, proposer } = proposal.header
  const knownHash = replica.proposalOfView.get(view)
  if (knownHash === undefined || knownHash === hash) {
    if (view > replica.committedView) replica.proposalOfView.set(view, hash)
    return true
  }
  const known = replica.blocks.get(knownHash)?.proposal
  if (known) {
    recordEvidence(
      replica,
      { validator: proposer, view },
      {
        kind: 'proposal',
        value: knownHash,
        signature: known.signature,
        header: encodeBlockHeader(known.header),
      },
      {
        kind: 'proposal',
        value: hash,
        signature: proposal.signature,
        header: encodeBlockHeader(proposal.header),
      },
    )
  }
  return false
}

/** Certificates that ride on a proposal are worth as much as those that come alone. */
function acceptCarried(replica: Replica, proposal: Proposal): string | null {
  const { parentCertificate, commitCertificate, skipCertificates, header } = proposal
  if (commitCertificate !== null) {
    const { lastCommitted } = header
    if (commitCertificate.kind !== 'commit' || commitCertificate.value !== lastCommitted.hash)
      return 'wrongCommitCertificate'
    if (commitCertificate.view !== lastCommitted.view) return 'wrongCommitCertificate'
    if (!acceptCertificate(replica, commitCertificate)) return 'badCommitCertificate'
  } else if (header.lastCommitted.view !== 0) return 'noCommitCertificate'
  if (parentCertificate !== null) {
    if (parentCertificate.kind === 'skip' || parentCertificate.value !== header.parentHash)
      return 'wrongParentCertificate'
    if (parentCertificate.view !== header.parentView) return 'wrongParentCertificate'
    if (!acceptCertificate(replica, parentCertificate)) return 'badParentCertificate'
  } else if (header.parentView !== 0) return 'noParentCertificate'
  for (const certificate of skipCertificates) {
    if (
      certificate.kind !== 'skip' ||
      certificate.view <= header.parentView ||
      certificate.view >= header.view
    )
      return 'wrongSkip'
    if (!acceptCertificate(replica, certificate)) return 'badSkip'
  }
  return null
}

/**
 * R2: one PREPARE in the current view, for its proposer's first proposal, when the parent is justified, the roots are ours,
 * and the block with everything it names is on our disk (the vote is in the same group as the block).
 */
export function tryPrepare(replica: Replica): void {
  const { view } = replica
  if (!replica.canVote || view <= replica.committedView) return
  const hash = replica.proposalOfView.get(view)
  const entry = hash === undefined ? undefined : replica.blocks.get(hash)
  if (!entry?.proposal) return
  const own = replica.ownOf(view)
  if (own.prepare !== null || own.skip) return
  const verdict = judgeBlock(replica, entry, entry.proposal)
  if (verdict === 'wait') return
  if (verdict !== 'valid') return refuseOnce(replica, entry, verdict)
  replica.logBlock(entry)
  castVote(replica, 'prepare', view, entry.hash)
}

function refuseOnce(replica: Replica, entry: BlockEntry, code: string): void {
  if (replica.refusedBlock === entry.hash) return
  replica.refusedBlock = entry.hash
  const from = entry.proposal?.header.proposer ?? 0
  replica.emit({ kind: 'note', note: { kind: 'refused', from, message: 'proposal', code } })
}

/**
 * Above the parent's, and not far ahead of the own clock. The least possible time is always allowed: clocks that were wrong together
 * for a moment may have made a block of the future final, and the chain must not stand until they get there.
 */
function isTimeAllowed(replica: Replica, entry: BlockEntry, parent: BlockEntry): boolean {
  const latestMs = Math.max(parent.timeMs + 1, replica.wallMs + CLOCK_AHEAD_MAX_MS)
  return entry.timeMs > parent.timeMs && entry.timeMs <= latestMs
}

/** Valid, a rule it breaks, or 'wait' while something that the verdict needs is still missing here. */
function judgeBlock(replica: Replica, entry: BlockEntry, proposal: Proposal): string {
  const parent = replica.blocks.get(entry.parentHash)
  const isJustified = judgeParent(replica, entry, proposal)
  if (isJustified !== 'valid') return isJustified
  if (parent === undefined) {
    replica.fetches.want(
      'proposal',
      entry.parentHash,
      othersFirst(replica, proposal.header.proposer),
    )
    return 'wait'
  }
  if (entry.height !== parent.height + 1) return 'wrongHeight'
  if (!isTimeAllowed(replica, entry, parent)) return 'badTime'
  if (orderingOf(replica, parent, othersFirst(replica, proposal.header.proposer)) === null)
    return 'wait'
  if (orderingOf(replica, entry) === null) return 'badOrder'
  const roots = judgeRoots(replica, entry, parent)
  return roots === 'valid' ? judgeBody(replica, entry, proposal) : roots
}

/** The parent is certified, at or above the committed view, and every view in between is certified as skipped. */
function judgeParent(replica: Replica, entry: BlockEntry, proposal: Proposal): string {
  const { parentView, parentHash, proposer } = proposal.header
  if (parentView < replica.committedView) return 'parentBelowCommitted'
  if (parentView === replica.committedView && parentHash !== replica.committedHash)
    return 'wrongParent'
  if (parentView > 0 && parentCertificateAt(replica, parentView)?.value !== parentHash)
    return 'wrongParent'
  const gap = missingSkips(replica, parentView, entry.view)
  if (gap === null) return 'valid'
  askForCertificates(replica, gap, proposer === replica.parameters.self ? 'all' : proposer)
  return 'wait'
}

/** The executed ancestor never moves back, is final, not too far behind, and its roots are the ones that we computed. */
function judgeRoots(replica: Replica, entry: BlockEntry, parent: BlockEntry): string {
  const { height, roots } = entry.executed
  if (height < parent.executed.height) return 'executedMovedBack'
  const isEmpty = entry.body.batches.length === 0 && entry.body.imports.length === 0
  if (entry.height - height > EXECUTION_LAG_MAX && !isEmpty) return 'ordersWhileBehind'
  const final = finalAncestorHeight(replica, entry)
  if (final === 'wait') return 'wait'
  if (final === null || height > final) return 'executedNotFinal'
  const own =
    height === parent.executed.height ? parent.executed.roots : replica.rootsAt.get(height)
  if (own === undefined) return 'wait'
  const isSame =
    own.state === roots.state && own.outbox === roots.outbox && own.result === roots.result
  return isSame ? 'valid' : 'wrongRoots'
}

/** Height of header.lastCommitted when it is on the block's own branch, which the final chain is part of. */
function finalAncestorHeight(replica: Replica, entry: BlockEntry): number | null | 'wait' {
  const named = entry.proposal?.header.lastCommitted
  if (named === undefined) return null
  if (replica.committedHash !== replica.tip.hash) return 'wait'
  if (named.view === replica.tip.view)
    return named.hash === replica.tip.hash ? replica.tip.height : null
  for (let height = replica.tip.height - 1; height >= 0; height--) {
    const final = replica.recent.get(height)
    if (final === undefined || final.view < named.view) return null
    if (final.view === named.view) return final.hash === named.hash ? height : null
  }
  return null
}

/** Every named batch and import is checked and on our disk; what never came is asked of those who must have it. */
function judgeBody(replica: Replica, entry: BlockEntry, proposal: Proposal): string {
  const missing = missingOf(replica, entry.body)
  for (const { kind, digest, isBad } of missing) {
    if (isBad) return 'badBatch'
    wantReference(replica, kind, digest, othersFirst(replica, proposal.header.proposer))
  }
  for (const batch of entry.body.batches) {
    const known = replica.batches.get(batch.digest)
    if (
      known?.status === 'durable' &&
      (known.author !== batch.author || known.sequence !== batch.sequence)
    )
      return 'wrongReference'
  }
  for (const item of entry.body.imports) {
    const known = replica.imports.get(item.digest)
    if (known?.status !== 'durable') continue
    if (known.source !== item.source || known.first !== item.first || known.count !== item.count)
      return 'wrongReference'
  }
  return missing.length === 0 ? 'valid' : 'wait'
}

function othersFirst(replica: Replica, proposer: number): number[] {
  return proposer === replica.parameters.self ? [] : [proposer]
}
