import { RpcCallError, RpcClient } from '@shardnet/node/client'
import {
  bytesOfHex,
  encodeTransfer,
  hashOfBytes,
  NONCE_WINDOW,
  SIGNATURE_BYTES,
  slotRangeOf,
} from '@shardnet/node/core'
import { LocalError, type TestnetStatus } from '@shardnet/operator/local'
import { createPrivateKey, sign } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError } from '../input-error.ts'
import { type FundedAccount, fundedAccount } from './funded-account.ts'
import { upNetworkOf } from './load-network.ts'

/** Where an account of the genesis stands. */
interface AccountName {
  readonly shard: number
  readonly index: number
}

/** A transfer that can be tried. */
export interface TransferOrder {
  readonly from: AccountName
  readonly to: AccountName | { readonly address: Uint8Array }
  readonly amount: number
  readonly fee: number
}

/** What became of a transfer. */
export interface TransferOutcome {
  readonly id: string
  /** Result code, or why it was refused. */
  readonly result: string
  readonly height: number | null
  readonly payeeShard: number
  /** Height of the payee's shard at which the credit was seen; null where it is the same shard, or none came. */
  readonly creditedAt: number | null
}

/** @throws {InputError} with every problem of the flags. */
export function checkTransfer(
  status: TestnetStatus,
  typed: {
    readonly from: string
    readonly to: string
    readonly amount: string
    readonly fee: string
  },
): TransferOrder {
  const problems: string[] = []
  const from = accountNamed(status, typed.from)
  const isAddress = /^[0-9a-fA-F]{64}$/.test(typed.to)
  const to = isAddress
    ? { address: bytesOfHex(typed.to.toLowerCase()) }
    : accountNamed(status, typed.to)
  const { network } = upNetworkOf(status)
  const expected = `shard/index with shard below ${network.shards} and index below ${network.accounts.perShard}`
  if (from === null)
    problems.push(`--from: expected ${expected}, got ${JSON.stringify(typed.from)}`)
  if (to === null)
    problems.push(`--to: expected ${expected}, or an address, got ${JSON.stringify(typed.to)}`)
  const amount = wholeOf(typed.amount, 1, Number.MAX_SAFE_INTEGER)
  const fee = wholeOf(typed.fee, 0, 4_294_967_295)
  if (amount === null)
    problems.push(`--amount: expected a whole number above 0, got ${JSON.stringify(typed.amount)}`)
  if (fee === null)
    problems.push(`--fee: expected a whole number below 2^32, got ${JSON.stringify(typed.fee)}`)
  if (from === null || to === null || amount === null || fee === null)
    throw new InputError(problems)
  return { from, to, amount, fee }
}

function accountNamed(status: TestnetStatus, text: string): AccountName | null {
  const { network } = upNetworkOf(status)
  const match = /^([0-9]{1,5})\/([0-9]{1,9})$/.exec(text)
  const [shard, index] = [Number(match?.[1]), Number(match?.[2])]
  return match !== null && shard < network.shards && index < network.accounts.perShard
    ? { shard, index }
    : null
}

function wholeOf(text: string, min: number, max: number): number | null {
  const value = Number(text)
  return /^[0-9]{1,16}$/.test(text) && value >= min && value <= max ? value : null
}

const ANSWER_MS = 60_000
const LOOK_EVERY_MS = 100
/** Heights ahead of now until which the transfer may execute. */
const VALID_FOR_HEIGHTS = 1_000

/** Signs a transfer, sends it to a validator of the payer's shard, and follows it to its end. */
export async function sendTransfer(
  status: TestnetStatus,
  order: TransferOrder,
): Promise<TransferOutcome> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  const payer = await fundedAccount(status, order.from.shard, order.from.index)
  const payee =
    'address' in order.to ? order.to.address : (await accountOf(status, order.to)).address
  const payeeShard = shardOfAddress(status, payee)
  const client = clientOf(status, order.from.shard)
  const before = await balanceAt(status, payeeShard, payee)
  const transaction = await signedTransfer(status, { payer, payee, order, client })
  try {
    const { id } = await client.sendTransaction(transaction, { signal })
    const { result, height } = await executionOf(client, id, signal)
    const isRemote = payeeShard !== order.from.shard && result === 'OK'
    const creditedAt = isRemote
      ? await creditOf(status, { payeeShard, payee, before, signal })
      : null
    return { id, result, height, payeeShard, creditedAt }
  } catch (error) {
    const code = refusalOf(error)
    if (code === null) throw error
    return { id: '(refused)', result: code, height: null, payeeShard, creditedAt: null }
  }
}

