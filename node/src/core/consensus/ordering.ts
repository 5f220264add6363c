import type { BlockBody } from '../wire/block.ts'

/**
 * What later blocks need to know about the blocks before them at vote time, computed from the named references alone:
 * nothing here waits for execution (house name: ordering state).
 */
export interface Ordering {
  /** Last sequence named of each author; 0 before the first. */
  readonly lastSequence: readonly number[]
  /** Next message to take from each source shard. */
  readonly inNext: readonly number[]
  /** Height of the newest block, this one included, that named a batch or a message. */
  readonly contentHeight: number
}

/** The ordering state of the genesis block. */
export function genesisOrdering(committeeSize: number, shards: number): Ordering {
  return {
    lastSequence: Array.from({ length: committeeSize }, () => 0),
    inNext: Array.from({ length: shards }, () => 0),
    contentHeight: 0,
  }
}

/** Why a body does not follow its parent. */
export type OrderingFault =
  | 'batchOutOfSequence'
  | 'unknownAuthor'
  | 'importOutOfSequence'
  | 'importOrder'
  | 'unknownSource'

/** The ordering state after a body, or the rule that the body breaks: every author and every source gapless, each once. */
export function applyOrdering(
  parent: Ordering,
  body: BlockBody,
  height: number,
): Ordering | OrderingFault {
  const inNext = [...parent.inNext]
  let lastSource = -1
  for (const item of body.imports) {
    const next = inNext[item.source]
    if (next === undefined) return 'unknownSource'
    if (item.source < lastSource) return 'importOrder'
    if (item.first !== next) return 'importOutOfSequence'
    inNext[item.source] = next + item.count
    lastSource = item.source
  }
  const lastSequence = [...parent.lastSequence]
  for (const batch of body.batches) {
    const last = lastSequence[batch.author]
    if (last === undefined) return 'unknownAuthor'
    if (batch.sequence !== last + 1) return 'batchOutOfSequence'
    lastSequence[batch.author] = batch.sequence
  }
  // An import without messages only acknowledges: nobody has to be shown its effect soon.
  const isEmpty = body.imports.every(({ count }) => count === 0) && body.batches.length === 0
  return { lastSequence, inNext, contentHeight: isEmpty ? parent.contentHeight : height }
}
