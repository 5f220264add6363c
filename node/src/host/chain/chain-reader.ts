import type { ServeRequest } from '../../core/consensus/effect.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { Certificate } from '../../core/wire/certificate.ts'
import type { ImportBundle } from '../../core/wire/import-bundle.ts'
import type { LogRecord } from '../../core/wire/log-record.ts'
import type { PeerMessage } from '../../core/wire/peer-message.ts'
import type { Proposal } from '../../core/wire/proposal.ts'
import type { ChainIndex } from './chain-index.ts'
import {
  findAnswer,
  findBatch,
  findCommitCertificate,
  findImport,
  findProposal,
  type Lookup,
} from './log-lookup.ts'

/** Reads bytes of the log at a position that was given for them. */
export interface RecordSource {
  read(position: number): Promise<Uint8Array>
}

/** Reads records of a kind from the log by their hash or height. */
export class ChainReader {
  readonly index: ChainIndex
  readonly #source: RecordSource

  constructor(source: RecordSource, index: ChainIndex) {
    this.index = index
    this.#source = source
  }

  batch(digest: Hash): Promise<Extract<LogRecord, { kind: 'batch' }> | null> {
    return this.run(findBatch(this.index, digest))
  }

  import(digest: Hash): Promise<ImportBundle | null> {
    return this.run(findImport(this.index, digest))
  }

  proposal(hash: Hash): Promise<Proposal | null> {
    return this.run(findProposal(this.index, hash))
  }

  commitCertificate(hash: Hash): Promise<Certificate | null> {
    return this.run(findCommitCertificate(this.index, hash))
  }

  /** The answer to a peer's request; null when our log does not have it. */
  answer(request: ServeRequest): Promise<PeerMessage | null> {
    return this.run(findAnswer(this.index, request))
  }

  /** Gives a search the bytes that it asks for, until it knows. */
  async run<Result>(lookup: Lookup<Result>): Promise<Result> {
    let step = lookup.next(new Uint8Array(0))
    while (step.done !== true) step = lookup.next(await this.#source.read(step.value))
    return step.value
  }
}
