import { setTimeout as delay } from 'node:timers/promises'
import { bytesOfHex } from '../core/primitives/bytes.ts'
import { faultyMaxOf } from '../core/wire/committee.ts'
import { RpcCallError, type RpcClient, type TransactionReply } from './rpc-client.ts'

/** What became of a transaction, as f + 1 validators of its shard say: an honest one is among them. */
export interface TransactionOutcome {
  readonly height: number
  readonly blockHash: string
  /** The name of a result code. */
  readonly result: string
  /** What a `get` that ended OK read, empty when there was no such cell; null for every other transaction. */
  readonly read: Uint8Array | null
}

/** Results that leave no trace and that a later block may still change, because the author packs the same bytes again. */
const UNSETTLED: ReadonlySet<string> = new Set(['AHEAD', 'UNKNOWN'])

/**
 * The outcome that at least `needed` of the replies agree on, each from another validator; null while none is.
 * Receipts are not looked at: each validator may show another header.
 */
export function agreedOutcome(
  replies: readonly TransactionReply[],
  needed: number,
): TransactionOutcome | null {
  const counts = new Map<string, number>()
  for (const reply of replies) {
    if (reply?.status !== 'executed' || UNSETTLED.has(reply.result)) continue
    const { height, blockHash, result, read } = reply
    const word = JSON.stringify([height, blockHash, result, read])
    const count = (counts.get(word) ?? 0) + 1
    if (count >= needed)
      return { height, blockHash, result, read: read === null ? null : bytesOfHex(read) }
    counts.set(word, count)
  }
  return null
}

/** Whom to ask, and for how long. */
export interface OutcomeQuestion {
  /** All validators of the payer's shard, in any order, each once. */
  readonly validators: readonly RpcClient[]
  /** Ends the waiting. */
  readonly signal: AbortSignal
  readonly pauseMs?: number
}

const PAUSE_MS = 50

/**
 * Waits until f + 1 validators say the same about a transaction. Null when `signal` ends it first: then the transaction may or
 * may not have been executed, or may yet be, and a history has to call it indeterminate. Validators that are silent, away or
 * lying cost nothing but their own answers.
 */
export async function awaitOutcome(
  id: string,
  { validators, signal, pauseMs = PAUSE_MS }: OutcomeQuestion,
): Promise<TransactionOutcome | null> {
  const needed = faultyMaxOf(validators.length) + 1
  const replies: TransactionReply[] = validators.map(() => null)
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  let outcome: TransactionOutcome | null = null
  const ask = async (client: RpcClient, index: number): Promise<void> => {
    while (!either.aborted) {
      const reply = await replyOf(client, id, either)
      if (reply !== null) replies[index] = reply
      outcome = agreedOutcome(replies, needed)
      if (outcome !== null) over.abort()
      else await pause(pauseMs, either)
    }
  }
  await Promise.all(validators.map(ask))
  return outcome
}

/** Null when the validator knows nothing, or cannot be asked just now. */
async function replyOf(
  client: RpcClient,
  id: string,
  signal: AbortSignal,
): Promise<TransactionReply> {
  try {
    return await client.transaction(id, { signal })
  } catch (error) {
    if (error instanceof RpcCallError || signal.aborted) return null
    throw error
  }
}

async function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(pauseMs, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
