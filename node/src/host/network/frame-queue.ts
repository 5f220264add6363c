import { mustHold } from '../../core/errors.ts'
import type { WhenFull } from './purpose.ts'

/** Bytes in front of every frame: its length as big-endian 32 bits. A length of 0 does not exist. */
export const FRAME_PREFIX_BYTES = 4

const COMPACT_AT = 1024

/**
 * Frames waiting for one stream, bounded in bytes. `take` cuts the queue into contiguous chunks, so that small frames
 * share a write and a large one leaves room for other streams between its chunks.
 */
export class FrameQueue {
  readonly #bytesMax: number
  readonly #whenFull: WhenFull
  #frames: Uint8Array[] = []
  #head = 0
  /** Bytes of the head frame (prefix included) that a chunk already has. */
  #headTaken = 0
  #bytes = 0

  constructor(bytesMax: number, whenFull: WhenFull) {
    this.#bytesMax = bytesMax
    this.#whenFull = whenFull
  }

  /** Bytes that wait, prefixes included. */
  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#frames.length - this.#head
  }

  /** Queues a frame. Returns how many frames were lost by it: older ones that made room, or 1 when it was refused itself. */
  push(frame: Uint8Array): { readonly queued: boolean; readonly lost: number } {
    const size = frame.length + FRAME_PREFIX_BYTES
    let lost = 0
    if (this.#whenFull === 'dropOldest') {
      while (this.#bytes + size > this.#bytesMax && this.#dropOldest()) lost++
    }
    if (this.#bytes + size > this.#bytesMax) return { queued: false, lost: lost + 1 }
    this.#frames.push(frame)
    this.#bytes += size
    return { queued: true, lost }
  }

  /** Next bytes of the stream, at most `bytesMax` of them; null when nothing waits. The middle of a large frame is not copied. */
  take(bytesMax: number): Uint8Array | null {
    if (this.#bytes === 0) return null
    const head = this.#frames[this.#head]
    const from = this.#headTaken - FRAME_PREFIX_BYTES
    if (head !== undefined && from >= 0 && head.length - from > bytesMax) {
      this.#headTaken += bytesMax
      this.#bytes -= bytesMax
      return head.subarray(from, from + bytesMax)
    }
    const chunk = Buffer.allocUnsafeSlow(Math.min(bytesMax, this.#bytes))
    let filled = 0
    while (filled < chunk.length) filled += this.#takeFromHead(chunk, filled)
    this.#bytes -= filled
    return chunk
  }

  /** The stream broke: the frame that was sent in part is sent again as a whole on the next one. */
  rewind(): void {
    this.#bytes += this.#headTaken
    this.#headTaken = 0
  }

  clear(): void {
    this.#frames = []
    this.#head = 0
    this.#headTaken = 0
    this.#bytes = 0
  }

  #takeFromHead(chunk: Buffer, filled: number): number {
    const frame = this.#frames[this.#head]
    mustHold(frame !== undefined, 'the queue counts its bytes')
    const room = chunk.length - filled
    let taken = 0
    if (this.#headTaken < FRAME_PREFIX_BYTES) {
      const prefix = Buffer.allocUnsafe(FRAME_PREFIX_BYTES)
      prefix.writeUInt32BE(frame.length)
      taken = prefix.copy(chunk, filled, this.#headTaken)
    }
    const from = this.#headTaken + taken - FRAME_PREFIX_BYTES
    if (taken < room && from >= 0) {
      const part = frame.subarray(from, from + room - taken)
      chunk.set(part, filled + taken)
      taken += part.length
    }
    this.#headTaken += taken
    if (this.#headTaken === frame.length + FRAME_PREFIX_BYTES) this.#shift()
    return taken
  }

  #shift(): void {
    this.#frames[this.#head] = EMPTY
    this.#head++
    this.#headTaken = 0
    if (this.#head === this.#frames.length) {
      this.#frames = []
      this.#head = 0
    } else if (this.#head >= COMPACT_AT && this.#head * 2 > this.#frames.length) {
      this.#frames.splice(0, this.#head)
      this.#head = 0
    }
  }

  /** A frame that is half sent stays, or the receiver would lose its place in the stream. */
  #dropOldest(): boolean {
    const index = this.#headTaken > 0 ? this.#head + 1 : this.#head
    const oldest = this.#frames[index]
    if (oldest === undefined) return false
    this.#bytes -= oldest.length + FRAME_PREFIX_BYTES
    if (index === this.#head) this.#shift()
    else this.#frames.splice(index, 1)
    return true
  }
}

const EMPTY = new Uint8Array(0)
