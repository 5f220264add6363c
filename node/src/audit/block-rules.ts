import { verify } from 'node:crypto'
import { bytesOfHash, ZERO_HASH, type Hash } from '../core/primitives/hash.ts'
import { bodyRootOf, EXECUTION_LAG_MAX, type BlockHeader } from '../core/wire/block.ts'
import type { Certificate } from '../core/wire/certificate.ts'
import { proposerOf } from '../core/wire/committee.ts'
import type { Chain } from './chain.ts'
import type { FindingLog } from './finding-log.ts'
import type { FindingCode } from './report.ts'
import type { BookedBlock, ProposalCopy, ShardBook } from './shard-book.ts'

/** A block's place: what it stands on. `view` and `height` are 0 for the genesis block. */
interface Parent {
  readonly hash: Hash
  readonly view: number
  readonly height: number
  readonly timeMs: number
  readonly executedHeight: number
}

type Report = (code: FindingCode, message: string) => void

/** Checks the rules that a proposal must keep: for every committed block, and for every other one that a quorum PREPAREd. */
export function checkBlocks(book: ShardBook, chain: Chain, findings: FindingLog): void {
  const { shard } = book.rules
  const certified = [...book.ballots.certified('prepare'), ...book.ballots.certified('commit')]
  const blocks = new Set(chain.blocks)
  for (const { value } of certified) {
    const block = book.blocks.get(value)
    if (block !== undefined) blocks.add(block)
  }
  for (const block of blocks) {
    const { height } = block.header
    const report: Report = (code, message) => findings.add({ code, shard, height, message })
    checkIdentity(block, book, report)
    const parent = parentOf(block, book, chain)
    // A missing parent is reported where the chain is walked.
    if (parent === null) continue
    checkHeader(block, parent, report)
    for (const copy of block.copies.values())
      checkJustification(block.header, copy, { book, chain, report })
    checkSkips(block.header, book, report)
    checkExecuted(block, { book, chain, report })
  }
}

function parentOf({ header }: BookedBlock, book: ShardBook, chain: Chain): Parent | null {
  if (header.parentHash === chain.genesisHash) {
    return { hash: chain.genesisHash, view: 0, height: 0, timeMs: 0, executedHeight: 0 }
  }
  const parent = book.blocks.get(header.parentHash)
  if (parent === undefined) return null
  const { view, height, timeMs, executed } = parent.header
  return { hash: parent.hash, view, height, timeMs, executedHeight: executed.height }
}

function checkIdentity(
  { hash, header, body, copies }: BookedBlock,
  book: ShardBook,
  report: Report,
): void {
  const { rules } = book
  if (
    header.context !== rules.context ||
    header.shard !== rules.shard ||
    header.epoch !== rules.epoch
  ) {
    report(
      'contextWrong',
      `block ${hash} is of shard ${header.shard}, epoch ${header.epoch}, context ${header.context}`,
    )
  }
  const proposer = proposerOf(header.view, rules.size)
  if (header.proposer !== proposer) {
    report(
      'proposerWrong',
      `view ${header.view} is the turn of ${proposer}, not of ${header.proposer}`,
    )
  }
  if (bodyRootOf(body) !== header.bodyRoot)
    report('bodyRootWrong', `block ${hash} names another body`)
  const key = rules.peerKeys[header.proposer]
  for (const { signature } of copies.values()) {
    const isSigned = key !== undefined && verify(null, bytesOfHash(hash), key, signature)
    if (!isSigned)
      report('proposalForged', `block ${hash}: the signature of proposer ${header.proposer}`)
  }
}

function checkHeader({ header }: BookedBlock, parent: Parent, report: Report): void {
  if (header.height !== parent.height + 1)
    report('heightWrong', `height ${header.height} after ${parent.height}`)
  if (header.parentView !== parent.view || header.view <= parent.view) {
    report(
      'viewWrong',
      `view ${header.view} names parent view ${header.parentView}, the parent's is ${parent.view}`,
    )
  }
  if (header.timeMs <= parent.timeMs)
    report('timeNotAscending', `time ${header.timeMs} after ${parent.timeMs}`)
  if (header.executed.height < parent.executedHeight) {
    report(
      'executedHeightWrong',
      `executed height falls from ${parent.executedHeight} to ${header.executed.height}`,
    )
  }
}

