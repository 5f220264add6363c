import { hashInto } from '@chainsafe/as-sha256'

const ROW_WORDS = 16
const DIGEST_WORDS = 8
/** Rows that one call of the vector code takes; a rest is filled up, because single hashing costs twice as much a row. */
const LANES = 4

/**
 * SHA-256 over many 64-byte rows at once: the caller fills `rows`, runs, and reads `digests`.
 * Words are copied, never interpreted; numbers go through `view` as big-endian bytes.
 */
export class RowHasher {
  rows = new Uint32Array(0)
  digests = new Uint32Array(0)
  view = new DataView(this.rows.buffer)
  bytes = new Uint8Array(this.rows.buffer)
  digestBytes = new Uint8Array(this.digests.buffer)
  #capacity = 0

  /** Makes room for `count` rows; what was in them is lost when it has to grow. */
  reserve(count: number): void {
    if (count <= this.#capacity) return
    this.#capacity = Math.max(64, 2 ** Math.ceil(Math.log2(count)))
    this.rows = new Uint32Array(this.#capacity * ROW_WORDS)
    this.digests = new Uint32Array(this.#capacity * DIGEST_WORDS)
    this.view = new DataView(this.rows.buffer)
    this.bytes = new Uint8Array(this.rows.buffer)
    this.digestBytes = new Uint8Array(this.digests.buffer)
  }

  /** Hashes the first `count` rows. */
  run(count: number): void {
    const rounded = Math.ceil(count / LANES) * LANES
    hashInto(this.bytes.subarray(0, rounded * 64), this.digestBytes.subarray(0, rounded * 32))
  }
}

/** Copies one 32-byte value between word arrays; offsets in words. */
export function copyDigest(
  to: Uint32Array,
  toOffset: number,
  from: Uint32Array,
  fromOffset: number,
): void {
  to[toOffset] = from[fromOffset] ?? 0
  to[toOffset + 1] = from[fromOffset + 1] ?? 0
  to[toOffset + 2] = from[fromOffset + 2] ?? 0
  to[toOffset + 3] = from[fromOffset + 3] ?? 0
  to[toOffset + 4] = from[fromOffset + 4] ?? 0
  to[toOffset + 5] = from[fromOffset + 5] ?? 0
  to[toOffset + 6] = from[fromOffset + 6] ?? 0
  to[toOffset + 7] = from[fromOffset + 7] ?? 0
}
