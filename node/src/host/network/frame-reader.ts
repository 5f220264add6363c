import { FRAME_PREFIX_BYTES } from './frame-queue.ts'

/** Bytes of a stream as they arrive: one array or the parts of one. */
export type StreamBytes = Uint8Array | Iterable<Uint8Array>

/** What a frame's prefix is trusted for before its bytes arrive. */
const FIRST_CAPACITY_BYTES = 262_144
const EMPTY = new Uint8Array(0)

/**
 * Cuts a stream into frames. Beyond a first 256 KiB, memory grows with what was received, not with what a prefix promises.
 * Every frame is a fresh array that nobody else holds.
 */
export class FrameReader {
  readonly #frameBytesMax: number
  readonly #prefix = Buffer.alloc(FRAME_PREFIX_BYTES)
  #prefixFilled = 0
  #length = 0
  #frame: Uint8Array = EMPTY
  #received = 0

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  /** Bytes held for the frame that is not complete yet. */
  get heldBytes(): number {
    return this.#frame.length
  }

  /**
   * Takes the next bytes and hands over each frame that they complete.
   * Returns false when a length is 0 or above the maximum: nothing after it can be read.
   */
  read(bytes: StreamBytes, onFrame: (frame: Uint8Array) => void): boolean {
    if (bytes instanceof Uint8Array) return this.#readPart(bytes, onFrame)
    for (const part of bytes) if (!this.#readPart(part, onFrame)) return false
    return true
  }

  #readPart(part: Uint8Array, onFrame: (frame: Uint8Array) => void): boolean {
    let offset = 0
    while (offset < part.length) {
      if (this.#prefixFilled < FRAME_PREFIX_BYTES) {
        offset += this.#readPrefix(part, offset)
        if (this.#prefixFilled === FRAME_PREFIX_BYTES && !this.#isLengthAllowed()) return false
        continue
      }
      const slice = part.subarray(offset, offset + this.#length - this.#received)
      offset += slice.length
      this.#append(slice)
      if (this.#received === this.#length) onFrame(this.#finish())
    }
    return true
  }

  #readPrefix(part: Uint8Array, offset: number): number {
    const slice = part.subarray(offset, offset + FRAME_PREFIX_BYTES - this.#prefixFilled)
    this.#prefix.set(slice, this.#prefixFilled)
    this.#prefixFilled += slice.length
    return slice.length
  }

  #isLengthAllowed(): boolean {
    this.#length = this.#prefix.readUInt32BE()
    return this.#length > 0 && this.#length <= this.#frameBytesMax
  }

  /** Grows by doubling, at most to the frame's length, so that a complete frame fills its array exactly. */
  #append(slice: Uint8Array): void {
    const needed = this.#received + slice.length
    if (needed > this.#frame.length) {
      const capacity = Math.min(this.#length, Math.max(FIRST_CAPACITY_BYTES, needed * 2))
      const grown = new Uint8Array(Buffer.allocUnsafeSlow(capacity).buffer)
      grown.set(this.#frame)
      this.#frame = grown
    }
    this.#frame.set(slice, this.#received)
    this.#received = needed
  }

  #finish(): Uint8Array {
    const frame = this.#frame
    this.#frame = EMPTY
    this.#received = 0
    this.#prefixFilled = 0
    return frame
  }
}
