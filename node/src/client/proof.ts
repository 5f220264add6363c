import type { CryptoPort } from '../core/crypto-port.ts'
import { verifyReceipt, type Receipt } from '../core/ledger/receipt.ts'
import {
  decodeWith,
  FormatError,
  type ByteReader,
  type Decoded,
} from '../core/primitives/byte-reader.ts'
import { ByteWriter } from '../core/primitives/byte-writer.ts'
import { bytesOfHash, hashOfBytes, sha256, type Hash } from '../core/primitives/hash.ts'
import {
  batchDigestOf,
  readBatchHeader,
  writeBatchHeader,
  type BatchHeader,
} from '../core/wire/batch.ts'
import {
  BATCHES_PER_BLOCK_MAX,
  blockHashOf,
  readBlockHeader,
  writeBlockHeader,
  type BlockHeader,
} from '../core/wire/block.ts'
import { areReadsOf, readAt } from '../core/wire/cell-reads.ts'
import {
  contextHashOf,
  readCertificate,
  signersOf,
  votePreimage,
  writeCertificate,
  type Certificate,
} from '../core/wire/certificate.ts'
import { committeeHashOf, quorumOf, type Committee } from '../core/wire/committee.ts'
import { BATCH_BYTES_MAX } from '../core/wire/peer-message.ts'
import { arenaOf, transactionIdOf, transactionLengthAt } from '../core/wire/transaction.ts'

/** What a client trusts: the committee that the genesis names, and nobody's word. */
export interface ProofTrust {
  readonly networkId: Hash
  readonly committee: Committee
  readonly verifyAggregate: CryptoPort['verifyAggregate']
}

/**
 * What became of a transaction, so that a client need not believe the validator who says so: commit certificate -> header ->
 * result root -> the batch's results; and batch header -> body -> the transaction's place in it.
 */
export interface TransactionProof {
  /** A committed block whose `executed` is at or above the height that ordered the batch. */
  readonly header: BlockHeader
  readonly certificate: Certificate
  readonly receipt: Receipt
  readonly batchHeader: BatchHeader
  readonly batchBody: Uint8Array
}

/** What a checked proof says. */
export type ProofVerdict =
  /** Executed at or below `height`. */
  | {
      readonly kind: 'proved'
      readonly height: number
      readonly result: number
      /** What a `get` that ended OK read, empty when there was no such cell; null for every other transaction. */
      readonly read: Uint8Array | null
    }
  | { readonly kind: 'invalid'; readonly reason: string }

/** Blocks with batches between the one that ordered a batch and the one whose roots a header shows. */
const LATER_BLOCKS_MAX = 64
const RESULT_PATH_MAX = Math.ceil(Math.log2(BATCHES_PER_BLOCK_MAX))

/** Why a certificate does not prove that a quorum of the committee committed the block; null when it does. */
export function commitProblemOf(
  header: BlockHeader,
  certificate: Certificate,
  trust: ProofTrust,
): string | null {
  const { committee, networkId, verifyAggregate } = trust
  const { shard, epoch, members } = committee
  const context = contextHashOf(networkId, shard, epoch, committeeHashOf(committee))
  if (header.context !== context || header.shard !== shard || header.epoch !== epoch)
    return 'a block of another committee'
  if (certificate.kind !== 'commit') return `a ${certificate.kind} certificate`
  if (certificate.view !== header.view || certificate.value !== blockHashOf(header))
    return 'a certificate of another block'
  const signers = signersOf(certificate.signers)
  if (certificate.signers.length !== Math.ceil(members.length / 8))
    return 'a signer bitmap of another length'
  const keys = signers.flatMap((signer) => members[signer]?.blsKey ?? [])
  if (keys.length !== signers.length) return 'a signer outside the committee'
  if (keys.length < quorumOf(members.length)) return `${keys.length} signers are no quorum`
  const preimage = votePreimage(context, 'commit', certificate.view, certificate.value)
  return verifyAggregate(keys, preimage, certificate.signature) ? null : 'a wrong signature'
}

/** Checks that the transaction with this id was ordered and what its result was. */
export function verifyTransactionProof(
  proof: TransactionProof,
  id: Hash,
  trust: ProofTrust,
): ProofVerdict {
  const { header, certificate, receipt, batchHeader, batchBody } = proof
  const commitProblem = commitProblemOf(header, certificate, trust)
  if (commitProblem !== null) return invalid(commitProblem)
  if (!verifyReceipt(receipt, header.executed.roots.result))
    return invalid('results that are not under the result root')
  if (batchDigestOf(batchHeader) !== receipt.digest) return invalid('a header of another batch')
  if (hashOfBytes(sha256(batchBody)) !== batchHeader.bodyHash)
    return invalid('a body of another batch')
  const place = placeOf(batchBody, id, trust.networkId)
  const result = receipt.results[place ?? -1]
  if (place === null || result === undefined)
    return invalid('the batch does not hold the transaction')
  const read = readAt(receipt.reads, place)
  return { kind: 'proved', height: header.executed.height, result, read }
}

/** Position of a transaction in a batch; null when it is not there. */
function placeOf(body: Uint8Array, id: Hash, networkId: Hash): number | null {
  const arena = arenaOf(body)
  const network = bytesOfHash(networkId)
  for (let place = 0, offset = 0; offset < body.length; place++) {
    const length = transactionLengthAt(arena, offset)
    if (length === 0 || offset + length > body.length) return null
    if (transactionIdOf(network, body.subarray(offset, offset + length)) === id) return place
    offset += length
  }
  return null
}

function invalid(reason: string): ProofVerdict {
  return { kind: 'invalid', reason }
}

/** Canonical bytes of a proof: what `receipt` of shardnet_getTransaction is, as hexadecimal text. */
export function encodeTransactionProof(proof: TransactionProof): Uint8Array {
  const writer = new ByteWriter(1024 + proof.batchBody.length)
  writeBlockHeader(writer, proof.header)
  writeCertificate(writer, proof.certificate)
  const { digest, results, reads, batchIndex, path, previous, later } = proof.receipt
  writer.hash(digest).sized(results).sized(reads).u16(batchIndex)
  writer.list(path, (to, hash) => to.hash(hash))
  writer.hash(previous).list(later, (to, hash) => to.hash(hash))
  writeBatchHeader(writer, proof.batchHeader)
  return writer.sized(proof.batchBody).finish()
}

/** Reads a proof; checks its form only. */
export function decodeTransactionProof(bytes: Uint8Array): Decoded<TransactionProof> {
  return decodeWith(bytes, readTransactionProof)
}

function readReceipt(reader: ByteReader): Receipt {
  const digest = reader.hash()
  const results = reader.sized(BATCH_BYTES_MAX)
  const reads = reader.sized(BATCH_BYTES_MAX)
  if (!areReadsOf(results, reads)) throw new FormatError('reads that are not those of the batch')
  return {
    digest,
    results,
    reads,
    batchIndex: reader.u16(),
    path: reader.list(RESULT_PATH_MAX, (from) => from.hash()),
    previous: reader.hash(),
    later: reader.list(LATER_BLOCKS_MAX, (from) => from.hash()),
  }
}

function readTransactionProof(reader: ByteReader): TransactionProof {
  return {
    header: readBlockHeader(reader),
    certificate: readCertificate(reader),
    receipt: readReceipt(reader),
    batchHeader: readBatchHeader(reader),
    batchBody: reader.sized(BATCH_BYTES_MAX),
  }
}