interface JustificationContext {
  readonly book: ShardBook
  readonly chain: Chain
  readonly report: Report
}

/** The parent's certificate, and that of the last committed ancestor: null exactly for the genesis block. */
function checkJustification(
  header: BlockHeader,
  copy: ProposalCopy,
  context: JustificationContext,
): void {
  const { book, chain, report } = context
  const { parentCertificate, commitCertificate, skipCertificates } = copy
  const isParentProved =
    header.parentHash === chain.genesisHash
      ? parentCertificate === null && header.parentView === 0
      : names(parentCertificate, header.parentView, header.parentHash) &&
        parentCertificate?.kind !== 'skip' &&
        book.ballots.isCertified(['prepare', 'commit'], header.parentView, header.parentHash)
  if (!isParentProved)
    report('parentUnjustified', `no prepare certificate of the parent in view ${header.parentView}`)
  const { view, hash } = header.lastCommitted
  const isCommittedProved =
    hash === chain.genesisHash
      ? commitCertificate === null && view === 0
      : names(commitCertificate, view, hash) &&
        commitCertificate?.kind === 'commit' &&
        book.ballots.isCertified(['commit'], view, hash)
  if (!isCommittedProved)
    report('lastCommittedUnproved', `no commit certificate of ${hash} in view ${view}`)
  const foreign = skipCertificates.find(
    (skip) => skip.kind !== 'skip' || skip.view <= header.parentView || skip.view >= header.view,
  )
  if (foreign !== undefined)
    report(
      'skipMissing',
      `it carries a ${foreign.kind} certificate of view ${foreign.view} for a skip`,
    )
}

function names(certificate: Certificate | null, view: number, value: Hash): boolean {
  return certificate !== null && certificate.view === view && certificate.value === value
}

/** Every view between the parent's and this one has a verified skip certificate in some log. */
function checkSkips(header: BlockHeader, book: ShardBook, report: Report): void {
  for (let view = header.parentView + 1; view < header.view; view++) {
    if (!book.ballots.isCertified(['skip'], view, ZERO_HASH)) {
      report(
        'skipMissing',
        `no skip certificate of view ${view}, between parent view ${header.parentView} and ${header.view}`,
      )
    }
  }
}

/** The named roots are of an ancestor at or below the last committed one; a block far ahead of execution orders nothing. */
function checkExecuted({ header, body }: BookedBlock, context: JustificationContext): void {
  const { book, chain, report } = context
  const { executed, lastCommitted } = header
  const isGenesis = lastCommitted.hash === chain.genesisHash
  const committed = isGenesis ? undefined : book.blocks.get(lastCommitted.hash)
  const committedHeight = isGenesis ? 0 : committed?.header.height
  if (committedHeight === undefined || committedHeight >= header.height) {
    report('lastCommittedUnproved', `${lastCommitted.hash} is not known as an ancestor`)
  } else {
    const onChain =
      committedHeight === 0 || chain.blocks[committedHeight - 1]?.hash === lastCommitted.hash
    if (!onChain)
      report('lastCommittedUnproved', `${lastCommitted.hash} is not on the committed chain`)
    if (executed.height > committedHeight) {
      report(
        'executedHeightWrong',
        `executed height ${executed.height} above the committed ${committedHeight}`,
      )
    }
  }
  const isEmpty = body.imports.length === 0 && body.batches.length === 0
  if (header.height - executed.height > EXECUTION_LAG_MAX && !isEmpty) {
    report(
      'orderedWhileLagging',
      `${header.height - executed.height} heights ahead of execution and not empty`,
    )
  }
}
