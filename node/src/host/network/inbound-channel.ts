import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { FRAME_BYTES_MAX } from '../../core/wire/peer-message.ts'
import { FrameReader } from './frame-reader.ts'
import type { PurposeRules } from './purpose.ts'
import type { PurposeTraffic } from './traffic.ts'

/** Takes one frame. A returned promise means "still working on it": too many such bytes pause the peer's stream. */
export type FrameSink = (frame: Uint8Array) => void | Promise<void>

/**
 * Frames of one purpose from one peer. The peer cannot make us hold more than `handlingBytesMax` plus one frame plus the muxer's
 * window: above the first its stream is paused, and the window closes.
 */
export class InboundChannel {
  readonly #rules: PurposeRules
  readonly #traffic: PurposeTraffic
  readonly #sink: FrameSink
  #stream: Stream | null = null
  #handlingBytes = 0

  constructor(rules: PurposeRules, traffic: PurposeTraffic, sink: FrameSink) {
    this.#rules = rules
    this.#traffic = traffic
    this.#sink = sink
  }

  /** Reads this stream from now on; an honest peer opens a new one only when the old one broke. */
  attach(stream: Stream): void {
    this.#stream?.abort(new Error('replaced by a newer stream'))
    this.#stream = stream
    const reader = new FrameReader(FRAME_BYTES_MAX)
    stream.addEventListener('message', (event) => this.#onMessage(stream, reader, event))
    stream.addEventListener(
      'remoteCloseWrite',
      () => stream.abort(new Error('the peer closed its end')),
      { once: true },
    )
    stream.addEventListener('close', () => this.#detach(stream), { once: true })
    if (this.#handlingBytes > this.#rules.handlingBytesMax) stream.pause()
  }

  #onMessage(stream: Stream, reader: FrameReader, event: StreamMessageEvent): void {
    if (stream !== this.#stream) return
    if (reader.read(event.data, (frame) => this.#onFrame(frame))) return
    this.#traffic.streamsRefused++
    stream.abort(new Error('a frame length is 0 or above the maximum'))
  }

  #onFrame(frame: Uint8Array): void {
    this.#traffic.framesReceived++
    this.#traffic.bytesReceived += frame.length
    const pending = this.#sink(frame)
    if (pending === undefined) return
    this.#handlingBytes += frame.length
    if (this.#handlingBytes > this.#rules.handlingBytesMax) this.#pause()
    pending.then(
      () => this.#onHandled(frame.length),
      (error: unknown) => {
        // A handler that fails is our own mistake: it must reach the process edge, not vanish in a promise.
        setImmediate(() => {
          throw error
        })
      },
    )
  }

  #onHandled(bytes: number): void {
    this.#handlingBytes -= bytes
    const stream = this.#stream
    if (stream === null || stream.readStatus !== 'paused') return
    if (this.#handlingBytes * 2 <= this.#rules.handlingBytesMax) stream.resume()
  }

  #pause(): void {
    const stream = this.#stream
    if (stream !== null && stream.readStatus === 'readable') stream.pause()
  }

  #detach(stream: Stream): void {
    if (this.#stream === stream) this.#stream = null
  }
}
