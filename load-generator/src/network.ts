import type { Hash } from '@shardnet/node/core'

/** One validator's door. */
export interface Target {
  readonly shard: number
  readonly validator: number
  /** `host:port` of its HTTP server, which also has the stream; empty when it is not known. */
  readonly httpAddress: string
}

/** What the load generator must know of a testnet; all of it is fixed by the genesis. */
export interface LoadNetwork {
  /** The testnet's name for reports. */
  readonly name: string
  readonly networkId: Hash
  readonly shards: number
  readonly validatorsPerShard: number
  readonly accountsPerShard: number
  /** Public seed that the accounts' keys derive from. */
  readonly genesisSeed: string
  /** Rows of 64 bytes, key (32) and address (32), shard after shard. */
  readonly accountTable: Uint8Array
}

export const ACCOUNT_ROW_BYTES = 64

/** A testnet, or the machine that the generator runs on, that does not let it do its work. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
  readonly code: 'unreachable' | 'wrongNetwork' | 'tooManyTransactions' | 'signing' | 'accounts'

  constructor(code: LoadError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
