import type { Roots } from '../core/wire/block.ts'

/** Everything that the audit can find wrong: one code per broken promise. */
export type FindingCode =
  | FolderCode
  | CertificateCode
  | VoteCode
  | ChainCode
  | OrderingCode
  | ExecutionCode
  | CrossShardCode

/** What was given cannot be read, or is not what it was given as. */
type FolderCode =
  | 'folderUnreadable'
  | 'logDamaged'
  | 'logFormatNewer'
  | 'networkMismatch'
  | 'recordMalformed'
  /** The birth record is of another seat, or is not the first record. */
  | 'birthWrong'
  /** No folder of this shard was given, so nothing about it is proved. */
  | 'shardUncovered'
  | 'folderUnexpected'

/** A certificate is not what its committee signed, or two of them exclude each other. */
type CertificateCode =
  | 'certificateMalformed'
  | 'certificateBelowQuorum'
  | 'certificateForged'
  | 'twoPrepared'
  | 'commitAndSkip'

/** I9 and I10: what a validator's own log says that it signed. */
type VoteCode =
  | 'doubleVote'
  | 'commitAndSkipVote'
  | 'voteByObserver'
  | 'voteForged'
  /** Block, batch, import or prepare certificate was not durable before the vote. */
  | 'voteUnsupported'
  | 'voteBelowCommitted'
  /** Some log proves two signatures of this validator that exclude each other. */
  | 'misbehaviour'
  /** This validator's log accuses another one of what that one did not sign. */
  | 'falseEvidence'

/** I1 and I3: one certified chain, and the rules of a proposal. */
type ChainCode =
  | 'fork'
  | 'committedBlockMissing'
  /** The chain begins at another genesis block than that of the genesis file, or of this version's formats. */
  | 'genesisBlockWrong'
  /** A validator lacks a block that it vouched for. */
  | 'chainGap'
  | 'nothingCommitted'
  | 'heightWrong'
  | 'viewWrong'
  | 'contextWrong'
  | 'proposerWrong'
  | 'proposalForged'
  | 'bodyRootWrong'
  | 'parentUnjustified'
  | 'skipMissing'
  | 'timeNotAscending'
  | 'lastCommittedUnproved'
  | 'executedHeightWrong'
  | 'orderedWhileLagging'

/** What blocks order is there, is genuine, and is in sequence. */
type OrderingCode =
  | 'batchMissing'
  | 'batchHeaderWrong'
  | 'batchBodyWrong'
  | 'batchForged'
  | 'batchOutOfSequence'
  | 'authorEquivocation'
  | 'transactionMalformed'
  | 'transactionForged'
  | 'importMissing'
  | 'importOutOfSequence'
  | 'importMismatch'

/** I2, I6, I7: the replay comes to the roots that the committee signed, and to the genesis supply. */
type ExecutionCode =
  | 'stateRootWrong'
  | 'outboxRootWrong'
  | 'resultRootWrong'
  | 'executedTwice'
  | 'supplyBroken'

/** I8: what a shard took is what its source committed and sent. */
type CrossShardCode =
  | 'importMalformed'
  | 'importUncommitted'
  | 'importUnproved'
  | 'importNotSent'
  | 'importedMoreThanSent'

/** One broken promise, or one thing that could not be checked. A finding is a value; it never throws. */
export interface Finding {
  readonly code: FindingCode
  readonly shard: number
  /** Whose folder or signature it is about, when it is about one. */
  readonly validator?: number
  readonly height?: number
  readonly message: string
}

/** How much was checked: a check that passed on nothing proves nothing. */
export interface CheckedCounts {
  folders: number
  logBytes: number
  groups: number
  records: number
  tornBytes: number
  certificates: number
  votes: number
  evidence: number
  proposals: number
  blocks: number
  batches: number
  batchRecords: number
  transactions: number
  transactionSignatures: number
  imports: number
  messages: number
  rootsCompared: number
}

/** What became of the transactions of one shard, by result. */
type ResultCounts = Readonly<Record<string, number>>

/** One shard after the audit. */
export interface ShardReport {
  readonly shard: number
  /** Committed height, proved by a commit certificate. */
  readonly height: number
  readonly blocks: number
  /** Blocks that ordered something. */
  readonly blocksWithContent: number
  readonly transactions: number
  readonly results: ResultCounts
  /** Roots after the last committed block, from the audit's own execution. */
  readonly roots: Roots
  /** Greatest height whose roots a header named and the audit confirmed. */
  readonly rootsConfirmedTo: number
  readonly accounts: number
  /** Decimal. */
  readonly balances: string
  /** Messages sent to, and taken from, each other shard. */
  readonly sent: readonly number[]
  readonly taken: readonly number[]
  /** Contiguous committed height of each validator that was audited. */
  readonly validators: readonly ValidatorReport[]
}

/** One validator after the audit. */
interface ValidatorReport {
  readonly validator: number
  /** Greatest height up to which its log holds every committed block. */
  readonly height: number
  /** Own votes in its log. */
  readonly votes: number
  /** A folder without a birth record: it may follow, and must not vote. */
  readonly isObserver: boolean
}

/** The supply equation: balances (fee accounts included) + in flight = genesis. Decimal. */
export interface SupplyReport {
  readonly genesis: string
  readonly balances: string
  readonly inFlight: string
  readonly holds: boolean
}

/** The whole verdict: `ok` only when nothing was found and something was checked. */
export interface AuditReport {
  readonly ok: boolean
  /** Sorted by shard, height, validator, code, message. */
  readonly findings: readonly Finding[]
  /** Findings beyond the limit per (code, shard, validator): counted, not listed. */
  readonly findingsLeftOut: number
  readonly checked: Readonly<CheckedCounts>
  /** What checked transaction signatures, and whether all of them. */
  readonly signatures: { readonly by: string; readonly all: boolean }
  readonly perShard: readonly ShardReport[]
  readonly supply: SupplyReport
}

/** The verdict as result.json carries it. */
export interface SafetySummary {
  readonly ok: boolean
  readonly findings: number
  readonly codes: readonly FindingCode[]
  readonly firstFinding: string | null
  readonly blocks: number
  readonly transactions: number
  readonly transactionSignatures: number
  readonly certificates: number
  readonly imports: number
  readonly rootsCompared: number
  readonly supplyHolds: boolean
}

/** The few figures of a report that a result needs. */
export function summaryOf(report: AuditReport): SafetySummary {
  const { checked, findings } = report
  const first = findings[0]
  return {
    ok: report.ok,
    findings: findings.length + report.findingsLeftOut,
    codes: [...new Set(findings.map((finding) => finding.code))].toSorted(),
    firstFinding: first === undefined ? null : describeFinding(first),
    blocks: checked.blocks,
    transactions: checked.transactions,
    transactionSignatures: checked.transactionSignatures,
    certificates: checked.certificates,
    imports: checked.imports,
    rootsCompared: checked.rootsCompared,
    supplyHolds: report.supply.holds,
  }
}

/** One line for people. */
export function describeFinding(finding: Finding): string {
  const validator = finding.validator === undefined ? '' : ` validator ${finding.validator}`
  const height = finding.height === undefined ? '' : ` height ${finding.height}`
  return `${finding.code}: shard ${finding.shard}${validator}${height}: ${finding.message}`
}
