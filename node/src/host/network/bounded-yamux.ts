import { yamux } from '@libp2p/yamux'
import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

const HEADER_BYTES = 12
const TYPE_DATA = 0

/** Largest flow-control window of one stream: what a peer may have in flight to us, and so the largest honest data frame. */
export const STREAM_WINDOW_BYTES_MAX = 2_097_152
const STREAMS_MAX = 16

/** The muxer's method that takes decrypted bytes; it exists on every muxer of @libp2p/utils but not in the contract. */
interface MuxerInside {
  onData(bytes: Uint8Array | Iterable<Uint8Array>): void
}

/**
 * Yamux that refuses a data frame longer than any window before it is buffered: the muxer itself gathers a whole frame first
 * and looks at the window afterwards, so that one header could make it hold 4 GiB.
 */
export function boundedYamux(): () => StreamMuxerFactory {
  const inner = yamux({
    maxInboundStreams: STREAMS_MAX,
    maxOutboundStreams: STREAMS_MAX,
    streamOptions: {
      maxStreamWindowSize: STREAM_WINDOW_BYTES_MAX,
      maxReadBufferLength: 2 * STREAM_WINDOW_BYTES_MAX,
    },
  })
  return () => {
    const factory = inner()
    return {
      protocol: factory.protocol,
      createStreamMuxer(connection: MessageStream): StreamMuxer {
        const muxer = factory.createStreamMuxer(connection)
        guard(muxer)
        return muxer
      },
    }
  }
}

function guard(muxer: MuxerInside): void {
  const take = muxer.onData.bind(muxer)
  const watch = new FrameHeaderWatch()
  muxer.onData = (bytes) => {
    watch.see(bytes)
    take(bytes)
  }
}

/** Follows the headers of a yamux byte stream. */
export class FrameHeaderWatch {
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #headerFilled = 0
  #bodyLeft = 0

  /** @throws Error when a data frame is longer than any window; the muxer aborts the connection on it. */
  see(bytes: Uint8Array | Iterable<Uint8Array>): void {
    if (bytes instanceof Uint8Array) this.#seePart(bytes)
    else for (const part of bytes) this.#seePart(part)
  }

  #seePart(part: Uint8Array): void {
    let offset = 0
    while (offset < part.length) {
      if (this.#bodyLeft > 0) {
        const skipped = Math.min(this.#bodyLeft, part.length - offset)
        this.#bodyLeft -= skipped
        offset += skipped
        continue
      }
      const slice = part.subarray(offset, offset + HEADER_BYTES - this.#headerFilled)
      this.#header.set(slice, this.#headerFilled)
      this.#headerFilled += slice.length
      offset += slice.length
      if (this.#headerFilled === HEADER_BYTES) this.#onHeader()
    }
  }

  #onHeader(): void {
    this.#headerFilled = 0
    const length = this.#header.readUInt32BE(8)
    if (this.#header.readUInt8(1) !== TYPE_DATA) return
    if (length > STREAM_WINDOW_BYTES_MAX)
      throw new Error(`a data frame of ${length} bytes is larger than any window`)
    this.#bodyLeft = length
  }
}
