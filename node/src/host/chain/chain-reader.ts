import { must } from '../../core/errors.ts'
import { decodeWith } from '../../core/primitives/byte-reader.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { Certificate } from '../../core/wire/certificate.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import { readLogRecord, type LogRecord } from '../../core/wire/log-record.ts'
import type { PeerMessage } from '../../core/wire/peer-message.ts'
import type { Proposal } from '../../core/wire/proposal.ts'
import type { ServeRequest } from '../../core/consensus/effect.ts'
import type { ChainIndex } from './chain-index.ts'

/** Reads bytes of the log at a position that was given for them. */
export interface RecordSource {
  read(position: number): Promise<Uint8Array>
}

/** The one who asks checks every certificate of an answer in one step, so an answer stays well below the format's limit. */
const BLOCKS_PER_ANSWER = 64
/** Bytes of blocks in one answer; a frame holds 2 MiB. */
const REPLY_BYTES_MAX = 1_000_000

/** Reads records of a kind from the log by their hash or height. */
export class ChainReader {
  readonly #source: RecordSource
  readonly #index: ChainIndex

  constructor(source: RecordSource, index: ChainIndex) {
    this.#source = source
    this.#index = index
  }

  async batch(digest: Hash): Promise<Extract<LogRecord, { kind: 'batch' }> | null> {
    const record = await this.#record(this.#index.batchAt(digest))
    return record?.kind === 'batch' ? record : null
  }

  async import(digest: Hash): Promise<ImportBundle | null> {
    const record = await this.#record(this.#index.importAt(digest))
    return record?.kind === 'import' ? record.bundle : null
  }

  async proposal(hash: Hash): Promise<Proposal | null> {
    const record = await this.#record(this.#index.proposalAt(hash))
    return record?.kind === 'proposal' ? record.proposal : null
  }

  async commitCertificate(hash: Hash): Promise<Certificate | null> {
    const record = await this.#record(this.#index.commitCertificateAt(hash))
    return record?.kind === 'certificate' ? record.certificate : null
  }

  /** The answer to a peer's request; null when our log does not have it. */
  async answer(request: ServeRequest): Promise<PeerMessage | null> {
    switch (request.kind) {
      case 'batch': {
        const batch = await this.batch(request.digest)
        return batch === null ? null : { kind: 'batch', signed: batch.signed, body: batch.body }
      }
      case 'import': {
        const bundle = await this.import(request.digest)
        return bundle === null ? null : { kind: 'import', bundle }
      }
      case 'proposal': {
        const proposal = await this.proposal(request.hash)
        return proposal === null ? null : { kind: 'proposal', proposal }
      }
      case 'blocks':
        return this.#range(request.fromHeight)
    }
  }

  /** Final blocks from a height on, up to the last one within bounds that has a commit certificate of its own. */
  async #range(fromHeight: number): Promise<PeerMessage | null> {
    const proposals: Proposal[] = []
    let certified = 0
    let bytes = 0
    for (
      let height = fromHeight;
      height <= this.#index.height && proposals.length < BLOCKS_PER_ANSWER;
      height++
    ) {
      const hash = must(this.#index.hashAt(height), 'a final block is in the index')
      const position = this.#index.proposalAt(hash)
      if (position === undefined) break
      const raw = await this.#source.read(position)
      bytes += raw.length
      if (bytes > REPLY_BYTES_MAX && certified > 0) break
      const record = decode(raw)
      if (record.kind !== 'proposal') break
      proposals.push(record.proposal)
      if (this.#index.commitCertificateAt(hash) !== undefined) certified = proposals.length
    }
    if (certified === 0) return null
    const last = must(
      this.#index.hashAt(fromHeight + certified - 1),
      'a certified block is in the index',
    )
    const certificate = await this.commitCertificate(last)
    return certificate === null
      ? null
      : { kind: 'blocks', proposals: proposals.slice(0, certified), certificate }
  }

  async #record(position: number | undefined): Promise<LogRecord | null> {
    return position === undefined ? null : decode(await this.#source.read(position))
  }
}

function decode(bytes: Uint8Array): LogRecord {
  const decoded = decodeWith(bytes, readLogRecord)
  return must(
    decoded.kind === 'value' ? decoded.value : null,
    'a record whose checksum holds can be read',
  )
}
