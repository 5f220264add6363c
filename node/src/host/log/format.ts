import { crc32 } from 'node:zlib'
import { mustHold } from '../../core/errors.ts'
import { bytesOfHash, hashOfBytes, type Hash } from '../../core/primitives/hash.ts'

/** Version of the format of docs/log-format.md, which says every byte of this file. */
export const LOG_FORMAT_VERSION = 1
export const SEGMENT_HEADER_BYTES = 64
export const GROUP_HEADER_BYTES = 24
export const RECORD_HEADER_BYTES = 8
/** No segment is longer, so that a position is one safe integer. */
export const SEGMENT_BYTES_MAX = 67_108_864
/** Largest payload of one group: it has to fit into a segment of its own. */
export const GROUP_PAYLOAD_BYTES_MAX = SEGMENT_BYTES_MAX - SEGMENT_HEADER_BYTES - GROUP_HEADER_BYTES

const SEGMENT_MAGIC = Buffer.from('shardlog', 'latin1')
/** First bytes of every group. */
export const GROUP_MAGIC = Buffer.from('SGRP', 'latin1')
const GROUP_MAGIC_NUMBER = GROUP_MAGIC.readUInt32BE(0)

/** What stands at the front of a segment. */
export interface SegmentHeader {
  readonly number: number
  readonly networkId: Hash
  /** Sequence of the segment's first group. */
  readonly firstSequence: number
  /** Unknown to clients, so that bytes in a payload never pass for a group. */
  readonly salt: number
}

/** File name of a segment. */
export function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.log`
}

/** Number of a segment's file name; null for any other name. */
export function segmentNumberOf(name: string): number | null {
  const match = /^(\d{8})\.log$/.exec(name)
  return match === null ? null : Number(match[1])
}

/** Bytes of a segment header. */
export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  SEGMENT_MAGIC.copy(bytes)
  bytes.writeUInt32BE(LOG_FORMAT_VERSION, 8)
  bytes.writeUInt32BE(header.number, 12)
  bytes.set(bytesOfHash(header.networkId), 16)
  bytes.writeBigUInt64BE(BigInt(header.firstSequence), 48)
  bytes.writeUInt32BE(header.salt, 56)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60)
  return bytes
}

/** A segment header, or why the bytes are none. */
export type ReadSegmentHeader =
  | { readonly kind: 'header'; readonly header: SegmentHeader }
  | { readonly kind: 'bad' }
  | { readonly kind: 'newerFormat'; readonly version: number }

/** Reads the front of a segment. A newer version may have another layout behind its number, so that is judged first. */
export function readSegmentHeader(bytes: Buffer): ReadSegmentHeader {
  if (bytes.length < SEGMENT_HEADER_BYTES) return { kind: 'bad' }
  if (!bytes.subarray(0, 8).equals(SEGMENT_MAGIC)) return { kind: 'bad' }
  const isGood = crc32(bytes.subarray(0, 60)) === bytes.readUInt32BE(60)
  const version = bytes.readUInt32BE(8)
  if (version > LOG_FORMAT_VERSION) return { kind: 'newerFormat', version }
  if (!isGood || version !== LOG_FORMAT_VERSION) return { kind: 'bad' }
  return {
    kind: 'header',
    header: {
      number: bytes.readUInt32BE(12),
      networkId: hashOfBytes(bytes.subarray(16, 48)),
      firstSequence: Number(bytes.readBigUInt64BE(48)),
      salt: bytes.readUInt32BE(56),
    },
  }
}

/** What stands in front of a group's payload. */
export interface GroupHeader {
  readonly sequence: number
  readonly payloadLength: number
  readonly payloadChecksum: number
}

/** Bytes of a group header in a segment with the given salt. */
export function encodeGroupHeader(header: GroupHeader, salt: number): Buffer {
  const bytes = Buffer.allocUnsafe(GROUP_HEADER_BYTES)
  bytes.writeUInt32BE(GROUP_MAGIC_NUMBER, 0)
  bytes.writeBigUInt64BE(BigInt(header.sequence), 4)
  bytes.writeUInt32BE(header.payloadLength, 12)
  bytes.writeUInt32BE(header.payloadChecksum, 16)
  bytes.writeUInt32BE(groupHeaderChecksum(bytes, 0, salt), 20)
  return bytes
}

function groupHeaderChecksum(bytes: Buffer, offset: number, salt: number): number {
  const salted = Buffer.allocUnsafe(4)
  salted.writeUInt32BE(salt, 0)
  return crc32(bytes.subarray(offset, offset + 20), crc32(salted))
}

/** The group header at `offset`, or null when the bytes there are none of this segment. */
export function readGroupHeader(bytes: Buffer, offset: number, salt: number): GroupHeader | null {
  if (offset + GROUP_HEADER_BYTES > bytes.length) return null
  if (bytes.readUInt32BE(offset) !== GROUP_MAGIC_NUMBER) return null
  if (bytes.readUInt32BE(offset + 20) !== groupHeaderChecksum(bytes, offset, salt)) return null
  return {
    sequence: Number(bytes.readBigUInt64BE(offset + 4)),
    payloadLength: bytes.readUInt32BE(offset + 12),
    payloadChecksum: bytes.readUInt32BE(offset + 16),
  }
}

/** Bytes in front of one record. */
export function encodeRecordHeader(record: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_HEADER_BYTES)
  bytes.writeUInt32BE(record.length, 0)
  bytes.writeUInt32BE(crc32(record), 4)
  return bytes
}

/** The number by which a record is known for ever. */
export function positionOf(segment: number, offset: number): number {
  mustHold(offset < SEGMENT_BYTES_MAX, 'an offset lies inside of a segment')
  return segment * SEGMENT_BYTES_MAX + offset
}

/** Segment and offset of a position. */
export function placeOf(position: number): { readonly segment: number; readonly offset: number } {
  return { segment: Math.floor(position / SEGMENT_BYTES_MAX), offset: position % SEGMENT_BYTES_MAX }
}
