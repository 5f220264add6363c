import type { Hash } from '../core/primitives/hash.ts'
import type { FindingLog } from './finding-log.ts'
import type { BookedBlock, ShardBook } from './shard-book.ts'

/** The one committed chain of a shard: the block of height h is at index h - 1. */
export interface Chain {
  readonly genesisHash: Hash
  readonly blocks: readonly BookedBlock[]
}

/**
 * I1: everything that commit certificates prove, with all ancestors, over all folders of the shard. Two blocks at one height
 * are a fork. The chain is the longest proved one that reaches the genesis block without a gap.
 */
export function committedChain(book: ShardBook, genesisHash: Hash, findings: FindingLog): Chain {
  const { shard } = book.rules
  const walk = new AncestorWalk(book, genesisHash, findings)
  let tip: BookedBlock | null = null
  for (const { view, value } of book.ballots.certified('commit')) {
    const block = book.blocks.get(value)
    if (block === undefined) {
      findings.add({
        code: 'committedBlockMissing',
        shard,
        message: `no folder has the block ${value} committed in view ${view}`,
      })
      continue
    }
    if (block.header.view !== view) {
      const message = `block of view ${block.header.view} has a commit certificate of view ${view}`
      findings.add({ code: 'viewWrong', shard, height: block.header.height, message })
    }
    if (walk.reachesGenesis(block) && isHigher(block, tip)) tip = block
  }
  walk.reportForks()
  const blocks: BookedBlock[] = []
  for (
    let at: BookedBlock | null = tip;
    at !== null;
    at = book.blocks.get(at.header.parentHash) ?? null
  )
    blocks.push(at)
  blocks.reverse()
  if (blocks.length === 0)
    findings.add({
      code: 'nothingCommitted',
      shard,
      message: 'no committed block: nothing is proved',
    })
  findings.checked.blocks += blocks.length
  return { genesisHash, blocks }
}

/** By height, then hash: the choice must not depend on the order of folders. */
function isHigher(block: BookedBlock, than: BookedBlock | null): boolean {
  if (than === null || block.header.height > than.header.height) return true
  return block.header.height === than.header.height && block.hash < than.hash
}

class AncestorWalk {
  readonly #book: ShardBook
  readonly #genesisHash: Hash
  readonly #findings: FindingLog
  /** Committed blocks, and whether each reaches the genesis block. */
  readonly #reached = new Map<Hash, boolean>()
  readonly #atHeight = new Map<number, Set<Hash>>()

  constructor(book: ShardBook, genesisHash: Hash, findings: FindingLog) {
    this.#book = book
    this.#genesisHash = genesisHash
    this.#findings = findings
  }

  /** Marks the block and its ancestors as committed. */
  reachesGenesis(block: BookedBlock): boolean {
    const path: BookedBlock[] = []
    let at: BookedBlock = block
    let reaches: boolean | undefined
    while ((reaches = this.#reached.get(at.hash)) === undefined) {
      path.push(at)
      const parent = this.#parentOf(at)
      if (typeof parent === 'boolean') {
        reaches = parent
        break
      }
      at = parent
    }
    for (const { hash, header } of path) {
      this.#reached.set(hash, reaches)
      const hashes = this.#atHeight.get(header.height) ?? new Set<Hash>()
      this.#atHeight.set(header.height, hashes.add(hash))
    }
    return reaches
  }

  reportForks(): void {
    for (const [height, hashes] of this.#atHeight) {
      if (hashes.size < 2) continue
      const message = `${hashes.size} committed blocks: ${[...hashes].toSorted().join(', ')}`
      this.#findings.add({ code: 'fork', shard: this.#book.rules.shard, height, message })
    }
  }

  /** The parent block; true for the genesis block; false when no folder has it. Heights are checked with the other rules. */
  #parentOf({ header }: BookedBlock): BookedBlock | boolean {
    const { shard } = this.#book.rules
    const { height, parentHash } = header
    if (parentHash === this.#genesisHash) return true
    const parent = this.#book.blocks.get(parentHash)
    if (parent !== undefined) return parent
    if (height === 1) {
      const message = `block 1 builds on ${parentHash}, not on the genesis block ${this.#genesisHash}: the folders are of another genesis, or of another version of shardnet`
      this.#findings.add({ code: 'genesisBlockWrong', shard, height: 0, message })
    } else {
      const message = `no folder has the committed block ${parentHash}`
      this.#findings.add({ code: 'committedBlockMissing', shard, height: height - 1, message })
    }
    return false
  }
}
