import type { CryptoPort } from '../crypto-port.ts'
import { rootOfPath, merkleDepthOf } from '../ledger/merkle.ts'
import { decodeWith, type ByteReader } from '../primitives/byte-reader.ts'
import type { Hash } from '../primitives/hash.ts'
import { blockHashOf, type BlockHeader } from '../wire/block.ts'
import { contextHashOf, signersOf, votePreimage, type Certificate } from '../wire/certificate.ts'
import { committeeHashOf, ownerOfSlot, quorumOf, type Committee } from '../wire/committee.ts'
import {
  importDigestOf,
  MESSAGES_PER_BUNDLE_MAX,
  pairLeafOf,
  type ImportBundle,
} from '../wire/import-bundle.ts'
import { OUTBOX_MESSAGE_BYTES, readCreditMessage } from '../wire/outbox-message.ts'
import { messageLeavesOf } from './message-leaf.ts'
import { rootOfRange } from './range-proof.ts'

/** Why a bundle proves nothing to us. */
export type BundleRejection =
  | 'wrongDestination'
  | 'wrongSource'
  | 'unknownCommittee'
  | 'wrongContext'
  | 'wrongCertificate'
  | 'wrongSigners'
  | 'noQuorum'
  | 'badSignature'
  | 'badRange'
  | 'badPairPath'
  | 'badRangeProof'
  | 'badMessage'

/** What the check may know: all of it is fixed by the genesis. */
export interface BundleContext {
  readonly ourShard: number
  readonly networkId: Hash
  /** One committee per shard, in order of shard. */
  readonly committees: readonly Committee[]
  readonly verifyAggregate: CryptoPort['verifyAggregate']
}

export type BundleVerdict =
  | { readonly kind: 'valid'; readonly digest: Hash }
  | { readonly kind: 'invalid'; readonly code: BundleRejection }

/**
 * The static check of a bundle: the same answer on every validator for ever. Whether it starts at `inNext` is ordering's
 * question. The signature comes last, because it costs a thousand times more than the rest.
 */
export function checkImportBundle(bundle: ImportBundle, context: BundleContext): BundleVerdict {
  const code =
    checkContent(bundle, context) ??
    checkCommitCertificate(bundle.header, bundle.certificate, context)
  return code === null
    ? { kind: 'valid', digest: importDigestOf(bundle) }
    : { kind: 'invalid', code }
}

/** Null when a quorum of the header's committee committed exactly this header; also what a client checks before a receipt. */
function checkCommitCertificate(
  header: BlockHeader,
  certificate: Certificate,
  context: Pick<BundleContext, 'networkId' | 'committees' | 'verifyAggregate'>,
): BundleRejection | null {
  const committee = context.committees[header.shard]
  if (
    committee === undefined ||
    committee.shard !== header.shard ||
    committee.epoch !== header.epoch
  )
    return 'unknownCommittee'
  const expected = contextHashOf(
    context.networkId,
    header.shard,
    header.epoch,
    committeeHashOf(committee),
  )
  if (header.context !== expected) return 'wrongContext'
  const { kind, view, value, signers, signature } = certificate
  const hash = blockHashOf(header)
  if (kind !== 'commit' || view !== header.view || value !== hash) return 'wrongCertificate'
  const size = committee.members.length
  if (signers.length !== Math.ceil(size / 8)) return 'wrongSigners'
  const keys: string[] = []
  for (const signer of signersOf(signers)) {
    const member = committee.members[signer]
    if (member === undefined) return 'wrongSigners'
    keys.push(member.blsKey)
  }
  if (keys.length < quorumOf(size)) return 'noQuorum'
  const isSigned = context.verifyAggregate(
    keys,
    votePreimage(header.context, 'commit', header.view, hash),
    signature,
  )
  return isSigned ? null : 'badSignature'
}

function checkContent(bundle: ImportBundle, context: BundleContext): BundleRejection | null {
  const { header, pair, first, count } = bundle
  const shards = context.committees.length
  if (bundle.destination !== context.ourShard) return 'wrongDestination'
  if (header.shard === context.ourShard || header.shard >= shards) return 'wrongSource'
  if (bundle.pairPath.length !== merkleDepthOf(shards)) return 'badPairPath'
  if (
    rootOfPath(pairLeafOf(pair), bundle.destination, bundle.pairPath) !==
    header.executed.roots.outbox
  )
    return 'badPairPath'
  if (!isRange(first, count) || first + count > pair.outSequence) return 'badRange'
  if (bundle.messages.length !== count * OUTBOX_MESSAGE_BYTES) return 'badRange'
  if (!isRangeProved(bundle)) return 'badRangeProof'
  return areMessagesGood(bundle, context) ? null : 'badMessage'
}

function isRange(first: number, count: number): boolean {
  return (
    Number.isSafeInteger(first) &&
    first >= 0 &&
    Number.isInteger(count) &&
    count >= 0 &&
    count <= MESSAGES_PER_BUNDLE_MAX
  )
}

function isRangeProved(bundle: ImportBundle): boolean {
  const { first, count, proof, pair } = bundle
  if (count === 0) return proof.length === 0
  const leaves = messageLeavesOf(bundle.messages)
  return rootOfRange({ size: pair.outSequence, first, leaves, proof }) === pair.accumulator
}

function areMessagesGood(bundle: ImportBundle, context: BundleContext): boolean {
  const { count, messages, header } = bundle
  const decoded = decodeWith(messages, (reader) => {
    for (let i = 0; i < count; i++) {
      if (!isMessageGood(reader, header.shard, context)) return false
    }
    return true
  })
  return decoded.kind === 'value' && decoded.value
}

/** Reads one message; a bad one leaves the rest unread. */
function isMessageGood(reader: ByteReader, source: number, context: BundleContext): boolean {
  const message = readCreditMessage(reader)
  if (message === null || message.source !== source || message.amount < 1) return false
  const slot = ((message.payee[0] ?? 0) << 8) | (message.payee[1] ?? 0)
  return ownerOfSlot(slot, context.committees.length) === context.ourShard
}
