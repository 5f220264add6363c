import type { TestnetStatus } from '@shardnet/operator/local'
import { accountSeed } from '@shardnet/node/config'
import { open } from 'node:fs/promises'
import { upNetworkOf } from './load-network.ts'

/** Bytes of one row of the account table: key, address. */
const ROW_BYTES = 64
const KEY_BYTES = 32

/** An account of the genesis. Its secret is public, like everything that comes from the seed. */
export interface FundedAccount {
  readonly shard: number
  readonly index: number
  readonly key: Uint8Array
  readonly address: Uint8Array
  /** ed25519 seed. */
  readonly seed: Uint8Array
}

/** Account `index` of a shard. */
export async function fundedAccount(
  status: TestnetStatus,
  shard: number,
  index: number,
): Promise<FundedAccount> {
  const { accountsFile, network } = upNetworkOf(status)
  const file = await open(accountsFile)
  try {
    const row = new Uint8Array(ROW_BYTES)
    await file.read(row, 0, ROW_BYTES, (shard * network.accounts.perShard + index) * ROW_BYTES)
    const seed = accountSeed(network.seed, shard, index)
    return { shard, index, key: row.subarray(0, KEY_BYTES), address: row.subarray(KEY_BYTES), seed }
  } finally {
    await file.close()
  }
}
