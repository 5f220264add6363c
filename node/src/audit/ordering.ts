import type { BatchReference, ImportReference } from '../core/wire/block.ts'
import type { Chain } from './chain.ts'
import type { FindingLog } from './finding-log.ts'
import type { FindingCode } from './report.ts'
import type { BookedBatch, BookedBlock, BookedImport, ShardBook } from './shard-book.ts'

/** A committed block with everything it names, ready to execute. */
export interface OrderedBlock {
  readonly block: BookedBlock
  readonly imports: readonly BookedImport[]
  readonly batches: readonly BookedBatch[]
}

/**
 * Every author's batches and every source's messages in sequence, without a gap, each once; and every named thing is in some
 * folder and is what the name says. Ends before the first block that names something which no folder has: nothing after it can be executed.
 */
export function orderChain(book: ShardBook, chain: Chain, findings: FindingLog): OrderedBlock[] {
  const ordering = new OrderCheck(book, findings)
  const ordered: OrderedBlock[] = []
  for (const block of chain.blocks) {
    const next = ordering.take(block)
    if (next === null) return ordered
    ordered.push(next)
  }
  return ordered
}

class OrderCheck {
  readonly #book: ShardBook
  readonly #findings: FindingLog
  readonly #lastSequence: number[]
  readonly #inNext: number[]

  constructor(book: ShardBook, findings: FindingLog) {
    this.#book = book
    this.#findings = findings
    this.#lastSequence = Array.from({ length: book.rules.size }, () => 0)
    this.#inNext = Array.from({ length: book.rules.shards }, () => 0)
  }

  take(block: BookedBlock): OrderedBlock | null {
    const { height } = block.header
    this.#checkSources(block)
    const imports = block.body.imports.map((reference) => this.#takeImport(reference, height))
    const batches = block.body.batches.map((reference) => this.#takeBatch(reference, height))
    const isWhole = imports.every((item) => item !== null) && batches.every((item) => item !== null)
    return isWhole ? { block, imports, batches } : null
  }

  #checkSources({ header, body }: BookedBlock): void {
    const isSorted = body.imports.every(
      ({ source }, index) => source >= (body.imports[index - 1]?.source ?? 0),
    )
    if (!isSorted)
      this.#report('importOutOfSequence', header.height, 'imports are not sorted by source')
  }

  #takeImport(reference: ImportReference, height: number): BookedImport | null {
    const { source, first, count, digest } = reference
    const next = this.#inNext[source]
    if (next === undefined || source === this.#book.rules.shard) {
      this.#report('importMismatch', height, `import from shard ${source}`)
      return null
    }
    if (first !== next)
      this.#report(
        'importOutOfSequence',
        height,
        `import ${first} of shard ${source}, next is ${next}`,
      )
    this.#inNext[source] = first + count
    const bundle = this.#book.imports.get(digest)
    if (bundle === undefined) {
      this.#report('importMissing', height, `no folder has the import ${first} of shard ${source}`)
      return null
    }
    if (bundle.header.shard !== source || bundle.first !== first || bundle.count !== count) {
      const found = `${bundle.first} + ${bundle.count} of shard ${bundle.header.shard}`
      this.#report(
        'importMismatch',
        height,
        `named ${first} + ${count} of shard ${source}, the bundle has ${found}`,
      )
    }
    return bundle
  }

  #takeBatch(reference: BatchReference, height: number): BookedBatch | null {
    const { author, sequence, digest } = reference
    const last = this.#lastSequence[author]
    const expected = last === undefined ? 'none' : String(last + 1)
    if (expected !== String(sequence)) {
      this.#report(
        'batchOutOfSequence',
        height,
        `batch ${sequence} of author ${author}, next is ${expected}`,
      )
    }
    if (last !== undefined) this.#lastSequence[author] = sequence
    const batch = this.#book.batches.get(digest)
    if (batch === undefined) {
      this.#report(
        'batchMissing',
        height,
        `no folder has the batch ${sequence} of author ${author}`,
      )
      return null
    }
    if (batch.header.author !== author || batch.header.sequence !== sequence) {
      const found = `${batch.header.sequence} of author ${batch.header.author}`
      this.#report(
        'batchHeaderWrong',
        height,
        `named as ${sequence} of author ${author}, it is ${found}`,
      )
    }
    return batch
  }

  #report(code: FindingCode, height: number, message: string): void {
    this.#findings.add({ code, shard: this.#book.rules.shard, height, message })
  }
}
