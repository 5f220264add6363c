import { mustHold } from '../errors.ts'
import { bytesOfHash, type Hash } from './hash.ts'
import { smallCopyOf } from './small-copy.ts'

/** Where values are built: the bytes, and the view of them. */
interface Room {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/**
 * Most of what is encoded is small and short-lived: it is built in a room that is used again and copied out at the end, so that it costs one
 * allocation of its own length. A writer that starts while another one writes takes the next room. One that never ends, because a value was
 * refused on the way, costs its room and nothing else: the next writer makes another.
 */
const ROOM_BYTES = 4_096
const ROOMS_MAX = 4
const freeRooms: Room[] = []

function roomOf(capacity: number): Room {
  const bytes = new Uint8Array(capacity)
  return { bytes, view: new DataView(bytes.buffer) }
}

const NO_ROOM = roomOf(0)

/** Builds canonical big-endian bytes; grows by doubling. One value has one encoding. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0
  /** To be given back; null for a writer with an array of its own. */
  #room: Room | null = null

  constructor(capacity = 256) {
    if (capacity > ROOM_BYTES) {
      const { bytes, view } = roomOf(capacity)
      this.#bytes = bytes
      this.#view = view
      return
    }
    this.#room = freeRooms.pop() ?? roomOf(ROOM_BYTES)
    this.#bytes = this.#room.bytes
    this.#view = this.#room.view
  }

  u8(value: number): this {
    mustHold(Number.isInteger(value) && value >= 0 && value <= 0xff, `u8 ${value}`)
    const offset = this.#reserve(1)
    this.#view.setUint8(offset, value)
    return this
  }

  u16(value: number): this {
    mustHold(Number.isInteger(value) && value >= 0 && value <= 0xffff, `u16 ${value}`)
    const offset = this.#reserve(2)
    this.#view.setUint16(offset, value)
    return this
  }

  u32(value: number): this {
    mustHold(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, `u32 ${value}`)
    const offset = this.#reserve(4)
    this.#view.setUint32(offset, value)
    return this
  }

  /** 64 bits; a safe integer, so at most 2^53 - 1. */
  u64(value: number): this {
    mustHold(Number.isSafeInteger(value) && value >= 0, `u64 ${value}`)
    const offset = this.#reserve(8)
    this.#view.setUint32(offset, Math.floor(value / 0x1_0000_0000))
    this.#view.setUint32(offset + 4, value % 0x1_0000_0000)
    return this
  }

  hash(value: Hash): this {
    return this.raw(bytesOfHash(value))
  }

  /** Bytes whose length the format fixes. */
  raw(bytes: Uint8Array): this {
    const offset = this.#reserve(bytes.length)
    this.#bytes.set(bytes, offset)
    return this
  }

  /** Bytes behind their length as 32 bits. */
  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes)
  }

  /** A list behind its length as 16 bits. */
  list<T>(items: readonly T[], write: (writer: ByteWriter, item: T) => void): this {
    this.u16(items.length)
    for (const item of items) write(this, item)
    return this
  }

  /** A value that may be absent, behind one byte 0 or 1. */
  optional<T>(value: T | null, write: (writer: ByteWriter, item: T) => void): this {
    this.u8(value === null ? 0 : 1)
    if (value !== null) write(this, value)
    return this
  }

  /** What was written, as an array of its own; not copied when it is large and the capacity was exactly enough. The writer ends here. */
  finish(): Uint8Array {
    if (this.#room !== null) {
      const bytes = smallCopyOf(this.#bytes, this.#length)
      this.#giveBack()
      return bytes
    }
    if (this.#length === this.#bytes.length) return this.#bytes
    return this.#bytes.slice(0, this.#length)
  }

  /** A writer that ended, or that grew out of its room, leaves it to the next one. */
  #giveBack(): void {
    if (this.#room !== null && freeRooms.length < ROOMS_MAX) freeRooms.push(this.#room)
    this.#room = null
    this.#bytes = NO_ROOM.bytes
    this.#view = NO_ROOM.view
  }

  /** Makes room first: growing replaces the array, so callers take it only afterwards. */
  #reserve(size: number): number {
    const offset = this.#length
    const needed = offset + size
    if (needed > this.#bytes.length) this.#grow(needed)
    this.#length = needed
    return offset
  }

  #grow(needed: number): void {
    const grown = roomOf(Math.max(needed, this.#bytes.length * 2))
    grown.bytes.set(this.#bytes)
    this.#giveBack()
    this.#bytes = grown.bytes
    this.#view = grown.view
  }
}
