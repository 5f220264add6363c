import { asciiBytes } from '../primitives/bytes.ts'
import type { Hash } from '../primitives/hash.ts'
import { slotRangeOf } from '../wire/committee.ts'
import { ADDRESS_BYTES } from '../wire/transaction.ts'

/** What the rules of execution depend on beside the blocks: all of it is fixed by the genesis. */
export interface LedgerParameters {
  readonly networkId: Hash
  readonly shard: number
  readonly shards: number
  /** Most unacknowledged messages from this shard to one other. */
  readonly outboxWindow: number
}

/**
 * Where a shard's fees go: an ordinary account that nobody has a key for, in the shard's first slot.
 * It comes into being with the first fee.
 */
export function feeAddressOf(shard: number, shards: number): Uint8Array {
  const slot = slotRangeOf(shard, shards).first
  const address = new Uint8Array(ADDRESS_BYTES)
  address[0] = slot >> 8
  address[1] = slot & 0xff
  address.set(asciiBytes('shardnet/fees/v1'), 2)
  return address
}
