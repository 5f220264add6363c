import { mustHold } from '../errors.ts'
import type { Hash } from '../primitives/hash.ts'
import { OUTBOX_MESSAGE_BYTES } from '../wire/outbox-message.ts'
import { Accumulator, ACCUMULATOR_SIZE_MAX } from './accumulator.ts'
import { messageLeavesOf } from './message-leaf.ts'
import { RowDeque } from './row-deque.ts'

/** What an outbox restarts from. */
export interface OutboxSnapshot {
  readonly acknowledged: number
  readonly frontier: readonly Hash[]
  readonly totalOut: number
  /** Packed messages from `acknowledged` on. */
  readonly messages: Uint8Array
}

/** Messages of this shard to one other: ordered, gapless, kept until the other shard acknowledges them. */
export class Outbox {
  totalOut: number
  readonly #messages: RowDeque
  readonly #accumulator: Accumulator

  constructor(snapshot?: OutboxSnapshot) {
    const acknowledged = snapshot?.acknowledged ?? 0
    this.totalOut = snapshot?.totalOut ?? 0
    this.#messages = new RowDeque(OUTBOX_MESSAGE_BYTES, acknowledged)
    this.#accumulator = new Accumulator(acknowledged, snapshot?.frontier ?? [])
    if (snapshot === undefined) return
    const offset = this.#messages.extend(snapshot.messages.length / OUTBOX_MESSAGE_BYTES)
    this.#messages.bytes.set(snapshot.messages, offset)
    this.seal()
  }

  /** Messages ever sent, those of the running block included. */
  get outSequence(): number {
    return this.#messages.end
  }

  get acknowledged(): number {
    return this.#accumulator.acknowledged
  }

  /** Messages that may still be appended before the other shard acknowledges more. */
  roomOf(window: number): number {
    return Math.min(this.acknowledged + window, ACCUMULATOR_SIZE_MAX) - this.outSequence
  }

  /** Appends one message to be written by the caller into `bytes` at the position returned. */
  extend(): number {
    return this.#messages.extend(1)
  }

  get bytes(): Uint8Array {
    return this.#messages.bytes
  }

  /** Hashes the messages appended since the last time; true when there were any. */
  seal(): boolean {
    const from = this.#accumulator.size
    if (from === this.outSequence) return false
    this.#accumulator.append(messageLeavesOf(this.#messages.view(from, this.outSequence)))
    return true
  }

  /** Drops messages below `boundary`. The other shard cannot take more than we sent, nor give back what it took. */
  acknowledge(boundary: number): void {
    const to = Math.min(boundary, this.#accumulator.size)
    if (to <= this.acknowledged) return
    this.#accumulator.acknowledge(to)
    this.#messages.dropBefore(to)
  }

  root(): Hash {
    mustHold(this.#accumulator.size === this.outSequence, 'outbox is sealed')
    return this.#accumulator.rootAt(this.outSequence)
  }

  /** A copy of messages first .. first + count - 1. */
  messagesOf(first: number, count: number): Uint8Array {
    return this.#messages.view(first, first + count).slice()
  }

  proveRange(first: number, count: number, size: number): Hash[] {
    return this.#accumulator.proveRange(first, count, size)
  }

  frontier(): Hash[] {
    return this.#accumulator.frontier()
  }
}