function accountOf(status: TestnetStatus, { shard, index }: AccountName): Promise<FundedAccount> {
  return fundedAccount(status, shard, index)
}

function shardOfAddress(status: TestnetStatus, address: Uint8Array): number {
  const { shards } = upNetworkOf(status).network
  const slot = ((address[0] ?? 0) << 8) | (address[1] ?? 0)
  for (let shard = 0; shard < shards; shard++) {
    const { first, end } = slotRangeOf(shard, shards)
    if (slot >= first && slot < end) return shard
  }
  throw new RangeError(`no shard owns slot ${slot}`)
}

function clientOf(status: TestnetStatus, shard: number): RpcClient {
  const door = status.validators.find((each) => each.shard === shard && each.state === 'ready')
  if (door === undefined)
    throw new LocalError('notRunning', `No validator of shard ${shard} is ready.`)
  return new RpcClient(door.httpAddress)
}

interface Signing {
  readonly payer: FundedAccount
  readonly payee: Uint8Array
  readonly order: TransferOrder
  readonly client: RpcClient
}

async function signedTransfer(
  status: TestnetStatus,
  { payer, payee, order, client }: Signing,
): Promise<Uint8Array> {
  const networkId = hashOfBytes(Buffer.from(upNetworkOf(status).networkId, 'hex'))
  const { executedHeight } = await client.status()
  const account = await client.account(Buffer.from(payer.address).toString('hex'))
  const slot = ((payer.address[0] ?? 0) << 8) | (payer.address[1] ?? 0)
  const bytes = encodeTransfer({
    networkId,
    payerSlot: slot,
    payerKey: payer.key,
    nonce: freeNonce(account?.nonceBase ?? 0, account?.nonceBitmap ?? 0n),
    validUntil: executedHeight + VALID_FOR_HEIGHTS,
    fee: order.fee,
    payees: [{ address: payee, amount: order.amount }],
    payload: new Uint8Array(),
  })
  const message = Buffer.concat([
    Buffer.from(networkId, 'hex'),
    bytes.subarray(0, -SIGNATURE_BYTES),
  ])
  bytes.set(sign(null, message, privateKeyOf(payer.seed)), bytes.length - SIGNATURE_BYTES)
  return bytes
}

/** The first nonce of the window that no transaction has used. */
function freeNonce(base: number, bitmap: bigint): number {
  for (let offset = 0; offset < NONCE_WINDOW; offset++) {
    if (((bitmap >> BigInt(offset)) & 1n) === 0n) return base + offset
  }
  return base
}

/** DER in front of a raw ed25519 seed (RFC 8410). */
const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

function privateKeyOf(seed: Uint8Array) {
  return createPrivateKey({ key: Buffer.concat([SEED_PREFIX, seed]), format: 'der', type: 'pkcs8' })
}

async function executionOf(client: RpcClient, id: string, signal: AbortSignal) {
  for (;;) {
    const found = await client.transaction(id, { signal })
    if (found?.status === 'executed') return { result: found.result, height: found.height }
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
}

interface Credit {
  readonly payeeShard: number
  readonly payee: Uint8Array
  readonly before: bigint
  readonly signal: AbortSignal
}

/** Height at which the payee's balance was seen to grow. */
async function creditOf(
  status: TestnetStatus,
  { payeeShard, payee, before, signal }: Credit,
): Promise<number> {
  const client = clientOf(status, payeeShard)
  for (;;) {
    const account = await client.account(Buffer.from(payee).toString('hex'), { signal })
    if (account !== null && account.balance > before) return account.height
    await delay(LOOK_EVERY_MS, undefined, { signal })
  }
}

async function balanceAt(
  status: TestnetStatus,
  shard: number,
  address: Uint8Array,
): Promise<bigint> {
  const account = await clientOf(status, shard).account(Buffer.from(address).toString('hex'))
  return account?.balance ?? 0n
}

/** Why a validator did not take a transaction; null when the error is another one. */
function refusalOf(error: unknown): string | null {
  if (!(error instanceof RpcCallError) || error.failure.kind !== 'rpc') return null
  const { data } = error.failure
  const code: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'code') : undefined
  return typeof code === 'string' ? code : null
}
