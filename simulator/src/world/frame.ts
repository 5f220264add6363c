import { decodeWith, readPeerMessage, type Decoded, type PeerMessage } from '@shardnet/node/parts'

/**
 * Bytes on their way. They are decoded once and the result is shared by all who get these very bytes, which is why nobody may change a
 * message; a sample of the seeds runs with a decoding for each receiver and must leave the same trace.
 */
export class Frame {
  readonly bytes: Uint8Array
  /** All receivers share one decoding. */
  readonly isDecodedOnce: boolean
  #decoded: Decoded<PeerMessage> | null = null

  constructor(bytes: Uint8Array, isDecodedOnce: boolean) {
    this.bytes = bytes
    this.isDecodedOnce = isDecodedOnce
  }

  decode(): Decoded<PeerMessage> {
    if (!this.isDecodedOnce) return decodeWith(this.bytes, readPeerMessage)
    this.#decoded ??= decodeWith(this.bytes, readPeerMessage)
    return this.#decoded
  }
}
