import { bytesOfHash, domainHash, ZERO_HASH, type Hash } from '../primitives/hash.ts'
import { merklePathOf, merkleRootOf, packHashes, rootOfPath } from './merkle.ts'

/**
 * What a batch's results were, provable under a header's result root: the batch's place in its block, its digest,
 * one result code per transaction, and the siblings up to the root.
 */
export interface Receipt {
  readonly digest: Hash
  readonly results: Uint8Array
  readonly batchIndex: number
  readonly path: readonly Hash[]
}

/** Leaf of one batch under the result root. */
export function resultLeafOf(digest: Hash, results: Uint8Array): Hash {
  return domainHash('shardnet/result/v1', bytesOfHash(digest), results)
}

/** Result root of a block: over one leaf per batch in the block's order; zero when the block ordered none. */
export function resultRootOf(leaves: readonly Hash[]): Hash {
  return leaves.length === 0 ? ZERO_HASH : merkleRootOf(packHashes(leaves))
}

/** Path of the batch at `batchIndex` among the result leaves of its block. */
export function proveResult(leaves: readonly Hash[], batchIndex: number): Hash[] {
  return merklePathOf(packHashes(leaves), batchIndex)
}

/** True when the receipt's results are those under `resultRoot`; the root itself must come from a certified header. */
export function verifyReceipt(receipt: Receipt, resultRoot: Hash): boolean {
  const leaf = resultLeafOf(receipt.digest, receipt.results)
  return rootOfPath(leaf, receipt.batchIndex, receipt.path) === resultRoot
}
