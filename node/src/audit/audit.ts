import { must } from '../core/errors.ts'
import { bytesOfHash } from '../core/primitives/hash.ts'
import { genesisBlockHashOf } from '../core/wire/block.ts'
import { checkBlocks } from './block-rules.ts'
import { committedChain, type Chain } from './chain.ts'
import { checkImports, checkSupply, type ReplayedShard } from './cross-shard.ts'
import { executeChain, type Execution } from './execution.ts'
import { FindingLog } from './finding-log.ts'
import { readFolder, type FolderFacts, type ValidatorFolder } from './folder.ts'
import { shardRulesOf, type NetworkFacts } from './network.ts'
import { orderChain } from './ordering.ts'
import { ownHeightOf } from './own-height.ts'
import { PlaceReader } from './place-reader.ts'
import { Replay, type ExecutedTransaction } from './replay.ts'
import type { AuditReport, ShardReport } from './report.ts'
import { ShardBook } from './shard-book.ts'
import { ownVerifier, type TransactionVerifier } from './signature-check.ts'
import { SignatureQueue } from './signature-queue.ts'

/** A validator that a test made faulty on purpose: its folder says nothing, and its misbehaviour is no finding. */
export interface FaultyValidator {
  readonly shard: number
  readonly validator: number
}

/** What the caller may choose. */
export interface AuditOptions {
  /** Checks transaction signatures; the audit's own, on all of them, when absent. */
  readonly verifier?: TransactionVerifier
  readonly faulty?: readonly FaultyValidator[]
  /** Told of every transaction of every committed chain as the audit executes it, by shard and in order. */
  readonly onExecuted?: (executed: ExecutedTransaction) => void
}

/**
 * Proves or refutes the safety of a stopped network from its validators' folders. Everything that is wrong with the data is a
 * finding; it throws only for what is wrong with the audit itself.
 */
export async function auditNetwork(
  facts: NetworkFacts,
  folders: readonly ValidatorFolder[],
  options: AuditOptions = {},
): Promise<AuditReport> {
  const findings = new FindingLog(options.faulty ?? [])
  const verifier = options.verifier ?? ownVerifier()
  const reader = new PlaceReader()
  try {
    const books = shardRulesOf(facts).map((rules) => new ShardBook(rules, findings))
    const folderFacts = await readFolders(books, folders, {
      findings,
      verifier,
      faulty: options.faulty ?? [],
    })
    for (const book of books) await book.ballots.settle()
    const shards = books.map((book) =>
      auditShard(book, must(folderFacts[book.rules.shard], 'facts'), {
        findings,
        reader,
        onExecuted: options.onExecuted,
      }),
    )
    checkImports(shards, findings)
    const supply = checkSupply(shards, findings)
    const { findings: sorted, leftOut } = findings.sorted()
    return {
      ok: sorted.length === 0,
      findings: sorted,
      findingsLeftOut: leftOut,
      checked: { ...findings.checked },
      signatures: { by: verifier.name, all: verifier.checksAll },
      perShard: shards.map((shard) => shard.report),
      supply,
    }
  } finally {
    reader.close()
  }
}

interface ReadingContext {
  readonly findings: FindingLog
  readonly verifier: TransactionVerifier
  readonly faulty: readonly FaultyValidator[]
}

/** Facts by shard. Folders are read by shard and seat, so that the report does not depend on how they were listed. */
async function readFolders(
  books: readonly ShardBook[],
  folders: readonly ValidatorFolder[],
  { findings, verifier, faulty }: ReadingContext,
): Promise<FolderFacts[][]> {
  const facts: FolderFacts[][] = books.map(() => [])
  const networkId = must(books[0], 'a network has a shard').rules.networkId
  const queue = new SignatureQueue(verifier, bytesOfHash(networkId), findings)
  const sinks = { books, findings, checkSignatures: queue.add.bind(queue) }
  const seats = new Set<string>()
  for (const folder of folders.toSorted((a, b) => a.shard - b.shard || a.validator - b.validator)) {
    const { shard, validator, dataDirectory } = folder
    if (faulty.some((one) => one.shard === shard && one.validator === validator)) continue
    const book = books[shard]
    const seat = `${shard} ${validator}`
    if (book === undefined || validator >= book.rules.size || seats.has(seat)) {
      const message = `${dataDirectory} is of no seat, or of one that another folder has`
      findings.add({ code: 'folderUnexpected', shard, validator, message })
      continue
    }
    seats.add(seat)
    facts[shard]?.push(await readFolder(folder, book, sinks))
  }
  await queue.drain()
  return facts
}

interface ShardTools {
  readonly findings: FindingLog
  readonly reader: PlaceReader
  readonly onExecuted: AuditOptions['onExecuted']
}

function auditShard(
  book: ShardBook,
  facts: readonly FolderFacts[],
  tools: ShardTools,
): ReplayedShard & { report: ShardReport } {
  const { findings, reader } = tools
  const { shard, context } = book.rules
  if (facts.length === 0)
    findings.add({ code: 'shardUncovered', shard, message: 'no folder of this shard was given' })
  const replay = new Replay(book.rules, tools.onExecuted)
  const genesisRoots = replay.roots()
  const chain = committedChain(book, genesisBlockHashOf(context, genesisRoots), findings)
  checkBlocks(book, chain, findings)
  const ordered = orderChain(book, chain, findings)
  const execution = executeChain(replay, chain, ordered, { findings, reader, genesisRoots })
  const isWhole = ordered.length === chain.blocks.length
  const heights = facts.map((one) => ownHeightOf(one, chain, book, findings))
  findings.checked.transactions += Object.values(replay.results).reduce(
    (sum, count) => sum + count,
    0,
  )
  return {
    book,
    chain,
    replay,
    isWhole,
    report: reportOf(replay, { chain, execution, facts, heights }),
  }
}

interface ShardOutcome {
  readonly chain: Chain
  readonly execution: Execution
  readonly facts: readonly FolderFacts[]
  readonly heights: readonly number[]
}

function reportOf(replay: Replay, { chain, execution, facts, heights }: ShardOutcome): ShardReport {
  const withContent = chain.blocks.filter(
    ({ body }) => body.imports.length > 0 || body.batches.length > 0,
  )
  return {
    shard: replay.rules.shard,
    height: chain.blocks.length,
    blocks: chain.blocks.length,
    blocksWithContent: withContent.length,
    transactions: Object.values(replay.results).reduce((sum, count) => sum + count, 0),
    results: { ...replay.results },
    roots: execution.roots,
    rootsConfirmedTo: execution.confirmedTo,
    accounts: replay.accounts.count,
    balances: String(replay.accounts.balances()),
    sent: replay.channels.map((channel) => channel.sent.size),
    taken: replay.channels.map((channel) => channel.taken),
    validators: facts.map(({ validator, votes, isObserver }, index) => {
      return { validator, votes, isObserver, height: heights[index] ?? 0 }
    }),
  }
}
