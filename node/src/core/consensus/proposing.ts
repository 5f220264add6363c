import { must } from '../errors.ts'
import { bytesOfHash } from '../primitives/hash.ts'
import {
  BATCHES_PER_BLOCK_MAX,
  blockHashOf,
  bodyRootOf,
  EMPTY_BODY,
  EXECUTION_LAG_MAX,
  IMPORTS_PER_BLOCK_MAX,
  type BatchReference,
  type BlockBody,
  type BlockHeader,
  type ImportReference,
  type Roots,
} from '../wire/block.ts'
import type { Certificate } from '../wire/certificate.ts'
import { proposerOf } from '../wire/committee.ts'
import { SKIPS_PER_PROPOSAL_MAX, type Proposal } from '../wire/proposal.ts'
import { parentCertificateAt } from './certificate-maps.ts'
import { orderingOf } from './chain.ts'
import { askForCertificates, missingSkips } from './fetching.ts'
import type { Ordering } from './ordering.ts'
import { BLOCK_BYTES_AIM } from './parameters.ts'
import { entryOf, type BlockEntry, type Replica } from './replica.ts'

/** From this many skips in a row on, honest proposals are empty: an empty block fits any timer. */
const EMPTY_FROM_SKIPS = 4
/** How far an honest proposer's executed height may be ahead of what a quorum is known to have executed. */
const HINT_LEAD_MAX = 4

/** R1: once per view, on the highest certified block; at once when there is work, else after the idle interval. */
export function tryPropose(replica: Replica): void {
  const { view } = replica
  const { self, size, timing } = replica.parameters
  if (!replica.canVote || proposerOf(view, size) !== self || view <= replica.committedView) return
  const own = replica.ownOf(view)
  if (own.proposed !== null || own.skip) return
  const parent = chooseParent(replica)
  if (parent === null) return
  const ordering = must(orderingOf(replica, parent), 'chooseParent returns ordered blocks')
  const executed = chooseExecuted(replica, parent)
  const body = chooseBody(replica, parent, ordering, executed.height)
  const showsResults =
    ordering.contentHeight > parent.executed.height && executed.height > parent.executed.height
  // The first block comes at once: it shows everybody that the committee is up.
  const orders = body.batches.length > 0 || body.imports.some(({ count }) => count > 0)
  const hasWork = parent.height === 0 || showsResults || orders
  const earliestMs = hasWork
    ? parent.receivedAtMs + timing.blockIntervalMs
    : replica.enteredAtMs + timing.idleBlockIntervalMs
  if (replica.nowMs >= earliestMs) return propose(replica, { parent, body, executed })
  if (replica.proposeAtMs === earliestMs) return
  replica.proposeAtMs = earliestMs
  replica.setTimer('propose', earliestMs - replica.nowMs)
}

/** The block of the highest certificate below this view, if it is here and every view in between is certified as skipped. */
function chooseParent(replica: Replica): BlockEntry | null {
  if (replica.committedHash !== replica.tip.hash) return null
  let highest = replica.committedView
  for (const at of replica.prepareCertificates.keys())
    if (at < replica.view && at > highest) highest = at
  const gap = missingSkips(replica, highest, replica.view)
  if (gap !== null) {
    askForCertificates(replica, gap, 'all')
    return null
  }
  const hash =
    highest === 0
      ? replica.parameters.genesisHash
      : must(parentCertificateAt(replica, highest), 'a certificate').value
  const entry = replica.blocks.get(hash)
  if (entry !== undefined && entry.ordering !== null) return entry
  const others = replica.parameters.committee.members.flatMap((_, index) =>
    index === replica.parameters.self ? [] : [index],
  )
  if (entry === undefined) {
    replica.fetches.want('proposal', hash, others)
    return null
  }
  return orderingOf(replica, entry, others) === null ? null : entry
}

/** Our own executed height, held back to what a quorum of voters can be expected to have executed, never below the parent's. */
function chooseExecuted(replica: Replica, parent: BlockEntry): { height: number; roots: Roots } {
  if (Math.min(replica.executedHeight, replica.tip.height) <= parent.executed.height)
    return parent.executed
  const hints = replica.executedHints.map((hint, index) =>
    index === replica.parameters.self ? replica.executedHeight : hint,
  )
  const ofQuorum = hints.sort((a, b) => b - a)[replica.parameters.quorum - 1] ?? 0
  const height = Math.min(replica.executedHeight, replica.tip.height, ofQuorum + HINT_LEAD_MAX)
  const roots = replica.rootsAt.get(height)
  return height > parent.executed.height && roots !== undefined
    ? { height, roots }
    : parent.executed
}

