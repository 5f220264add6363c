import {
  AccountSigner,
  RpcCallError,
  RpcClient,
  type TransactionTerms,
} from '@shardnet/node/client'
import { bytesOfHex, hashOfBytes, NONCE_WINDOW } from '@shardnet/node/core'
import { LocalError, type TestnetStatus } from '@shardnet/operator/local'
import { type FundedAccount, fundedAccount } from './funded-account.ts'
import { upNetworkOf } from './load-network.ts'

/** How long `send` follows a transaction. */
export const ANSWER_MS = 60_000
/** Heights ahead of now until which the transaction may execute. */
const VALID_FOR_HEIGHTS = 1_000

/** Where an account of the genesis stands. */
export interface AccountName {
  readonly shard: number
  readonly index: number
}

/** The account that `shard/index` names; null when the testnet has none there. */
export function accountNamed(status: TestnetStatus, text: string): AccountName | null {
  const { network } = upNetworkOf(status)
  const match = /^([0-9]{1,5})\/([0-9]{1,9})$/.exec(text)
  const [shard, index] = [Number(match?.[1]), Number(match?.[2])]
  return match !== null && shard < network.shards && index < network.accounts.perShard
    ? { shard, index }
    : null
}

/** What `accountNamed` takes, for people. */
export function accountsExpected(status: TestnetStatus): string {
  const { shards, accounts } = upNetworkOf(status).network
  return `shard/index with shard below ${shards} and index below ${accounts.perShard}`
}

/** A whole number within bounds; null when the text is none. */
export function wholeOf(text: string, min: number, max: number): number | null {
  const value = Number(text)
  return /^[0-9]{1,16}$/.test(text) && value >= min && value <= max ? value : null
}

/** What every fee is at most: four bytes. */
export const FEE_MAX = 4_294_967_295

/** A validator of the shard that takes transactions now. */
export function clientOf(status: TestnetStatus, shard: number): RpcClient {
  const door = status.validators.find((each) => each.shard === shard && each.state === 'ready')
  if (door === undefined)
    throw new LocalError('notRunning', `No validator of shard ${shard} is ready.`)
  return new RpcClient(door.httpAddress)
}

/** All validators of the shard, ready or not: an outcome is what f + 1 of them agree on. */
export function committeeClients(status: TestnetStatus, shard: number): RpcClient[] {
  return status.validators
    .filter((each) => each.shard === shard)
    .map(({ httpAddress }) => new RpcClient(httpAddress))
}

/** An account ready to sign its next transaction. */
export interface ReadyPayer {
  readonly account: FundedAccount
  readonly signer: AccountSigner
  readonly terms: TransactionTerms
}

export async function readyPayer(
  status: TestnetStatus,
  { shard, index }: AccountName,
  { client, fee }: { readonly client: RpcClient; readonly fee: number },
): Promise<ReadyPayer> {
  const account = await fundedAccount(status, shard, index)
  const networkId = hashOfBytes(bytesOfHex(upNetworkOf(status).networkId))
  const slot = ((account.address[0] ?? 0) << 8) | (account.address[1] ?? 0)
  const { executedHeight } = await client.status()
  const state = await client.account(Buffer.from(account.address).toString('hex'))
  const nonce = freeNonce(state?.nonceBase ?? 0, state?.nonceBitmap ?? 0n)
  return {
    account,
    signer: new AccountSigner(networkId, account.seed, slot),
    terms: { nonce, fee, validUntil: executedHeight + VALID_FOR_HEIGHTS },
  }
}

/** The first nonce of the window that no transaction has used. */
function freeNonce(base: number, bitmap: bigint): number {
  for (let offset = 0; offset < NONCE_WINDOW; offset++) {
    if (((bitmap >> BigInt(offset)) & 1n) === 0n) return base + offset
  }
  return base
}

/** Why a validator did not take a transaction; null when the error is another one. */
export function refusalOf(error: unknown): string | null {
  if (!(error instanceof RpcCallError) || error.failure.kind !== 'rpc') return null
  const { data } = error.failure
  const code: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'code') : undefined
  return typeof code === 'string' ? code : null
}
