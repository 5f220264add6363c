import type { Hash } from '../../core/primitives/hash.ts'
import { batchDigestOf } from '../../core/wire/batch.ts'
import { blockHashOf } from '../../core/wire/block.ts'
import { importDigestOf } from '../../core/wire/import-bundle.ts'
import type { LogRecord } from '../../core/wire/log-record.ts'

/** A final block as the index knows it. */
export interface IndexedBlock {
  readonly height: number
  readonly hash: Hash
}

/** Where things lie in the log: positions by digest and hash, final blocks by height. Rebuilt from the log at every start. */
export class ChainIndex {
  readonly #batches = new Map<Hash, number>()
  readonly #imports = new Map<Hash, number>()
  readonly #proposals = new Map<Hash, number>()
  readonly #commitCertificates = new Map<Hash, number>()
  /** Hash of the final block at height i + 1. */
  readonly #final: Hash[] = []

  /** Notes a record that is on disk at a position. */
  add(record: LogRecord, position: number): void {
    switch (record.kind) {
      case 'batch':
        this.#batches.set(batchDigestOf(record.signed.header), position)
        return
      case 'import':
        this.#imports.set(importDigestOf(record.bundle), position)
        return
      case 'proposal':
        this.#proposals.set(blockHashOf(record.proposal.header), position)
        return
      case 'certificate':
        if (record.certificate.kind === 'commit')
          this.#commitCertificates.set(record.certificate.value, position)
        return
      case 'birth':
      case 'vote':
      case 'evidence':
        return
    }
  }

  addFinal(block: IndexedBlock): void {
    if (block.height === this.#final.length + 1) this.#final.push(block.hash)
  }

  get height(): number {
    return this.#final.length
  }

  hashAt(height: number): Hash | undefined {
    return this.#final[height - 1]
  }

  batchAt(digest: Hash): number | undefined {
    return this.#batches.get(digest)
  }

  importAt(digest: Hash): number | undefined {
    return this.#imports.get(digest)
  }

  proposalAt(hash: Hash): number | undefined {
    return this.#proposals.get(hash)
  }

  commitCertificateAt(hash: Hash): number | undefined {
    return this.#commitCertificates.get(hash)
  }
}
