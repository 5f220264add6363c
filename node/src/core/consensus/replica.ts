import type { Hash } from '../primitives/hash.ts'
import { EMPTY_BODY, type BlockBody, type BlockHeader, type Roots } from '../wire/block.ts'
import type { Certificate, VoteKind } from '../wire/certificate.ts'
import type { LogRecord } from '../wire/log-record.ts'
import type { Vote } from '../wire/peer-message.ts'
import type { Proposal } from '../wire/proposal.ts'
import { Announcements } from './announcements.ts'
import { BatchPool } from './batch-pool.ts'
import type { Effect, Purpose } from './effect.ts'
import { FetchBook } from './fetch-book.ts'
import { ImportPool } from './import-pool.ts'
import type { TimerName } from './input.ts'
import { genesisOrdering, type Ordering } from './ordering.ts'
import { deriveParameters, type ReplicaOptions, type ReplicaParameters } from './parameters.ts'
import type { PeerMessage } from '../wire/peer-message.ts'

/** A block in the tree. The genesis block has no proposal. */
export interface BlockEntry {
  readonly hash: Hash
  readonly view: number
  readonly height: number
  readonly timeMs: number
  readonly parentHash: Hash
  readonly executed: { readonly height: number; readonly roots: Roots }
  /** Height of the newest ancestor, itself included, that ordered anything; -1 while the parent is unknown. */
  readonly proposal: Proposal | null
  readonly body: BlockBody
  readonly receivedAtMs: number
  /** Filled once the parent is known. */
  ordering: Ordering | null
  /** Its own commit certificate, if we ever held it. */
  certificate: Certificate | null
  /** In the log or in the group that this step writes. */
  logged: boolean
  /** On disk. */
  durable: boolean
}

/** Our own signatures in one view; a value is set when decided, `durable` holds what may be sent. */
export interface OwnVotes {
  prepare: Hash | null
  commit: Hash | null
  skip: boolean
  proposed: Hash | null
  readonly durable: Map<VoteKind, Vote>
}

/** What follows when a group of records is on disk. */
export type AfterPersist =
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'proposal'; readonly hash: Hash }
  | { readonly kind: 'batch'; readonly digest: Hash }
  | { readonly kind: 'import'; readonly digest: Hash }

/** A block that is final, as later rules need it. */
export interface FinalBlock {
  readonly hash: Hash
  readonly view: number
  readonly height: number
}

/**
 * One validator's protocol state: plain data that `step` changes in place.
 * Safety rests on `own` (what we signed), `committedView` (below it nobody votes) and the three certificate maps.
 */
export class Replica {
  readonly parameters: ReplicaParameters
  /** False for a folder without its birth record: such a replica follows and never signs. */
  canVote = false
  /** Monotonic milliseconds: pace and deadlines. */
  nowMs = 0
  /** Milliseconds since 1970: only header times. */
  wallMs = 0
  view = 1
  enteredAtMs = 0
  /** True while records of the log are read again: nothing is sent, signed or logged. */
  recovering = false

  readonly blocks = new Map<Hash, BlockEntry>()
  readonly proposalOfView = new Map<number, Hash>()
  readonly prepareCertificates = new Map<number, Certificate>()
  readonly skipCertificates = new Map<number, Certificate>()
  readonly commitCertificates = new Map<number, Certificate>()
  readonly votes = new Map<number, Map<VoteKind, Map<number, Vote>>>()
  readonly own = new Map<number, OwnVotes>()
  /** Views with a prepare certificate for which our COMMIT is still open. */
  readonly commitPending = new Set<number>()

  /** View of the newest commit certificate that we hold; no vote at or below it. */
  committedView = 0
  committedHash: Hash
  /** Newest final block that is connected to the genesis block. */
  tip: FinalBlock
  /** Final blocks whose bodies we still gather, ascending; the first is the next to be delivered. */
  readonly undelivered: Hash[] = []
  deliveredHeight = 0
  /** The last final blocks by height. */
  readonly recent = new Map<number, FinalBlock>()

  executedHeight = 0
  readonly rootsAt = new Map<number, Roots>()
  readonly executedHints: number[]

  readonly batches: BatchPool
  readonly imports: ImportPool
  /** Who says to have which batch or bundle; quorums of it are what an honest proposer names. */
  readonly batchAcks: Announcements
  readonly importAcks: Announcements
  /** What votes and the final chain wait for. */
  readonly fetches = new FetchBook()
  /** What others announced and nothing waits for yet; apart, so that false announcements crowd out nothing. */
  readonly hints: FetchBook

