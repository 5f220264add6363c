import { asciiBytes } from '../primitives/bytes.ts'
import { bytesOfHash, hashOfBytes, type Hash } from '../primitives/hash.ts'
import { LOG_FORMAT_VERSION, viewOf, type Checksum } from './format.ts'

export const SHUTDOWN_MARK_BYTES = 68
/** File name of the mark, and of the file that becomes it. */
export const SHUTDOWN_MARK_NAME = 'closed'
export const SHUTDOWN_MARK_TEMPORARY_NAME = 'closed.new'
const MAGIC = asciiBytes('shardend')

/** Where a log ended when its process ended in an orderly way: without it, a cut tail looks like a torn one. */
export interface ShutdownMark {
  readonly networkId: Hash
  readonly lastSegment: number
  readonly lastSegmentBytes: number
  readonly lastSequence: number
}

export function encodeShutdownMark(mark: ShutdownMark, checksum: Checksum): Uint8Array {
  const bytes = new Uint8Array(SHUTDOWN_MARK_BYTES)
  const view = viewOf(bytes)
  bytes.set(MAGIC)
  view.setUint32(8, LOG_FORMAT_VERSION)
  bytes.set(bytesOfHash(mark.networkId), 12)
  view.setUint32(44, mark.lastSegment)
  view.setBigUint64(48, BigInt(mark.lastSegmentBytes))
  view.setBigUint64(56, BigInt(mark.lastSequence))
  view.setUint32(64, checksum(bytes.subarray(0, 64)))
  return bytes
}

/** The mark, or null when the bytes are none. */
export function decodeShutdownMark(bytes: Uint8Array, checksum: Checksum): ShutdownMark | null {
  if (bytes.length !== SHUTDOWN_MARK_BYTES) return null
  const view = viewOf(bytes)
  const isOurs =
    MAGIC.every((byte, at) => bytes[at] === byte) && view.getUint32(8) === LOG_FORMAT_VERSION
  if (!isOurs || view.getUint32(64) !== checksum(bytes.subarray(0, 64))) return null
  return {
    networkId: hashOfBytes(bytes.subarray(12, 44)),
    lastSegment: view.getUint32(44),
    lastSegmentBytes: Number(view.getBigUint64(48)),
    lastSequence: Number(view.getBigUint64(56)),
  }
}
