import { crc32 } from 'node:zlib'
import { equalBytes } from '../../core/primitives/bytes.ts'

const CHECKSUM_BYTES = 4

/** A value behind a checksum over key and value: LevelDB has checksums of its own but reads without looking at them. */
export function sealEntry(key: Uint8Array, value: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(CHECKSUM_BYTES + value.length)
  sealed.set(checksumOf(key, value))
  sealed.set(value, CHECKSUM_BYTES)
  return sealed
}

/** The value, or null when it is not what was sealed under this key. */
export function openEntry(key: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < CHECKSUM_BYTES) return null
  const value = sealed.subarray(CHECKSUM_BYTES)
  return equalBytes(checksumOf(key, value), sealed.subarray(0, CHECKSUM_BYTES)) ? value : null
}

function checksumOf(key: Uint8Array, value: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES)
  bytes.writeUInt32BE(crc32(value, crc32(key)), 0)
  return bytes
}
