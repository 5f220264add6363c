import { decodeWith } from '../core/primitives/byte-reader.ts'
import type { Hash } from '../core/primitives/hash.ts'
import type { Certificate } from '../core/wire/certificate.ts'
import { readLogRecord, type LogRecord } from '../core/wire/log-record.ts'
import type { Vote } from '../core/wire/peer-message.ts'
import { evidenceProblem } from './evidence.ts'
import type { FindingLog } from './finding-log.ts'
import { readLog, type RecordPlace } from './log-reader.ts'
import type { FindingCode } from './report.ts'
import type { ShardBook, SignatureWork } from './shard-book.ts'

/** A validator's data folder as the caller names it. */
export interface ValidatorFolder {
  readonly shard: number
  readonly validator: number
  readonly dataDirectory: string
}

/** What one validator's log says about itself. */
export interface FolderFacts {
  readonly validator: number
  readonly isObserver: boolean
  readonly votes: number
  /** What it holds, by hash or digest. */
  readonly blocks: ReadonlySet<Hash>
  readonly batches: ReadonlySet<Hash>
  readonly imports: ReadonlySet<Hash>
  /** Blocks that it voted PREPARE for: it must have held all their ancestors. */
  readonly prepared: ReadonlySet<Hash>
}

/** Where a folder's records go beside the facts. */
interface FolderSinks {
  readonly books: readonly ShardBook[]
  readonly findings: FindingLog
  /** Returns a promise when there is too much work under way. */
  readonly checkSignatures: (work: SignatureWork) => Promise<void> | undefined
}

/** Reads a folder's log once, in order: what comes before a vote is what the vote rests on. */
export async function readFolder(
  folder: ValidatorFolder,
  book: ShardBook,
  sinks: FolderSinks,
): Promise<FolderFacts> {
  const reading = new FolderReading(folder, book, sinks)
  const log = await readLog(folder.dataDirectory, book.rules.networkId, (bytes, place) =>
    reading.take(bytes, place),
  )
  const { checked } = sinks.findings
  checked.folders += 1
  checked.logBytes += log.bytes
  checked.groups += log.groups
  checked.records += log.records
  checked.tornBytes += log.tornBytes
  if (log.problem !== null) reading.report(log.problem.code, log.problem.message)
  return reading.facts()
}

class FolderReading {
  readonly #folder: ValidatorFolder
  readonly #book: ShardBook
  readonly #sinks: FolderSinks
  readonly #blocks = new Set<Hash>()
  readonly #batches = new Set<Hash>()
  readonly #imports = new Set<Hash>()
  readonly #prepared = new Set<Hash>()
  /** Own votes: kind and view to value. */
  readonly #votes = new Map<string, Hash>()
  /** (view, value) of the prepare and commit certificates so far. */
  readonly #certified = new Set<string>()
  #committedView = 0
  #votesSeen = 0
  #records = 0
  #isObserver = true

  constructor(folder: ValidatorFolder, book: ShardBook, sinks: FolderSinks) {
    this.#folder = folder
    this.#book = book
    this.#sinks = sinks
  }

  facts(): FolderFacts {
    return {
      validator: this.#folder.validator,
      isObserver: this.#isObserver,
      votes: this.#votesSeen,
      blocks: this.#blocks,
      batches: this.#batches,
      imports: this.#imports,
      prepared: this.#prepared,
    }
  }

  report(code: FindingCode, message: string): void {
    const { shard, validator } = this.#folder
    this.#sinks.findings.add({ code, shard, validator, message })
  }

  take(bytes: Buffer, place: RecordPlace): Promise<void> | undefined {
    const decoded = decodeWith(bytes, readLogRecord)
    this.#records += 1
    if (decoded.kind === 'malformed') {
      this.report('recordMalformed', `record ${this.#records}: ${decoded.reason}`)
      return undefined
    }
    return this.#takeRecord(decoded.value, bytes, place)
  }

