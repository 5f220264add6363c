import { hash, verify } from 'node:crypto'
import { must } from '../core/errors.ts'
import type { Hash } from '../core/primitives/hash.ts'
import { batchDigestOf, type BatchHeader, type SignedBatchHeader } from '../core/wire/batch.ts'
import { blockHashOf, type BlockBody, type BlockHeader } from '../core/wire/block.ts'
import { importDigestOf, type ImportBundle, type PairState } from '../core/wire/import-bundle.ts'
import { BATCH_BYTES_MAX } from '../core/wire/peer-message.ts'
import type { Certificate } from '../core/wire/certificate.ts'
import type { Proposal } from '../core/wire/proposal.ts'
import { BallotBook } from './ballot-book.ts'
import { checkBundle } from './bundle-check.ts'
import type { FindingLog } from './finding-log.ts'
import type { RecordPlace } from './log-reader.ts'
import type { ShardRules } from './network.ts'
import { checkBatchForm } from './transaction-form.ts'

/** A block that some folder holds. Copies of one block may carry different certificates. */
export interface BookedBlock {
  readonly hash: Hash
  readonly header: BlockHeader
  readonly body: BlockBody
  readonly copies: Map<string, ProposalCopy>
}

/** What a proposal carries beside the block, as one folder has it. */
export interface ProposalCopy {
  readonly validator: number
  readonly parentCertificate: Certificate | null
  readonly skipCertificates: readonly Certificate[]
  readonly commitCertificate: Certificate | null
  readonly signature: Uint8Array
}

/** A batch that some folder holds; its body stays on disk. */
export interface BookedBatch {
  readonly digest: Hash
  readonly header: BatchHeader
  /** Of the body. */
  readonly place: RecordPlace
  /** Offsets and lengths of its transactions; null when the body breaks a static rule. */
  readonly rows: Uint32Array | null
}

/** A bundle that some folder holds; its messages stay on disk. */
export interface BookedImport {
  readonly digest: Hash
  readonly header: BlockHeader
  readonly headerHash: Hash
  readonly pair: PairState
  readonly first: number
  readonly count: number
  /** Packed leaf hashes of its messages. */
  readonly leaves: Uint8Array
  /** Of the whole record; the messages end `bytesBehindMessages` before its end. */
  readonly place: RecordPlace
  readonly bytesBehindMessages: number
  readonly validator: number
}

/** A batch whose transactions' signatures are to be checked now, while its bytes are in memory. */
export interface SignatureWork {
  /** The batch, for messages. */
  readonly name: string
  readonly shard: number
  readonly validator: number
  readonly body: Uint8Array
  readonly rows: Uint32Array
}

/** Where a record was read, and whose log it is. */
interface RecordSource {
  readonly place: RecordPlace
  readonly validator: number
}

/** A batch as its first reading leaves it. */
interface AddedBatch {
  readonly digest: Hash | null
  readonly work: SignatureWork | null
}

/** Everything that the folders of one shard say, each distinct thing once. */
export class ShardBook {
  readonly rules: ShardRules
  readonly ballots: BallotBook
  readonly blocks = new Map<Hash, BookedBlock>()
  readonly batches = new Map<Hash, BookedBatch>()
  readonly imports = new Map<Hash, BookedImport>()
  readonly #findings: FindingLog
  /** Digest by author and sequence: a second one for a place is double-dealing. */
  readonly #batchOfPlace = new Map<string, Hash>()

  constructor(rules: ShardRules, findings: FindingLog) {
    this.rules = rules
    this.#findings = findings
    this.ballots = new BallotBook(rules, findings)
  }

  /** Takes a proposal from a validator's log; returns the block's hash. */
  addProposal(proposal: Proposal, recordBytes: Uint8Array, validator: number): Hash {
    const blockHash = blockHashOf(proposal.header)
    const copyKey = hash('sha256', recordBytes)
    let block = this.blocks.get(blockHash)
    if (block === undefined) {
      block = { hash: blockHash, header: proposal.header, body: proposal.body, copies: new Map() }
      this.blocks.set(blockHash, block)
    }
    if (block.copies.has(copyKey)) return blockHash
    const { parentCertificate, skipCertificates, commitCertificate, signature } = proposal
    block.copies.set(copyKey, {
      validator,
      parentCertificate,
      skipCertificates,
      commitCertificate,
      signature,
    })
    for (const certificate of [parentCertificate, ...skipCertificates, commitCertificate]) {
      if (certificate !== null) this.ballots.addCertificate(certificate, validator)
    }
    this.#findings.checked.proposals += 1
    return blockHash
  }

