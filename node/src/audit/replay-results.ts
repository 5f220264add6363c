import { bytesOfHash, hashOfBytes, type Hash } from '../core/primitives/hash.ts'
import { rootOfLeaves, sha256Of } from './own-hash.ts'

const RESULTS_DOMAIN = Buffer.from('\u0013shardnet/results/v1', 'latin1')
const RESULT_DOMAIN = Buffer.from('\u0012shardnet/result/v1', 'latin1')

/** What the replay of one block must remember until its roots are compared. */
export interface BatchResult {
  readonly digest: Hash
  readonly results: Uint8Array
  /** What gets read: for each position u32, length u8, value. */
  readonly reads: Uint8Array
}

/** Result roots form a chain over the blocks with batches; a block without any leaves it as it is. */
export function resultAfter(before: Hash, batches: readonly BatchResult[]): Hash {
  if (batches.length === 0) return before
  const leaves = batches.map(({ digest, results, reads }) => {
    const sized = [results, reads].flatMap((part) => [lengthOf(part), part])
    return sha256Of(Buffer.concat([RESULT_DOMAIN, bytesOfHash(digest), ...sized]))
  })
  const own = rootOfLeaves(leaves)
  return hashOfBytes(sha256Of(Buffer.concat([RESULTS_DOMAIN, bytesOfHash(before), own])))
}

function lengthOf(part: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(part.length)
  return length
}
