import { must } from '../errors.ts'
import type { Hash } from '../primitives/hash.ts'
import type { BlockBody } from '../wire/block.ts'
import { signersOf, type Certificate } from '../wire/certificate.ts'
import { haltReplica } from './evidence.ts'
import { applyOrdering, type Ordering } from './ordering.ts'
import { RANGE_SYNC_GAP, RECENT_BLOCKS, RECENT_HEIGHTS } from './parameters.ts'
import type { BlockEntry, Replica } from './replica.ts'

/** What a body names and our disk lacks. */
export type Missing = {
  readonly kind: 'batch' | 'import'
  readonly digest: Hash
  readonly isBad: boolean
}

/** The named batches and imports that are not on our disk yet. */
export function missingOf(replica: Replica, body: BlockBody): Missing[] {
  const missing: Missing[] = []
  for (const { digest } of body.imports) {
    if (!replica.imports.isDurable(digest)) missing.push({ kind: 'import', digest, isBad: false })
  }
  for (const { digest } of body.batches) {
    const status = replica.batches.get(digest)?.status
    if (status !== 'durable') missing.push({ kind: 'batch', digest, isBad: status === 'bad' })
  }
  return missing
}

/** Asks for the missing parts of a certified body. Certified bytes that failed our own check mean that kernels disagree: stop. */
export function wantMissing(replica: Replica, body: BlockBody, holders: readonly number[]): void {
  for (const { kind, digest, isBad } of missingOf(replica, body)) {
    if (isBad) return haltReplica(replica, `certified batch ${digest} fails our own check`, [])
    wantReference(replica, kind, digest, holders)
  }
}

/** Asks for one named batch or import unless it is under way already. */
export function wantReference(
  replica: Replica,
  kind: 'batch' | 'import',
  digest: Hash,
  holders: readonly number[],
): void {
  const known = kind === 'batch' ? replica.batches.get(digest) : replica.imports.get(digest)
  if (known !== undefined) return
  const others = holders.filter((holder) => holder !== replica.parameters.self)
  replica.fetches.want(kind, digest, others)
}

/**
 * The ordering state after a block; null while an ancestor is missing (it is then asked of the holders) or when a body on the
 * way breaks the order.
 */
export function orderingOf(
  replica: Replica,
  entry: BlockEntry,
  holders: readonly number[] = [],
): Ordering | null {
  if (entry.ordering !== null) return entry.ordering
  const path: BlockEntry[] = []
  let at = entry
  while (at.ordering === null) {
    path.push(at)
    const parent = replica.blocks.get(at.parentHash)
    if (parent === undefined) {
      replica.fetches.want('proposal', at.parentHash, holders)
      return null
    }
    at = parent
  }
  let ordering = at.ordering
  for (const block of path.toReversed()) {
    const next = applyOrdering(ordering, block.body, block.height)
    if (typeof next === 'string') return null
    block.ordering = next
    ordering = next
  }
  return ordering
}

/** R6: walks from a certified block (by default the newest) down to the final chain; what connects is final. */
export function connectCommitted(replica: Replica, target: Hash = replica.committedHash): void {
  if (target === replica.tip.hash) return
  const path: BlockEntry[] = []
  let hash = target
  while (hash !== replica.tip.hash) {
    const entry = replica.blocks.get(hash)
    if (entry === undefined) return wantAncestor(replica, hash, path.at(-1))
    if (entry.height <= replica.tip.height) return haltOnFork(replica, hash)
    path.push(entry)
    hash = entry.parentHash
  }
  for (const entry of path.toReversed()) {
    must(orderingOf(replica, entry), 'a certified block follows its parent in order')
    replica.logBlock(entry)
    entry.certificate = certificateFor(replica, entry)
    replica.tip = { hash: entry.hash, view: entry.view, height: entry.height }
    replica.recent.set(entry.height, replica.tip)
    replica.recent.delete(entry.height - RECENT_HEIGHTS)
    replica.undelivered.push(entry.hash)
  }
}