  #takeRecord(record: LogRecord, bytes: Buffer, place: RecordPlace): Promise<void> | undefined {
    const { validator } = this.#folder
    switch (record.kind) {
      case 'birth':
        this.#takeBirth(record)
        return undefined
      case 'batch': {
        const { digest, work } = this.#book.addBatch(record.signed, record.body, {
          place,
          validator,
        })
        if (digest !== null) this.#batches.add(digest)
        return work === null ? undefined : this.#sinks.checkSignatures(work)
      }
      case 'import':
        this.#imports.add(
          this.#book.addImport(record.bundle, { place, validator }, this.#sinks.books),
        )
        return undefined
      case 'proposal':
        this.#blocks.add(this.#book.addProposal(record.proposal, bytes, validator))
        return undefined
      case 'certificate':
        this.#takeCertificate(record.certificate)
        return undefined
      case 'vote':
        this.#takeVote(record.vote)
        return undefined
      case 'evidence':
        this.#takeEvidence(record)
        return undefined
    }
  }

  #takeBirth(birth: Extract<LogRecord, { kind: 'birth' }>): void {
    const { rules } = this.#book
    const { shard, validator } = this.#folder
    if (this.#records !== 1)
      return this.report('birthWrong', `birth record at place ${this.#records}, not first`)
    if (birth.networkId !== rules.networkId)
      return this.report('networkMismatch', `born in network ${birth.networkId}`)
    if (birth.shard !== shard || birth.validator !== validator || birth.epoch !== rules.epoch) {
      const born = `validator ${birth.validator} of shard ${birth.shard} in epoch ${birth.epoch}`
      return this.report('birthWrong', `the folder is that of ${born}`)
    }
    this.#isObserver = false
  }

  #takeCertificate(certificate: Certificate): void {
    const { kind, view, value } = certificate
    const isPlausible = this.#book.ballots.addCertificate(certificate, this.#folder.validator)
    if (!isPlausible || kind === 'skip') return
    this.#certified.add(`${view} ${value}`)
    if (kind === 'commit') this.#committedView = Math.max(this.#committedView, view)
  }

  /** I9: one value per kind and view, COMMIT and SKIP never both, nothing at or below the committed view, nothing unsupported. */
  #takeVote(vote: Vote): void {
    const { kind, view, value } = vote
    this.#votesSeen += 1
    if (this.#isObserver)
      this.report('voteByObserver', `${kind} in view ${view} without a birth record`)
    const earlier = this.#votes.get(`${kind} ${view}`)
    if (earlier !== undefined && earlier !== value) {
      this.report('doubleVote', `${kind} in view ${view} on ${earlier} and on ${value}`)
    }
    this.#votes.set(`${kind} ${view}`, value)
    const excluded = kind === 'commit' ? 'skip' : 'commit'
    if (kind !== 'prepare' && this.#votes.has(`${excluded} ${view}`)) {
      this.report('commitAndSkipVote', `COMMIT and SKIP in view ${view}`)
    }
    if (view <= this.#committedView) {
      this.report(
        'voteBelowCommitted',
        `${kind} in view ${view} after a commit certificate of view ${this.#committedView}`,
      )
    }
    if (kind === 'prepare') this.#prepared.add(value)
    const missing = kind === 'skip' ? null : this.#missingFor(vote)
    if (missing !== null)
      this.report('voteUnsupported', `${kind} in view ${view} before ${missing} was durable`)
    this.#book.ballots.addVote(vote, this.#folder.validator)
  }

  /** What a PREPARE or COMMIT rests on must come before it in the log. */
  #missingFor(vote: Vote): string | null {
    const block = this.#book.blocks.get(vote.value)
    if (block === undefined || !this.#blocks.has(vote.value)) return `block ${vote.value}`
    if (block.header.view !== vote.view) return `a block of its view (${block.header.view})`
    const batch = block.body.batches.find(({ digest }) => !this.#batches.has(digest))
    if (batch !== undefined) return `batch ${batch.sequence} of author ${batch.author}`
    const bundle = block.body.imports.find(({ digest }) => !this.#imports.has(digest))
    if (bundle !== undefined) return `import ${bundle.first} of shard ${bundle.source}`
    if (vote.kind === 'commit' && !this.#certified.has(`${vote.view} ${vote.value}`))
      return 'its prepare certificate'
    return null
  }

  #takeEvidence(evidence: Extract<LogRecord, { kind: 'evidence' }>): void {
    const { findings } = this.#sinks
    const { shard } = this.#folder
    findings.checked.evidence += 1
    const problem = evidenceProblem(evidence, this.#book.rules)
    if (problem !== null) {
      this.report(
        'falseEvidence',
        `against validator ${evidence.validator} in view ${evidence.view}: ${problem}`,
      )
      return
    }
    const signed = `${evidence.first.kind} on ${evidence.first.value} and ${evidence.second.kind} on ${evidence.second.value}`
    findings.add({
      code: 'misbehaviour',
      shard,
      validator: evidence.validator,
      message: `view ${evidence.view}: signed ${signed}`,
    })
  }
}
