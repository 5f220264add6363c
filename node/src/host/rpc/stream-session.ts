import type { RawData } from 'ws'
import { refusalCode, refusalNameOf, type RefusalCode } from '../../client/refusal-code.ts'
import {
  decodeClientFrame,
  encodeServerFrame,
  type EventDetail,
} from '../../client/stream-protocol.ts'
import { arenaOf, transactionLengthAt } from '../../core/wire/transaction.ts'
import type { ClientGuard } from './client-guard.ts'
import { EventFeed } from './event-feed.ts'
import { ReplyCollector } from './reply-collector.ts'
import type { RpcMeter } from './rpc-meter.ts'
import type { CommitNotice, SubmitListener, ValidatorDoor } from './validator-door.ts'

/** One client on the binary stream. Anything that is not the protocol ends the connection. */
export class StreamSession {
  readonly #guard: ClientGuard
  readonly #door: ValidatorDoor
  readonly #meter: RpcMeter
  readonly #replies: ReplyCollector
  readonly #listener: SubmitListener
  #feed: EventFeed | null = null

  constructor(guard: ClientGuard, door: ValidatorDoor, meter: RpcMeter) {
    this.#guard = guard
    this.#door = door
    this.#meter = meter
    this.#replies = new ReplyCollector((frame) => guard.send(frame))
    this.#listener = {
      onRefused: (reference, code) => this.#refuse(reference, code),
      onAcknowledged: (firstReference, count) => {
        meter.acknowledged(count)
        this.#replies.acknowledged(firstReference, count)
      },
    }
    const { networkId, shard, validator } = door.identity
    const height = door.status().executedHeight
    guard.send(encodeServerFrame({ kind: 'welcome', networkId, shard, validator, height }))
    guard.socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    guard.socket.on('close', () => this.#feed?.stop())
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (!this.#guard.isOpen) return
    const frame = isBinary && data instanceof Uint8Array ? decodeClientFrame(data) : null
    if (frame === null || frame.kind === 'malformed') {
      this.#guard.disconnect('protocol')
      return
    }
    switch (frame.value.kind) {
      case 'subscribe':
        return this.#subscribe(frame.value.detail, frame.value.fromHeight)
      case 'submit':
        return this.#submit(frame.value.firstReference, frame.value.transactions)
      case 'eventRequest':
        return this.#answerEvent(frame.value.height)
    }
  }

  #subscribe(detail: EventDetail, fromHeight: number): void {
    this.#feed?.stop()
    this.#feed = null
    if (detail === 'none') return
    const encode = detail === 'full' ? eventFrame : digestFrame
    this.#feed = new EventFeed({ guard: this.#guard, door: this.#door, fromHeight, encode })
  }

  #submit(firstReference: number, transactions: Uint8Array): void {
    const { count, length } = countTransactions(transactions)
    if (length < transactions.length) this.#refuse(firstReference + count, refusalCode.MALFORMED)
    if (count === 0) return
    this.#meter.submitted(count)
    const bytes = transactions.subarray(0, length)
    const answer = this.#door.submit({ bytes, count, firstReference, listener: this.#listener })
    if (answer.kind === 'taken') return
    this.#meter.busy(count)
    const { retryAfterMs } = answer
    this.#guard.send(encodeServerFrame({ kind: 'busy', firstReference, count, retryAfterMs }))
  }

  #refuse(reference: number, code: RefusalCode): void {
    const name = refusalNameOf(code)
    if (name !== null) this.#meter.refused(name)
    this.#replies.refused(reference >>> 0, code)
  }

  #answerEvent(height: number): void {
    const notice = this.#door.event(height)
    this.#guard.send(
      notice === null ? encodeServerFrame({ kind: 'eventMissing', height }) : eventFrame(notice),
    )
  }
}

function eventFrame({ event }: CommitNotice): Uint8Array {
  return encodeServerFrame({ kind: 'event', event })
}

function digestFrame({ height, blockHash, digest }: CommitNotice): Uint8Array {
  return encodeServerFrame({ kind: 'eventDigest', height, blockHash, digest })
}

/** Whole transactions at the start of the bytes, by their own length fields. */
function countTransactions(bytes: Uint8Array): { readonly count: number; readonly length: number } {
  const arena = arenaOf(bytes)
  let count = 0
  let offset = 0
  while (offset < bytes.length) {
    const length = transactionLengthAt(arena, offset)
    if (length === 0 || offset + length > bytes.length) break
    offset += length
    count++
  }
  return { count, length: offset }
}
