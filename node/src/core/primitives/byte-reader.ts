import { hashOfBytes, HASH_BYTES, type Hash } from './hash.ts'

/** Bytes from outside that are not what the format says: a peer's fault, turned into a value by `decodeWith`. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

/** Reads canonical big-endian bytes; refuses what it cannot have written. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get offset(): number {
    return this.#offset
  }

  get left(): number {
    return this.#bytes.length - this.#offset
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** 64 bits; anything above 2^53 - 1 is refused, because no honest value is that large. */
  u64(): number {
    const offset = this.#take(8)
    const value = this.#view.getUint32(offset) * 0x1_0000_0000 + this.#view.getUint32(offset + 4)
    if (!Number.isSafeInteger(value)) throw new FormatError('integer above 2^53 - 1')
    return value
  }

  hash(): Hash {
    return hashOfBytes(this.raw(HASH_BYTES))
  }

  /** A view (not a copy) of the next bytes. */
  raw(length: number): Uint8Array {
    const offset = this.#take(length)
    return this.#bytes.subarray(offset, offset + length)
  }

  sized(lengthMax: number): Uint8Array {
    const length = this.u32()
    if (length > lengthMax) throw new FormatError(`length ${length} above ${lengthMax}`)
    return this.raw(length)
  }

  list<T>(lengthMax: number, read: (reader: ByteReader) => T): T[] {
    const length = this.u16()
    if (length > lengthMax) throw new FormatError(`list of ${length} above ${lengthMax}`)
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(read(this))
    return items
  }

  optional<T>(read: (reader: ByteReader) => T): T | null {
    const present = this.u8()
    if (present > 1) throw new FormatError(`presence byte ${present}`)
    return present === 1 ? read(this) : null
  }

  #take(length: number): number {
    const offset = this.#offset
    if (length > this.#bytes.length - offset) throw new FormatError('bytes end too early')
    this.#offset = offset + length
    return offset
  }
}

/** A decoded value, or why the bytes are none. */
export type Decoded<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'malformed'; readonly reason: string }

/** Decodes the whole of `bytes`; a byte left over is malformed too. */
export function decodeWith<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): Decoded<T> {
  const reader = new ByteReader(bytes)
  try {
    const value = read(reader)
    if (reader.left !== 0) return { kind: 'malformed', reason: `${reader.left} bytes left over` }
    return { kind: 'value', value }
  } catch (error) {
    if (error instanceof FormatError) return { kind: 'malformed', reason: error.message }
    throw error
  }
}
