import { ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { bitmapOf, type Certificate, type VoteKind } from '../wire/certificate.ts'
import { proposerOf } from '../wire/committee.ts'
import type { Vote } from '../wire/peer-message.ts'
import { certificatesOf } from './certificate-maps.ts'
import { haltReplica } from './evidence.ts'
import { ALL_TO_ALL_SIZE_MAX } from './parameters.ts'
import type { Replica } from './replica.ts'
import { enterView } from './view-entry.ts'
import { isCertificateValid, isVoteValid } from './vote-check.ts'

/**
 * Takes a certificate from a peer. Returns true when it is valid (or already known), false when it proves nothing.
 * Two valid certificates that exclude each other stop the replica: more than f members lied.
 */
export function acceptCertificate(replica: Replica, certificate: Certificate): boolean {
  const known = certificatesOf(replica, certificate.kind).get(certificate.view)
  if (known !== undefined && known.value === certificate.value) return true
  if (certificate.view <= replica.committedView) return acceptOldCertificate(replica, certificate)
  if (!isCertificateValid(replica, certificate)) return false
  if (known !== undefined)
    haltReplica(replica, `two ${certificate.kind} certificates in view ${certificate.view}`, [
      known,
      certificate,
    ])
  else adoptCertificate(replica, certificate)
  return true
}

/** At or below the committed view nothing can change any more, but a second chain would show itself here. */
function acceptOldCertificate(replica: Replica, certificate: Certificate): boolean {
  const final = finalAtView(replica, certificate.view)
  if (certificate.kind === 'skip') {
    if (!isCertificateValid(replica, certificate)) return false
    // A block of a skipped view is final all the same when a later one was committed on it: only its own certificate contradicts.
    const commit =
      replica.commitCertificates.get(certificate.view) ??
      (final === undefined ? null : replica.blocks.get(final)?.certificate)
    if (commit) {
      haltReplica(replica, `view ${certificate.view} is both committed and skipped`, [
        commit,
        certificate,
      ])
    }
    return true
  }
  if (final === certificate.value) return true
  if (!isCertificateValid(replica, certificate)) return false
  if (certificate.kind === 'commit' && final !== undefined) {
    const tip = replica.commitCertificates.get(replica.committedView)
    haltReplica(
      replica,
      `a second chain is certified at view ${certificate.view}`,
      tip ? [certificate, tip] : [certificate],
    )
  }
  return true
}

/** The final block of a view; ZERO_HASH when the final chain skipped it; undefined when it is out of memory. */
function finalAtView(replica: Replica, view: number): Hash | undefined {
  if (view === 0) return replica.parameters.genesisHash
  if (view === replica.committedView) return replica.committedHash
  let below = -1
  for (const block of replica.recent.values()) {
    if (block.view === view) return block.hash
    if (block.view < view) below = block.view
  }
  return below >= 0 && view < replica.tip.view ? ZERO_HASH : undefined
}

/** Stores a certificate that is known to be valid and draws the consequences (rules R3, R5, R6). */
export function adoptCertificate(replica: Replica, certificate: Certificate): void {
  const { kind, view } = certificate
  certificatesOf(replica, kind).set(view, certificate)
  replica.log({ kind: 'certificate', certificate })
  if (kind !== 'prepare' && contradicts(replica, view)) return
  const proposer = proposerOf(view, replica.parameters.size)
  if (kind === 'skip') {
    replica.failedTurn[proposer] = true
    if (view >= replica.view) replica.skipsInRow++
    replica.emit({ kind: 'note', note: { kind: 'skipped', view, proposer } })
  } else {
    replica.failedTurn[proposer] = false
  }
  if (kind === 'prepare') onPrepared(replica, certificate)
  if (kind === 'commit') onCommitted(replica, certificate)
  if (view >= replica.view) enterView(replica, view + 1, kind)
}

function contradicts(replica: Replica, view: number): boolean {
  const commit = replica.commitCertificates.get(view)
  const skip = replica.skipCertificates.get(view)
  if (commit === undefined || skip === undefined) return false
  haltReplica(replica, `view ${view} is both committed and skipped`, [commit, skip])
  return true
}

function onPrepared(replica: Replica, certificate: Certificate): void {
  const { view, value } = certificate
  if (view > replica.committedView) replica.commitPending.add(view)
  const entry = replica.blocks.get(value)
  if (entry?.proposal)
    replica.emit({ kind: 'prepared', header: entry.proposal.header, hash: value })
  if (
    view === replica.view &&
    entry &&
    (entry.body.batches.length > 0 || entry.body.imports.length > 0)
  ) {
    const roundMs = replica.nowMs - replica.enteredAtMs
    replica.smoothedRoundMs =
      replica.smoothedRoundMs === 0 ? roundMs : replica.smoothedRoundMs * 0.875 + roundMs * 0.125
  }
}

function onCommitted(replica: Replica, certificate: Certificate): void {
  if (certificate.view <= replica.committedView) return
  replica.committedView = certificate.view
  replica.committedHash = certificate.value
  replica.skipsInRow = 0
  forgetThrough(replica, certificate.view)
}

/** What the committed view makes useless: votes at or below it, certificates below it. The log keeps everything. */
function forgetThrough(replica: Replica, view: number): void {
  for (const map of [
    replica.prepareCertificates,
    replica.skipCertificates,
    replica.commitCertificates,
  ]) {
    for (const at of map.keys()) if (at < view) map.delete(at)
  }
  for (const map of [replica.votes, replica.own, replica.proposalOfView]) {
    for (const at of map.keys()) if (at <= view) map.delete(at)
  }
  for (const at of replica.commitPending) if (at <= view) replica.commitPending.delete(at)
}

/** Aggregates the votes of one kind in one view as soon as a quorum agrees, verifies once, and singles out bad ones on failure. */
export function tryCertify(replica: Replica, kind: VoteKind, view: number, value: Hash): void {
  if (certificatesOf(replica, kind).has(view)) return
  const votes = replica.votes.get(view)?.get(kind)
  if (votes === undefined) return
  const agreeing = [...votes].filter(([, vote]) => vote.value === value)
  if (agreeing.length < replica.parameters.quorum) return
  const signature = replica.parameters.crypto.aggregate(agreeing.map(([, vote]) => vote.signature))
  const signers = bitmapOf(
    agreeing.map(([signer]) => signer),
    replica.parameters.size,
  )
  const certificate = signature === null ? null : { kind, view, value, signers, signature }
  if (certificate !== null && isCertificateValid(replica, certificate)) {
    adoptCertificate(replica, certificate)
    shareAsCollector(replica, certificate)
    return
  }
  if (dropBadVotes(replica, votes) > 0) tryCertify(replica, kind, view, value)
}

/** In a large committee the votes went to two collectors only; they owe everybody the certificate. */
function shareAsCollector(replica: Replica, certificate: Certificate): void {
  const { size, self } = replica.parameters
  if (size <= ALL_TO_ALL_SIZE_MAX || certificate.kind === 'skip') return
  const collectors = [proposerOf(certificate.view, size), proposerOf(certificate.view + 1, size)]
  if (collectors.includes(self))
    replica.send('all', 'consensus', { kind: 'certificate', certificate })
}

function dropBadVotes(replica: Replica, votes: Map<number, Vote>): number {
  let dropped = 0
  for (const [signer, vote] of [...votes]) {
    if (isVoteValid(replica, signer, vote)) continue
    votes.delete(signer)
    replica.suspects.add(signer)
    replica.emit({
      kind: 'note',
      note: { kind: 'refused', from: signer, message: 'vote', code: 'badSignature' },
    })
    dropped++
  }
  return dropped
}
