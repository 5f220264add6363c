const SLAB_BYTES = 8_192
/** Above it a value gets memory of its own. */
const SMALL_BYTES_MAX = 1_024

let slab = new Uint8Array(SLAB_BYTES)
let usedBytes = 0

/**
 * The first `length` bytes as an array that nobody else writes. Small ones share memory with their neighbours in time, because memory of its
 * own costs a value six times as much as its bytes: `buffer` of the result is of no use, and what keeps one of them keeps up to 8 KiB.
 */
export function smallCopyOf(bytes: Uint8Array, length = bytes.length): Uint8Array {
  if (length > SMALL_BYTES_MAX) return new Uint8Array(bytes.subarray(0, length))
  if (usedBytes + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    usedBytes = 0
  }
  const copy = slab.subarray(usedBytes, usedBytes + length)
  copy.set(length === bytes.length ? bytes : bytes.subarray(0, length))
  usedBytes += length
  return copy
}
