import type { Stream } from '@libp2p/interface'
import { FrameQueue } from './frame-queue.ts'
import type { Purpose, PurposeRules } from './purpose.ts'
import type { PurposeTraffic } from './traffic.ts'

/** One write: with the 12-byte muxer header it is exactly one encrypted message of the secure channel. */
const WRITE_BYTES_MAX = 65_507

/** What a channel needs around it. */
export interface OutboundChannelContext {
  readonly purpose: Purpose
  readonly rules: PurposeRules
  readonly traffic: PurposeTraffic
  /** Frames wait and there is no stream. */
  readonly onStreamWanted: () => void
  /** The stream broke, whoever did it. */
  readonly onStreamClosed: () => void
}

/**
 * The one long-lived outbound stream to a peer for one purpose, and the queue in front of it. The queue outlives streams:
 * what a broken stream had not taken goes out on the next. Frames queued in one turn share a write.
 */
export class OutboundChannel {
  readonly purpose: Purpose
  readonly #context: OutboundChannelContext
  readonly #queue: FrameQueue
  #stream: Stream | null = null
  #isPumpPlanned = false

  constructor(context: OutboundChannelContext) {
    this.purpose = context.purpose
    this.#context = context
    this.#queue = new FrameQueue(context.rules.queueBytesMax, context.rules.whenFull)
  }

  get hasStream(): boolean {
    return this.#stream !== null
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  /** Queues a frame; false when the queue is full, and then the frame is dropped and counted. */
  send(frame: Uint8Array): boolean {
    const { queued, lost } = this.#queue.push(frame)
    this.#context.traffic.framesDropped += lost
    if (queued) this.#planPump()
    return queued
  }

  /** Takes a negotiated stream into use. */
  attach(stream: Stream): void {
    this.#stream = stream
    stream.addEventListener('drain', () => this.#planPump())
    stream.addEventListener('close', () => this.#detach(stream), { once: true })
    this.#planPump()
  }

  /** Throws queue and stream away. */
  close(reason: Error): void {
    const stream = this.#stream
    this.#stream = null
    this.#queue.clear()
    stream?.abort(reason)
  }

  #detach(stream: Stream): void {
    if (this.#stream !== stream) return
    this.#stream = null
    this.#queue.rewind()
    this.#context.onStreamClosed()
  }

  /** In a microtask: after everything this turn queues, and after libp2p flushed its own remainder on `drain`. */
  #planPump(): void {
    if (this.#isPumpPlanned) return
    this.#isPumpPlanned = true
    queueMicrotask(() => {
      this.#isPumpPlanned = false
      this.#pump()
    })
  }

  #pump(): void {
    const stream = this.#stream
    if (stream === null) {
      if (this.#queue.bytes > 0) this.#context.onStreamWanted()
      return
    }
    while (
      stream.status === 'open' &&
      !stream.writableNeedsDrain &&
      stream.writeBufferLength === 0
    ) {
      const framesBefore = this.#queue.length
      const chunk = this.#queue.take(WRITE_BYTES_MAX)
      if (chunk === null) return
      this.#context.traffic.framesSent += framesBefore - this.#queue.length
      this.#context.traffic.bytesSent += chunk.length
      if (!this.#write(stream, chunk)) return
    }
  }

  /** False when the stream wants a pause or broke; its own 'close' event then moves us on. */
  #write(stream: Stream, chunk: Uint8Array): boolean {
    try {
      return stream.send(chunk)
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('write failed', { cause: error }))
      return false
    }
  }
}
