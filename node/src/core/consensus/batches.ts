import { must } from '../errors.ts'
import { bytesOfHash, type Hash } from '../primitives/hash.ts'
import {
  batchDigestOf,
  encodeBatchHeader,
  type BatchHeader,
  type SignedBatchHeader,
} from '../wire/batch.ts'
import { TRANSACTION_HEADER_BYTES } from '../wire/transaction.ts'
import type { VoteEvidence } from '../wire/log-record.ts'
import { isPeerSignatureValid, recordEvidence } from './evidence.ts'
import type { BatchVerdict } from './input.ts'
import { UNORDERED_BATCHES_MAX } from './parameters.ts'
import type { BatchEntry } from './batch-pool.ts'
import type { Replica } from './replica.ts'

/** Last sequence of an author that the final chain has ordered. */
function orderedOf(replica: Replica, author: number): number {
  return replica.blocks.get(replica.tip.hash)?.ordering?.lastSequence[author] ?? 0
}

/** True while an author may have a batch of this sequence under way. */
function isInWindow(replica: Replica, author: number, sequence: number): boolean {
  const ordered = orderedOf(replica, author)
  return sequence > ordered && sequence <= ordered + UNORDERED_BATCHES_MAX
}

/** How many more of our own batches may be under way: the door packs no body without room. */
export function ownBatchRoom(replica: Replica): number {
  const { self } = replica.parameters
  if (!replica.canVote) return 0
  return Math.max(
    0,
    orderedOf(replica, self) + UNORDERED_BATCHES_MAX - (replica.batches.ownNext - 1),
  )
}

/** A pushed or fetched batch. Cheap checks first, then the author's signature, then the body off this thread. */
export function onBatch(
  replica: Replica,
  from: number,
  signed: SignedBatchHeader,
  body: Uint8Array,
): string | null {
  const { header } = signed
  const fault = faultOfHeader(replica, header)
  if (fault !== null) return fault
  if (body.length !== header.length) return 'wrongLength'
  const digest = batchDigestOf(header)
  const isWanted = replica.fetches.isWanted(digest)
  const known = replica.batches.get(digest)
  if (known !== undefined) {
    if (from === header.author) replica.batchAcks.add(header.author, header.sequence, digest, from)
    return null
  }
  if (!isWanted && !isInWindow(replica, header.author, header.sequence)) return 'outOfWindow'
  if (!isPeerSignatureValid(replica, header.author, bytesOfHash(digest), signed.signature))
    return 'badSignature'
  if (isSecondBatch(replica, digest, signed) && !isWanted) return 'secondBatch'
  replica.batches.ensure(digest, signed).body = body
  if (from === header.author) replica.batchAcks.add(header.author, header.sequence, digest, from)
  replica.fetches.settle(digest)
  replica.hints.settle(digest)
  replica.emit({ kind: 'checkBatch', signed, digest, body })
  return null
}

/** Rules that bytes and genesis alone decide. */
function faultOfHeader(replica: Replica, header: BatchHeader): string | null {
  const { networkId, shard, epoch, size, batchBytesMax } = replica.parameters
  if (header.networkId !== networkId || header.shard !== shard || header.epoch !== epoch)
    return 'wrongContext'
  if (header.author >= size || header.sequence < 1) return 'unknownAuthor'
  if (header.length > batchBytesMax || header.count < 1) return 'wrongSize'
  return header.count * TRANSACTION_HEADER_BYTES > header.length ? 'wrongSize' : null
}

/** Another batch by its author stands at this place already: evidence, and no room on our disk unless a quorum ordered it. */
function isSecondBatch(replica: Replica, digest: Hash, signed: SignedBatchHeader): boolean {
  const { author, sequence } = signed.header
  const side = ({ header, signature }: SignedBatchHeader): VoteEvidence => {
    return {
      kind: 'batch',
      value: batchDigestOf(header),
      signature,
      header: encodeBatchHeader(header),
    }
  }
  const others = replica.batches.digestsAt(author, sequence).filter((other) => other !== digest)
  for (const other of others) {
    const first = must(replica.batches.get(other), 'a digest at a place has an entry').signed
    recordEvidence(replica, { validator: author, view: sequence }, side(first), side(signed))
  }
  return others.length > 0
}

