import { awaitOutcome } from '@shardnet/node/client'
import { bytesOfHex, slotRangeOf } from '@shardnet/node/core'
import type { TestnetStatus } from '@shardnet/operator/local'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError } from '../input-error.ts'
import { fundedAccount } from './funded-account.ts'
import { upNetworkOf } from './load-network.ts'
import {
  accountNamed,
  accountsExpected,
  ANSWER_MS,
  clientOf,
  committeeClients,
  FEE_MAX,
  readyPayer,
  refusalOf,
  wholeOf,
  type AccountName,
} from './sending.ts'

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
  /** Result code, why it was refused, or PENDING when f + 1 validators did not agree in time. */
  readonly result: string
  readonly height: number | null
  readonly payeeShard: number
  /** Height of the payee's shard at which the credit was seen; null where it is the same shard, or none came. */
  readonly creditedAt: number | null
}

/** What was typed for a transfer; the flags of other kinds must not be there. */
interface TypedTransfer {
  readonly from: string
  readonly to?: string
  readonly amount?: string
  readonly fee?: string
  readonly cell?: string
  readonly value?: string
  readonly expect?: string
}

/** @throws {InputError} with every problem of the flags. */
export function checkTransfer(status: TestnetStatus, typed: TypedTransfer): TransferOrder {
  const { to: toText = '1/0', amount: amountText = '1', fee: feeText = '1' } = typed
  const problems = (['cell', 'value', 'expect'] as const).flatMap((flag) =>
    typed[flag] === undefined ? [] : `--${flag}: expected nothing for a transfer`,
  )
  const from = accountNamed(status, typed.from)
  const isAddress = /^[0-9a-fA-F]{64}$/.test(toText)
  const to = isAddress
    ? { address: bytesOfHex(toText.toLowerCase()) }
    : accountNamed(status, toText)
  const expected = accountsExpected(status)
  if (from === null)
    problems.push(`--from: expected ${expected}, got ${JSON.stringify(typed.from)}`)
  if (to === null)
    problems.push(`--to: expected ${expected}, or an address, got ${JSON.stringify(toText)}`)
  const amount = wholeOf(amountText, 1, Number.MAX_SAFE_INTEGER)
  const fee = wholeOf(feeText, 0, FEE_MAX)
  if (amount === null)
    problems.push(`--amount: expected a whole number above 0, got ${JSON.stringify(amountText)}`)
  if (fee === null)
    problems.push(`--fee: expected a whole number below 2^32, got ${JSON.stringify(feeText)}`)
  if (problems.length > 0 || from === null || to === null || amount === null || fee === null)
    throw new InputError(problems)
  return { from, to, amount, fee }
}

const LOOK_EVERY_MS = 100

/** Signs a transfer, sends it to a validator of the payer's shard, and follows it to its end. */
export async function sendTransfer(
  status: TestnetStatus,
  order: TransferOrder,
): Promise<TransferOutcome> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  const client = clientOf(status, order.from.shard)
  const payee = 'address' in order.to ? order.to.address : await addressOf(status, order.to)
  const payeeShard = shardOfAddress(status, payee)
  const before = await balanceAt(status, payeeShard, payee)
  const { signer, terms } = await readyPayer(status, order.from, { client, fee: order.fee })
  const transaction = signer.transfer(terms, [{ address: payee, amount: order.amount }])
  try {
    const { id } = await client.sendTransaction(transaction, { signal })
    const validators = committeeClients(status, order.from.shard)
    const outcome = await awaitOutcome(id, { validators, signal })
    if (outcome === null)
      return { id, result: 'PENDING', height: null, payeeShard, creditedAt: null }
    const { result, height } = outcome
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

async function addressOf(
  status: TestnetStatus,
  { shard, index }: AccountName,
): Promise<Uint8Array> {
  return (await fundedAccount(status, shard, index)).address
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
