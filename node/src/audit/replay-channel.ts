import { hashOfBytes } from '../core/primitives/hash.ts'
import type { PairState } from '../core/wire/import-bundle.ts'
import { MessageTree } from './message-tree.ts'

/** Messages of one direction between this shard and another. */
export interface Channel {
  readonly sent: MessageTree
  /** Of the sent messages, by number; each at most 2^53 - 1. */
  readonly amounts: number[]
  totalSent: bigint
  /** Below this the other shard has said that it took them. */
  acknowledged: number
  taken: number
  totalTaken: bigint
}

export function emptyChannel(): Channel {
  return {
    sent: new MessageTree(),
    amounts: [],
    totalSent: 0n,
    acknowledged: 0,
    taken: 0,
    totalTaken: 0n,
  }
}

/** What the outbox root shows of a channel. */
export function pairOf(channel: Channel): PairState {
  return {
    accumulator: hashOfBytes(channel.sent.root()),
    outSequence: channel.sent.size,
    inNext: channel.taken,
    totalOut: Number(channel.totalSent),
    totalIn: Number(channel.totalTaken),
  }
}