/** The host's verdict on a body: only checked bytes are ever written down, so "in the log" means "valid". */
export function onBatchChecked(replica: Replica, digest: Hash, verdict: BatchVerdict): void {
  const entry = replica.batches.get(digest)
  if (entry === undefined || entry.status !== 'checking') return
  if (verdict !== 'valid') {
    replica.emit({
      kind: 'note',
      note: { kind: 'refused', from: entry.author, message: 'batch', code: verdict },
    })
    if (verdict === 'badBody') replica.batches.remove(digest)
    else entry.status = 'bad'
    entry.body = null
    return
  }
  writeBatch(replica, entry)
}

function writeBatch(replica: Replica, entry: BatchEntry): void {
  if (entry.body === null) return
  entry.status = 'logging'
  replica.log(
    { kind: 'batch', signed: entry.signed, body: entry.body },
    { kind: 'batch', digest: entry.digest },
  )
}

/** The batch is on disk: tell everybody; our own goes out now. */
export function onBatchDurable(replica: Replica, digest: Hash): void {
  const entry = replica.batches.get(digest)
  if (entry === undefined) return
  const { self } = replica.parameters
  entry.status = 'durable'
  replica.batchAcks.add(entry.author, entry.sequence, digest, self)
  entry.announcedAtMs = replica.nowMs
  if (entry.author === self && entry.body !== null) {
    replica.send('all', 'data', { kind: 'batch', signed: entry.signed, body: entry.body })
    replica.emit({ kind: 'batchLogged', sequence: entry.sequence, digest })
  } else announceBatch(replica, entry)
  entry.body = null
}

/** Tells everybody that a batch is on our disk; who lacks it fetches it here. */
function announceBatch(replica: Replica, { author, sequence, digest }: BatchEntry): void {
  replica.send('all', 'consensus', { kind: 'batchAck', author, sequence, digest })
}

/**
 * Acknowledgements may be lost, and a restarted member has forgotten those of others: what waits too long is announced again.
 * Without it, batches that were logged before `kill -9` of all would never be named.
 */
export function announceAgain(replica: Replica): void {
  const pauseMs = 4 * replica.parameters.timing.networkDelayMs
  for (const entry of replica.batches.entries()) {
    if (entry.status !== 'durable' || replica.nowMs - entry.announcedAtMs < pauseMs) continue
    entry.announcedAtMs = replica.nowMs
    announceBatch(replica, entry)
  }
  for (const entry of replica.imports.entries()) {
    if (entry.status !== 'durable' || replica.nowMs - entry.announcedAtMs < pauseMs) continue
    entry.announcedAtMs = replica.nowMs
    replica.send('all', 'consensus', {
      kind: 'importAck',
      source: entry.source,
      first: entry.first,
      digest: entry.digest,
    })
  }
}

/** A member says that a batch is on its disk. A policy for proposers, so the channel's word is enough. */
export function onBatchAck(
  replica: Replica,
  from: number,
  ack: { readonly author: number; readonly sequence: number; readonly digest: Hash },
): string | null {
  if (ack.author >= replica.parameters.size) return 'unknownAuthor'
  if (!isInWindow(replica, ack.author, ack.sequence)) return null
  replica.batchAcks.add(ack.author, ack.sequence, ack.digest, from)
  return null
}

/**
 * Batches that never came are asked of those who announced them, when the author is one of them (it can only spoil its own
 * sequence) or when there are f + 1, one of whom is honest; called on the tick.
 */
export function wantAnnounced(replica: Replica): void {
  const { faultyMax } = replica.parameters
  for (const { lane: author, digest, members } of replica.batchAcks.announced()) {
    const isLikely = members.length > faultyMax || members.includes(author)
    if (isLikely && replica.batches.get(digest) === undefined)
      replica.hints.want('batch', digest, members)
  }
}

/** Checked client transactions become our next batch: numbered, signed, written down, then pushed. */
export function onPacked(
  replica: Replica,
  packed: { readonly body: Uint8Array; readonly bodyHash: Hash; readonly count: number },
): void {
  const { networkId, shard, epoch, self, crypto } = replica.parameters
  const header: BatchHeader = {
    networkId,
    shard,
    epoch,
    author: self,
    sequence: replica.batches.ownNext++,
    count: packed.count,
    length: packed.body.length,
    bodyHash: packed.bodyHash,
  }
  const digest = batchDigestOf(header)
  const signature = crypto.signPeer(bytesOfHash(digest))
  const entry = replica.batches.ensure(digest, { header, signature })
  entry.body = packed.body
  writeBatch(replica, entry)
}