/** Imports first, up to half of the block; then every author's acknowledged batches in turn. */
function chooseBody(
  replica: Replica,
  parent: BlockEntry,
  ordering: Ordering,
  executedHeight: number,
): BlockBody {
  if (replica.skipsInRow >= EMPTY_FROM_SKIPS) return EMPTY_BODY
  if (parent.height + 1 - executedHeight > EXECUTION_LAG_MAX) return EMPTY_BODY
  const { imports, bytes } = chooseImports(replica, ordering)
  return { imports, batches: chooseBatches(replica, ordering, BLOCK_BYTES_AIM - bytes) }
}

function chooseImports(
  replica: Replica,
  ordering: Ordering,
): { imports: ImportReference[]; bytes: number } {
  const imports: ImportReference[] = []
  let bytes = 0
  const shards = ordering.inNext.length
  for (let turn = 0; turn < shards; turn++) {
    // Every view starts with another source, so that a busy one cannot starve those behind it.
    const source = (replica.view + turn) % shards
    const inNext = ordering.inNext[source] ?? 0
    let next = inNext
    while (imports.length < IMPORTS_PER_BLOCK_MAX && bytes < BLOCK_BYTES_AIM / 2) {
      const entry = replica.imports
        .startingAt(source, next)
        .find(
          ({ digest }) =>
            replica.importAcks.membersOf(source, next, digest).length >= replica.parameters.quorum,
        )
      if (entry === undefined || (entry.count === 0 && next !== inNext)) break
      imports.push({ source, first: entry.first, count: entry.count, digest: entry.digest })
      bytes += entry.bytes
      next += entry.count
      if (entry.count === 0) break
    }
  }
  return { imports: imports.sort((a, b) => a.source - b.source || a.first - b.first), bytes }
}

function chooseBatches(replica: Replica, ordering: Ordering, bytesMax: number): BatchReference[] {
  const batches: BatchReference[] = []
  const next = ordering.lastSequence.map((sequence) => sequence + 1)
  let bytes = 0
  for (let found = true; found;) {
    found = false
    for (const [author, sequence] of next.entries()) {
      const digest = replica.batches
        .digestsAt(author, sequence)
        .find(
          (one) =>
            replica.batches.isDurable(one) &&
            replica.batchAcks.membersOf(author, sequence, one).length >= replica.parameters.quorum,
        )
      if (digest === undefined || batches.length >= BATCHES_PER_BLOCK_MAX || bytes >= bytesMax)
        continue
      batches.push({ author, sequence, digest })
      bytes += replica.batches.get(digest)?.signed.header.length ?? 0
      next[author] = sequence + 1
      found = true
    }
  }
  return batches
}

/** Signs and writes down the proposal; it is sent when it is on disk. */
function propose(
  replica: Replica,
  draft: { parent: BlockEntry; body: BlockBody; executed: { height: number; roots: Roots } },
): void {
  const { parent, body, executed } = draft
  const { parameters, view } = replica
  const header: BlockHeader = {
    context: parameters.context,
    shard: parameters.shard,
    epoch: parameters.epoch,
    view,
    height: parent.height + 1,
    parentHash: parent.hash,
    parentView: parent.view,
    proposer: parameters.self,
    timeMs: Math.max(parent.timeMs + 1, replica.wallMs),
    executed,
    lastCommitted: { view: replica.tip.view, hash: replica.tip.hash },
    bodyRoot: bodyRootOf(body),
  }
  const hash = blockHashOf(header)
  const proposal: Proposal = {
    header,
    body,
    parentCertificate: parentCertificateAt(replica, parent.view) ?? null,
    skipCertificates: lastSkips(replica, parent.view),
    commitCertificate: replica.commitCertificates.get(replica.tip.view) ?? null,
    signature: parameters.crypto.signPeer(bytesOfHash(hash)),
  }
  const entry = entryOf(hash, proposal, replica.nowMs)
  replica.blocks.set(hash, entry)
  replica.proposalOfView.set(view, hash)
  replica.ownOf(view).proposed = hash
  replica.logBlock(entry)
}

function lastSkips(replica: Replica, parentView: number): Certificate[] {
  const skips: Certificate[] = []
  const first = Math.max(parentView + 1, replica.view - SKIPS_PER_PROPOSAL_MAX)
  for (let at = first; at < replica.view; at++)
    skips.push(must(replica.skipCertificates.get(at), 'skips are complete'))
  return skips
}
