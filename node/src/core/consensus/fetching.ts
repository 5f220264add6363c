import { bytesOfHash, type Hash } from '../primitives/hash.ts'
import { proposerOf } from '../wire/committee.ts'
import { signersOf } from '../wire/certificate.ts'
import {
  BLOCKS_PER_REPLY_MAX,
  CERTIFICATES_PER_REPLY_MAX,
  type PeerMessage,
} from '../wire/peer-message.ts'
import { blockHashOf, bodyRootOf } from '../wire/block.ts'
import type { Certificate } from '../wire/certificate.ts'
import type { Proposal } from '../wire/proposal.ts'
import { parentCertificateAt } from './certificate-maps.ts'
import { acceptCertificate, adoptCertificate } from './certificates.ts'
import { isCertificateValid } from './vote-check.ts'
import { askForRange, connectCommitted } from './chain.ts'
import { applyOrdering } from './ordering.ts'
import { isPeerSignatureValid } from './evidence.ts'
import { entryOf, type BlockEntry, type Replica } from './replica.ts'
import { withSettledCertificates } from './settled-proposal.ts'

/** Sends the requests that are due; called on every tick and at the end of a step that wants something new. */
export function askForMissing(replica: Replica): void {
  const pauseMs = 4 * replica.parameters.timing.networkDelayMs
  for (const book of [replica.fetches, replica.hints]) {
    for (const { want, ask } of book.due(replica.nowMs, pauseMs)) {
      replica.send([ask], 'sync', requestOf(want.kind, want.hash))
    }
  }
  const certificate = replica.commitCertificates.get(replica.committedView)
  if (
    replica.committedHash !== replica.tip.hash &&
    certificate !== undefined &&
    replica.blocks.has(replica.committedHash)
  ) {
    askForRange(
      replica,
      signersOf(certificate.signers).filter((signer) => signer !== replica.parameters.self),
    )
  }
}

function requestOf(
  kind: 'batch' | 'import' | 'proposal',
  hash: Proposal['header']['parentHash'],
): PeerMessage {
  if (kind === 'proposal') return { kind: 'fetchProposal', hash }
  return { kind: kind === 'batch' ? 'fetchBatch' : 'fetchImport', digest: hash }
}

/** Views first .. last that a proposal skipped and for which we hold no skip certificate. */
export function missingSkips(
  replica: Replica,
  parentView: number,
  view: number,
): { first: number; last: number } | null {
  let first = -1
  let last = -1
  for (let at = parentView + 1; at < view; at++) {
    if (replica.skipCertificates.has(at)) continue
    if (first < 0) first = at
    last = at
  }
  return first < 0 ? null : { first, last }
}

/** Asks a peer for certificates of a range of views, at most once per network delay. */
export function askForCertificates(
  replica: Replica,
  range: { first: number; last: number },
  peer: number | 'all',
): void {
  const { networkDelayMs } = replica.parameters.timing
  if (replica.nowMs - replica.certificatesAskedAtMs < networkDelayMs) return
  replica.certificatesAskedAtMs = replica.nowMs
  replica.send(peer === 'all' ? 'all' : [peer], 'sync', { kind: 'fetchCertificates', ...range })
}

/** Serves a page of certificates from memory; the newest commit certificate answers for all views at or below it. */
export function serveCertificates(
  replica: Replica,
  from: number,
  first: number,
  last: number,
): void {
  const found: Certificate[] = []
  const tip = replica.commitCertificates.get(replica.committedView)
  if (first <= replica.committedView && tip !== undefined) found.push(tip)
  const end = Math.min(last, first + CERTIFICATES_PER_REPLY_MAX / 2, replica.view)
  for (let view = Math.max(first, replica.committedView); view <= end; view++) {
    const skip = replica.skipCertificates.get(view)
    const prepare = parentCertificateAt(replica, view)
    if (skip !== undefined) found.push(skip)
    if (prepare !== undefined && prepare !== tip) found.push(prepare)
  }
  const certificates = found.slice(0, CERTIFICATES_PER_REPLY_MAX)
  if (certificates.length > 0) replica.send([from], 'sync', { kind: 'certificates', certificates })
}

/** Takes certificates in order until one is invalid. */
export function onCertificates(
  replica: Replica,
  from: number,
  certificates: readonly Certificate[],
): void {
  for (const certificate of certificates) {
    if (acceptCertificate(replica, certificate)) continue
    replica.emit({
      kind: 'note',
      note: { kind: 'refused', from, message: 'certificates', code: 'badCertificate' },
    })
    return
  }
}

/** Takes a range of final blocks that starts right above our tip; its last block carries its own commit certificate. */
export function onBlocks(
  replica: Replica,
  proposals: readonly Proposal[],
  certificate: Certificate,
): string | null {
  const linked = linkRange(replica, proposals)
  if (typeof linked === 'string') return linked
  const last = linked.at(-1)
  if (last === undefined) return 'emptyRange'
  if (
    certificate.kind !== 'commit' ||
    certificate.value !== last.hash ||
    certificate.view !== last.view
  )
    return 'wrongCertificate'
  if (!isCertificateValid(replica, certificate)) return 'badCertificate'
  for (const entry of linked) {
    if (!replica.blocks.has(entry.hash)) replica.blocks.set(entry.hash, entry)
    replica.fetches.settle(entry.hash)
  }
  replica.syncAskedAtMs = Number.NEGATIVE_INFINITY
  if (certificate.view > replica.committedView) adoptCertificate(replica, certificate)
  else {
    last.certificate = certificate
    connectCommitted(replica, last.hash)
    replica.log({ kind: 'certificate', certificate })
  }
  return null
}

/** What a range brings is checked like a proposal: its hash covers neither the proposer's signature nor the certificates with it. */
function entryOfRange(replica: Replica, hash: Hash, proposal: Proposal): BlockEntry | string {
  const { view, proposer } = proposal.header
  if (proposer !== proposerOf(view, replica.parameters.size)) return 'wrongProposer'
  if (!isPeerSignatureValid(replica, proposer, bytesOfHash(hash), proposal.signature))
    return 'badSignature'
  const settled = withSettledCertificates(replica, proposal)
  return settled === null ? 'badCertificate' : entryOf(hash, settled, replica.nowMs)
}

function linkRange(replica: Replica, proposals: readonly Proposal[]) {
  if (proposals.length > BLOCKS_PER_REPLY_MAX) return 'tooManyBlocks'
  const tip = replica.blocks.get(replica.tip.hash)
  if (tip === undefined) return 'noTip'
  let parent = tip
  const linked = []
  for (const proposal of proposals) {
    const { header } = proposal
    if (header.height !== parent.height + 1 || header.parentHash !== parent.hash)
      return 'notAboveTip'
    if (header.context !== replica.parameters.context || header.view <= parent.view)
      return 'wrongContext'
    if (bodyRootOf(proposal.body) !== header.bodyRoot) return 'wrongBody'
    const hash = blockHashOf(header)
    const entry = replica.blocks.get(hash) ?? entryOfRange(replica, hash, proposal)
    if (typeof entry === 'string') return entry
    const ordering =
      parent.ordering === null
        ? 'noParent'
        : applyOrdering(parent.ordering, entry.body, entry.height)
    if (typeof ordering === 'string') return ordering
    entry.ordering = ordering
    linked.push(entry)
    parent = entry
  }
  return linked
}
