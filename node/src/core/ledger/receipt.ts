import { ByteWriter } from '../primitives/byte-writer.ts'
import { bytesOfHash, domainHash, type Hash } from '../primitives/hash.ts'
import { merklePathOf, merkleRootOf, packHashes, rootOfPath } from './merkle.ts'

/**
 * What a batch's results were, provable under a header's result root: the batch's place in its block, its digest, one result
 * code per transaction, what its gets read, the siblings up to the block's own root, and the links from there to the root that the header shows.
 */
export interface Receipt extends BatchEffects {
  readonly digest: Hash
  readonly batchIndex: number
  readonly path: readonly Hash[]
  /** Result root before the block that ordered the batch. */
  readonly previous: Hash
  /** Own roots of the later blocks with batches, up to the height whose roots the header shows. */
  readonly later: readonly Hash[]
}

/** What executing a batch came to: one result code per transaction, and the packed reads (`wire/cell-reads.ts`). */
export interface BatchEffects {
  readonly results: Uint8Array
  readonly reads: Uint8Array
}

/** Leaf of one batch under its block's own root. Both parts have their lengths in front, so that neither runs into the other. */
export function resultLeafOf(digest: Hash, { results, reads }: BatchEffects): Hash {
  const writer = new ByteWriter(8 + results.length + reads.length).sized(results).sized(reads)
  return domainHash('shardnet/result/v1', bytesOfHash(digest), writer.finish())
}

/** A block's own root: over one leaf per batch in the block's order; null when it ordered none. */
export function batchesRootOf(leaves: readonly Hash[]): Hash | null {
  return leaves.length === 0 ? null : merkleRootOf(packHashes(leaves))
}

/**
 * Result root after a block: chained over all blocks that ordered batches, because headers may show the roots of every second
 * or third executed height only, and a receipt of a height in between must stay provable. Unchanged by a block without batches.
 */
export function resultRootOf(previous: Hash, batchesRoot: Hash | null): Hash {
  if (batchesRoot === null) return previous
  return domainHash('shardnet/results/v1', bytesOfHash(previous), bytesOfHash(batchesRoot))
}

/** Path of the batch at `batchIndex` among the result leaves of its block. */
export function proveResult(leaves: readonly Hash[], batchIndex: number): Hash[] {
  return merklePathOf(packHashes(leaves), batchIndex)
}

/** True when the receipt's results are under `resultRoot`; the root itself must come from a certified header. */
export function verifyReceipt(receipt: Receipt, resultRoot: Hash): boolean {
  const leaf = resultLeafOf(receipt.digest, receipt)
  const batchesRoot = rootOfPath(leaf, receipt.batchIndex, receipt.path)
  if (batchesRoot === null) return false
  let root = resultRootOf(receipt.previous, batchesRoot)
  for (const later of receipt.later) root = resultRootOf(root, later)
  return root === resultRoot
}
