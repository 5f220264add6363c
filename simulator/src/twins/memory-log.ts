import {
  batchDigestOf,
  blockHashOf,
  type Certificate,
  type CommitEffect,
  type Hash,
  type LogRecord,
  type PeerMessage,
  type ServeRequest,
} from '@shardnet/node/parts'

const BLOCKS_PER_ANSWER = 256

/** What a node has logged, as far as peers may ask for it. */
export class MemoryLog {
  readonly #batches = new Map<Hash, Extract<PeerMessage, { kind: 'batch' }>>()
  readonly #proposals = new Map<Hash, Extract<PeerMessage, { kind: 'proposal' }>>()
  readonly #commits = new Map<Hash, Certificate>()
  readonly #final: Hash[] = []

  add(record: LogRecord): void {
    if (record.kind === 'batch')
      this.#batches.set(batchDigestOf(record.signed.header), {
        kind: 'batch',
        signed: record.signed,
        body: record.body,
      })
    else if (record.kind === 'proposal')
      this.#proposals.set(blockHashOf(record.proposal.header), {
        kind: 'proposal',
        proposal: record.proposal,
      })
    else if (record.kind === 'certificate' && record.certificate.kind === 'commit')
      this.#commits.set(record.certificate.value, record.certificate)
  }

  addFinal({ hash }: CommitEffect): void {
    this.#final.push(hash)
  }

  /** The answer to a peer; null when it is not here. */
  answer(request: ServeRequest): PeerMessage | null {
    switch (request.kind) {
      case 'batch':
        return this.#batches.get(request.digest) ?? null
      case 'proposal':
        return this.#proposals.get(request.hash) ?? null
      case 'blocks':
        return this.#range(request.fromHeight)
      case 'import':
        return null
    }
  }

  /** Blocks from a height on, up to the last one with a commit certificate of its own. */
  #range(fromHeight: number): PeerMessage | null {
    let hashes = this.#final.slice(fromHeight - 1, fromHeight - 1 + BLOCKS_PER_ANSWER)
    const last = hashes.findLastIndex((hash) => this.#commits.has(hash))
    hashes = hashes.slice(0, last + 1)
    const certificate = this.#commits.get(hashes.at(-1) ?? ('' as Hash))
    const proposals = hashes.flatMap((hash) => this.#proposals.get(hash)?.proposal ?? [])
    if (certificate === undefined || proposals.length < hashes.length) return null
    return { kind: 'blocks', proposals, certificate }
  }
}
