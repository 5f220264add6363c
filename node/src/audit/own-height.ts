import type { Chain } from './chain.ts'
import type { FindingLog } from './finding-log.ts'
import type { FolderFacts } from './folder.ts'
import type { ShardBook } from './shard-book.ts'

/** What a validator vouched for with its PREPARE votes, as heights. */
interface Vouched {
  /** It had the chain's blocks up to here: a block's last committed ancestor is compared with the own final chain. */
  readonly blocks: number
  /** It had executed up to here: new roots in a block are compared with the own ones. */
  readonly bodies: number
}

interface Missing {
  readonly code: 'chainGap' | 'batchMissing' | 'importMissing'
  readonly height: number
  readonly message: string
}

/**
 * The height up to which a validator's own log holds the chain with all bodies. It may be behind the others; but what it
 * vouched for it must have.
 */
export function ownHeightOf(
  facts: FolderFacts,
  chain: Chain,
  book: ShardBook,
  findings: FindingLog,
): number {
  const vouched = vouchedBy(facts, book)
  const { shard } = book.rules
  let own = chain.blocks.length
  for (const missing of missingIn(facts, chain)) {
    own = Math.min(own, missing.height - 1)
    const floor = missing.code === 'chainGap' ? vouched.blocks : vouched.bodies
    if (missing.height > floor) continue
    const { code, height } = missing
    const message = `${missing.message}, but the validator vouched for height ${floor}`
    findings.add({ code, shard, validator: facts.validator, height, message })
  }
  return own
}

function vouchedBy(facts: FolderFacts, book: ShardBook): Vouched {
  let blocks = 0
  let bodies = 0
  for (const hash of facts.prepared) {
    const header = book.blocks.get(hash)?.header
    if (header === undefined) continue
    blocks = Math.max(blocks, book.blocks.get(header.lastCommitted.hash)?.header.height ?? 0)
    const parent = book.blocks.get(header.parentHash)?.header
    const executed = header.executed.height
    // The parent's height needs no new comparison.
    if (executed > (parent?.executed.height ?? 0)) bodies = Math.max(bodies, executed)
  }
  return { blocks, bodies }
}

function missingIn(facts: FolderFacts, chain: Chain): Missing[] {
  const missing: Missing[] = []
  for (const { hash, header, body } of chain.blocks) {
    const { height } = header
    if (!facts.blocks.has(hash))
      missing.push({ code: 'chainGap', height, message: `block ${hash} is missing` })
    for (const { digest, author, sequence } of body.batches) {
      if (facts.batches.has(digest)) continue
      missing.push({
        code: 'batchMissing',
        height,
        message: `batch ${sequence} of author ${author} is missing`,
      })
    }
    for (const { digest, source, first } of body.imports) {
      if (facts.imports.has(digest)) continue
      missing.push({
        code: 'importMissing',
        height,
        message: `import ${first} of shard ${source} is missing`,
      })
    }
  }
  return missing
}
