import { must } from '../../core/errors.ts'
import type { ServeRequest } from '../../core/consensus/effect.ts'
import { decodeWith } from '../../core/primitives/byte-reader.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { Certificate } from '../../core/wire/certificate.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import { readLogRecord, type LogRecord } from '../../core/wire/log-record.ts'
import type { PeerMessage } from '../../core/wire/peer-message.ts'
import type { Proposal } from '../../core/wire/proposal.ts'
import type { ChainIndex } from './chain-index.ts'

/**
 * A search in the log under way: it yields positions and is told the bytes of the record there. What to read and what to answer is
 * decided here; whether the bytes come from a disk or a simulated one is the driver's matter.
 */
export type Lookup<Result> = Generator<number, Result, Uint8Array>

/** The one who asks checks every certificate of an answer in one step, so an answer stays well below the format's limit. */
const BLOCKS_PER_ANSWER = 64
/** Bytes of blocks in one answer; a frame holds 2 MiB. */
const REPLY_BYTES_MAX = 1_000_000

export function* findBatch(
  index: ChainIndex,
  digest: Hash,
): Lookup<Extract<LogRecord, { kind: 'batch' }> | null> {
  const record = yield* readAt(index.batchAt(digest))
  return record?.kind === 'batch' ? record : null
}

export function* findImport(index: ChainIndex, digest: Hash): Lookup<ImportBundle | null> {
  const record = yield* readAt(index.importAt(digest))
  return record?.kind === 'import' ? record.bundle : null
}

export function* findProposal(index: ChainIndex, hash: Hash): Lookup<Proposal | null> {
  const record = yield* readAt(index.proposalAt(hash))
  return record?.kind === 'proposal' ? record.proposal : null
}

export function* findCommitCertificate(index: ChainIndex, hash: Hash): Lookup<Certificate | null> {
  const record = yield* readAt(index.commitCertificateAt(hash))
  return record?.kind === 'certificate' ? record.certificate : null
}

/** The answer to a peer's request; null when our log does not have it. */
export function* findAnswer(index: ChainIndex, request: ServeRequest): Lookup<PeerMessage | null> {
  switch (request.kind) {
    case 'batch': {
      const batch = yield* findBatch(index, request.digest)
      return batch === null ? null : { kind: 'batch', signed: batch.signed, body: batch.body }
    }
    case 'import': {
      const bundle = yield* findImport(index, request.digest)
      return bundle === null ? null : { kind: 'import', bundle }
    }
    case 'proposal': {
      const proposal = yield* findProposal(index, request.hash)
      return proposal === null ? null : { kind: 'proposal', proposal }
    }
    case 'blocks':
      return yield* findRange(index, request.fromHeight)
  }
}

/** Final blocks from a height on, up to the last one within bounds that has a commit certificate of its own. */
function* findRange(index: ChainIndex, fromHeight: number): Lookup<PeerMessage | null> {
  const proposals: Proposal[] = []
  let certified = 0
  let bytes = 0
  for (
    let height = fromHeight;
    height <= index.height && proposals.length < BLOCKS_PER_ANSWER;
    height++
  ) {
    const hash = must(index.hashAt(height), 'a final block is in the index')
    const position = index.proposalAt(hash)
    if (position === undefined) break
    const raw = yield position
    bytes += raw.length
    if (bytes > REPLY_BYTES_MAX && certified > 0) break
    const record = decode(raw)
    if (record.kind !== 'proposal') break
    proposals.push(record.proposal)
    if (index.commitCertificateAt(hash) !== undefined) certified = proposals.length
  }
  if (certified === 0) return null
  const last = must(index.hashAt(fromHeight + certified - 1), 'a certified block is in the index')
  const certificate = yield* findCommitCertificate(index, last)
  return certificate === null
    ? null
    : { kind: 'blocks', proposals: proposals.slice(0, certified), certificate }
}

function* readAt(position: number | undefined): Lookup<LogRecord | null> {
  return position === undefined ? null : decode(yield position)
}

function decode(bytes: Uint8Array): LogRecord {
  const decoded = decodeWith(bytes, readLogRecord)
  return must(
    decoded.kind === 'value' ? decoded.value : null,
    'a record whose checksum holds can be read',
  )
}