  skipsInRow = 0
  /** View of each proposer's last turn that was skipped, by validator; cleared when a turn succeeds. */
  readonly failedTurn: boolean[]
  /** Smoothed milliseconds from entering a view with work to its prepare certificate. */
  smoothedRoundMs = 0
  tickBackoff = 0
  proposeAtMs = 0

  /** Members that once sent a vote with a bad signature: their votes are checked one by one. */
  readonly suspects = new Set<number>()
  readonly evidenceSeen = new Set<string>()
  /** Set when the replica found its own promises broken; it does nothing any more. */
  halted = false
  /** The last block that we refused to PREPARE, so that it is noted once. */
  refusedBlock: Hash | null = null
  /** Range requests sent so far: each goes to the next peer. */
  rangeRequests = 0
  syncAskedAtMs = Number.NEGATIVE_INFINITY
  certificatesAskedAtMs = Number.NEGATIVE_INFINITY
  readonly answeredAtMs: number[]

  effects: Effect[] = []
  records: LogRecord[] = []
  afterRecords: AfterPersist[] = []
  readonly persists: { readonly id: number; readonly after: readonly AfterPersist[] }[] = []
  nextPersistId = 1
  readonly timerSequences = new Map<TimerName, number>()

  constructor(options: ReplicaOptions) {
    const parameters = deriveParameters(options)
    this.parameters = parameters
    this.committedHash = parameters.genesisHash
    this.tip = { hash: parameters.genesisHash, view: 0, height: 0 }
    this.recent.set(0, this.tip)
    this.rootsAt.set(0, parameters.genesisRoots)
    this.executedHints = Array.from({ length: parameters.size }, () => 0)
    this.failedTurn = Array.from({ length: parameters.size }, () => false)
    this.answeredAtMs = Array.from({ length: parameters.size }, () => 0)
    this.batches = new BatchPool(parameters.size)
    this.imports = new ImportPool(parameters.committees.length)
    this.batchAcks = new Announcements(parameters.size)
    this.importAcks = new Announcements(parameters.committees.length)
    this.hints = new FetchBook(parameters.size)
    this.blocks.set(parameters.genesisHash, {
      hash: parameters.genesisHash,
      view: 0,
      height: 0,
      timeMs: 0,
      parentHash: parameters.genesisHash,
      executed: { height: 0, roots: parameters.genesisRoots },
      proposal: null,
      body: EMPTY_BODY,
      receivedAtMs: 0,
      ordering: genesisOrdering(parameters.size, parameters.committees.length),
      certificate: null,
      logged: true,
      durable: true,
    })
  }

  /** Queues an effect of the current step. */
  emit(effect: Effect): void {
    if (!this.recovering || effect.kind === 'commit' || effect.kind === 'halt')
      this.effects.push(effect)
  }

  send(to: 'all' | readonly number[], purpose: Purpose, message: PeerMessage): void {
    this.emit({ kind: 'send', to, purpose, message })
  }

  /** Adds a record to this step's group. */
  log(record: LogRecord, after?: AfterPersist): void {
    if (this.recovering) return
    this.records.push(record)
    if (after !== undefined) this.afterRecords.push(after)
  }

  /** Writes a block down once. */
  logBlock(entry: BlockEntry): void {
    if (entry.proposal === null || entry.logged) return
    entry.logged = true
    this.log({ kind: 'proposal', proposal: entry.proposal }, { kind: 'proposal', hash: entry.hash })
  }

  setTimer(name: TimerName, delayMs: number): void {
    const sequence = (this.timerSequences.get(name) ?? 0) + 1
    this.timerSequences.set(name, sequence)
    this.emit({ kind: 'setTimer', name, sequence, delayMs })
  }

  /** What we signed in a view; created on first use. */
  ownOf(view: number): OwnVotes {
    let own = this.own.get(view)
    if (own === undefined) {
      own = { prepare: null, commit: null, skip: false, proposed: null, durable: new Map() }
      this.own.set(view, own)
    }
    return own
  }
}

/** An entry for a proposal; the ordering follows when the parent is known. */
export function entryOf(hash: Hash, proposal: Proposal, receivedAtMs: number): BlockEntry {
  const header: BlockHeader = proposal.header
  return {
    hash,
    view: header.view,
    height: header.height,
    timeMs: header.timeMs,
    parentHash: header.parentHash,
    executed: header.executed,
    proposal,
    body: proposal.body,
    receivedAtMs,
    ordering: null,
    certificate: null,
    logged: false,
    durable: false,
  }
}