  /**
   * Takes a batch from a validator's log. Every copy's body must match its header, else it has no digest here; the first
   * good copy is also checked for its author's signature and form, and its transactions' signatures become work.
   */
  addBatch(signed: SignedBatchHeader, body: Uint8Array, at: RecordSource): AddedBatch {
    const { header } = signed
    const { shard } = this.rules
    const digest = batchDigestOf(header)
    const name = `batch ${header.sequence} of author ${header.author}`
    this.#findings.checked.batchRecords += 1
    if (body.length !== header.length || hash('sha256', body) !== header.bodyHash) {
      this.#findings.add({
        code: 'batchBodyWrong',
        shard,
        validator: at.validator,
        message: `${name} does not match its header`,
      })
      return { digest: null, work: null }
    }
    if (this.batches.has(digest)) return { digest, work: null }
    const headerProblem = this.#batchHeaderProblem(header)
    if (headerProblem !== null) {
      this.#findings.add({
        code: 'batchHeaderWrong',
        shard,
        validator: at.validator,
        message: `${name}: ${headerProblem}`,
      })
      return { digest: null, work: null }
    }
    const peerKey = must(this.rules.peerKeys[header.author], 'an author has a key')
    if (!verify(null, Buffer.from(digest, 'hex'), peerKey, signed.signature)) {
      this.#findings.add({
        code: 'batchForged',
        shard,
        validator: at.validator,
        message: `${name}: the author's signature`,
      })
    }
    this.#noteBatchPlace(header, digest)
    const form = checkBatchForm(body, header.count, this.rules)
    const place = {
      file: at.place.file,
      offset: at.place.offset + at.place.length - body.length,
      length: body.length,
    }
    const rows = form.kind === 'valid' ? form.rows : null
    this.batches.set(digest, { digest, header, place, rows })
    this.#findings.checked.batches += 1
    if (form.kind === 'invalid') {
      this.#findings.add({
        code: 'transactionMalformed',
        shard,
        validator: at.validator,
        message: `${name}: ${form.message}`,
      })
      return { digest, work: null }
    }
    return { digest, work: { name, shard, validator: at.validator, body, rows: form.rows } }
  }

  /** Takes a bundle from a validator's log; returns its digest. Its certificate belongs to the source's ballots. */
  addImport(bundle: ImportBundle, at: RecordSource, sources: readonly ShardBook[]): Hash {
    const digest = importDigestOf(bundle)
    const source = sources[bundle.header.shard]
    source?.ballots.addCertificate(bundle.certificate, undefined)
    if (this.imports.has(digest)) return digest
    const { header, pair, first, count } = bundle
    const rules = sources.map((book) => book.rules)
    const { leaves, problem } = checkBundle(bundle, this.rules, rules)
    if (problem !== null) {
      const message = `import ${first} + ${count} of shard ${header.shard}: ${problem.message}`
      this.#findings.add({
        code: problem.code,
        shard: this.rules.shard,
        validator: at.validator,
        message,
      })
    }
    const bytesBehindMessages = 2 + 32 * bundle.proof.length
    this.imports.set(digest, {
      digest,
      header,
      headerHash: blockHashOf(header),
      pair,
      first,
      count,
      leaves,
      bytesBehindMessages,
      ...at,
    })
    this.#findings.checked.imports += 1
    this.#findings.checked.messages += count
    return digest
  }

  #batchHeaderProblem(header: BatchHeader): string | null {
    const { rules } = this
    if (header.networkId !== rules.networkId) return 'another network'
    if (header.shard !== rules.shard || header.epoch !== rules.epoch)
      return `shard ${header.shard}, epoch ${header.epoch}`
    if (header.author >= rules.size) return 'the author has no seat'
    if (header.sequence < 1) return 'sequences start with 1'
    if (header.count < 1) return 'it is empty'
    return header.length > BATCH_BYTES_MAX ? `${header.length} bytes` : null
  }

  #noteBatchPlace(header: BatchHeader, digest: Hash): void {
    const place = `${header.author} ${header.sequence}`
    const known = this.#batchOfPlace.get(place)
    if (known !== undefined && known !== digest) {
      const message = `two batches with sequence ${header.sequence}: ${[known, digest].toSorted().join(', ')}`
      this.#findings.add({
        code: 'authorEquivocation',
        shard: this.rules.shard,
        validator: header.author,
        message,
      })
    }
    this.#batchOfPlace.set(place, digest)
  }
}