function certificateFor(replica: Replica, entry: BlockEntry): Certificate | null {
  const certificate = replica.commitCertificates.get(entry.view)
  return certificate?.value === entry.hash ? certificate : entry.certificate
}

function haltOnFork(replica: Replica, hash: Hash): void {
  const tip = replica.commitCertificates.get(replica.tip.view)
  const other = replica.commitCertificates.get(replica.committedView)
  haltReplica(
    replica,
    `block ${hash} is certified but not on the final chain`,
    [tip, other].flatMap((one) => one ?? []),
  )
}

/** A short gap is closed parent by parent, a long one by ranges of blocks. */
function wantAncestor(replica: Replica, hash: Hash, child: BlockEntry | undefined): void {
  const certificate = replica.commitCertificates.get(replica.committedView)
  const holders = certificate === undefined ? [] : signersOf(certificate.signers)
  const others = holders.filter((holder) => holder !== replica.parameters.self)
  if (child === undefined || child.height - replica.tip.height <= RANGE_SYNC_GAP) {
    return replica.fetches.want('proposal', hash, others)
  }
  askForRange(replica, others)
}

/** Asks one peer for the blocks above the tip; the next one after a pause. */
export function askForRange(replica: Replica, holders: readonly number[]): void {
  const pauseMs = 5 * replica.parameters.timing.networkDelayMs
  if (replica.nowMs - replica.syncAskedAtMs < pauseMs || holders.length === 0) return
  replica.syncAskedAtMs = replica.nowMs
  const peer = must(holders[replica.rangeRequests++ % holders.length], 'a holder')
  replica.send([peer], 'sync', { kind: 'fetchBlocks', fromHeight: replica.tip.height + 1 })
}

/** Hands final blocks to the ledger in order, each once everything it names is on our disk. */
export function deliverCommitted(replica: Replica): void {
  for (;;) {
    const hash = replica.undelivered[0]
    if (hash === undefined) return
    const entry = must(replica.blocks.get(hash), 'an undelivered block is in the tree')
    if (missingOf(replica, entry.body).length > 0) return wantUndelivered(replica)
    replica.undelivered.shift()
    deliver(replica, entry)
  }
}

/** Blocks whose bodies are fetched ahead of the one that is delivered next. */
const PREFETCHED_BLOCKS = 16

function wantUndelivered(replica: Replica): void {
  const everybody = replica.parameters.committee.members.map((_, index) => index)
  for (const hash of replica.undelivered.slice(0, PREFETCHED_BLOCKS)) {
    const entry = must(replica.blocks.get(hash), 'an undelivered block is in the tree')
    wantMissing(
      replica,
      entry.body,
      entry.certificate ? signersOf(entry.certificate.signers) : everybody,
    )
  }
}

function deliver(replica: Replica, entry: BlockEntry): void {
  const proposal = must(entry.proposal, 'only the genesis block has no proposal')
  const ordering = must(orderingOf(replica, entry), 'a final block has its ordering')
  replica.emit({ kind: 'commit', hash: entry.hash, proposal, certificate: entry.certificate })
  replica.deliveredHeight = entry.height
  for (const { digest } of entry.body.imports) replica.imports.remove(digest)
  for (const [author, sequence] of ordering.lastSequence.entries()) {
    replica.batches.dropThrough(author, sequence)
    replica.batchAcks.dropBelow(author, sequence + 1)
  }
  for (const [source, next] of ordering.inNext.entries()) {
    replica.imports.dropBelow(source, next)
    replica.importAcks.dropBelow(source, next)
  }
  forgetBlocks(replica)
}

/** Keeps the last delivered blocks and every block that may still become final. */
function forgetBlocks(replica: Replica): void {
  const heightMin = replica.deliveredHeight - RECENT_BLOCKS
  if (replica.blocks.size <= 2 * RECENT_BLOCKS) return
  for (const [hash, entry] of [...replica.blocks]) {
    const isOld = entry.height < heightMin
    const isDead = entry.view < replica.tip.view && replica.recent.get(entry.height)?.hash !== hash
    if (isOld || (isDead && entry.height <= replica.deliveredHeight)) replica.blocks.delete(hash)
  }
}
