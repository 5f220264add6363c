import { mustHold } from '../errors.ts'
import { asciiBytes } from '../primitives/bytes.ts'
import { bytesOfHash, hashOfBytes, type Hash } from '../primitives/hash.ts'

/** Version of the format of docs/log-format.md, which says every byte of this file. */
export const LOG_FORMAT_VERSION = 1
export const SEGMENT_HEADER_BYTES = 64
export const GROUP_HEADER_BYTES = 24
export const RECORD_HEADER_BYTES = 8
/** No segment is longer, so that a position is one safe integer. */
export const SEGMENT_BYTES_MAX = 67_108_864
/** Largest payload of one group: it has to fit into a segment of its own. */
export const GROUP_PAYLOAD_BYTES_MAX = SEGMENT_BYTES_MAX - SEGMENT_HEADER_BYTES - GROUP_HEADER_BYTES

/** CRC-32 (IEEE 802.3) of the bytes, continued from an earlier value; a port, because the fast ones are not plain code. */
export type Checksum = (bytes: Uint8Array, before?: number) => number

const SEGMENT_MAGIC = asciiBytes('shardlog')
/** First bytes of every group: ASCII `SGRP`. */
const GROUP_MAGIC_NUMBER = 0x53475250
const GROUP_MAGIC_FIRST_BYTE = 0x53

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
export function encodeSegmentHeader(header: SegmentHeader, checksum: Checksum): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = viewOf(bytes)
  bytes.set(SEGMENT_MAGIC)
  view.setUint32(8, LOG_FORMAT_VERSION)
  view.setUint32(12, header.number)
  bytes.set(bytesOfHash(header.networkId), 16)
  view.setBigUint64(48, BigInt(header.firstSequence))
  view.setUint32(56, header.salt)
  view.setUint32(60, checksum(bytes.subarray(0, 60)))
  return bytes
}

/** A segment header, or why the bytes are none. */
export type ReadSegmentHeader =
  | { readonly kind: 'header'; readonly header: SegmentHeader }
  | { readonly kind: 'bad' }
  | { readonly kind: 'newerFormat'; readonly version: number }

/**
 * Reads the front of a segment. Every version keeps magic, version and checksum where they are, so that a version that rotted is not taken
 * for a newer one.
 */
export function readSegmentHeader(bytes: Uint8Array, checksum: Checksum): ReadSegmentHeader {
  if (bytes.length < SEGMENT_HEADER_BYTES) return { kind: 'bad' }
  if (!SEGMENT_MAGIC.every((byte, at) => bytes[at] === byte)) return { kind: 'bad' }
  const view = viewOf(bytes)
  if (checksum(bytes.subarray(0, 60)) !== view.getUint32(60)) return { kind: 'bad' }
  const version = view.getUint32(8)
  if (version > LOG_FORMAT_VERSION) return { kind: 'newerFormat', version }
  if (version !== LOG_FORMAT_VERSION) return { kind: 'bad' }
  return {
    kind: 'header',
    header: {
      number: view.getUint32(12),
      networkId: hashOfBytes(bytes.subarray(16, 48)),
      firstSequence: Number(view.getBigUint64(48)),
      salt: view.getUint32(56),
    },
  }
}

/** What stands in front of a group's payload. */
export interface GroupHeader {
  readonly sequence: number
  readonly payloadLength: number
  readonly payloadChecksum: number
}

/** What a segment's groups are read and written with. */
export interface GroupCodec {
  readonly salt: number
  readonly checksum: Checksum
}

/** Writes a group header into the first bytes of `bytes`. */
export function writeGroupHeader(bytes: Uint8Array, header: GroupHeader, codec: GroupCodec): void {
  const view = viewOf(bytes)
  view.setUint32(0, GROUP_MAGIC_NUMBER)
  view.setBigUint64(4, BigInt(header.sequence))
  view.setUint32(12, header.payloadLength)
  view.setUint32(16, header.payloadChecksum)
  view.setUint32(20, groupHeaderChecksum(bytes, 0, codec))
}

const salted = new Uint8Array(4)
const saltedView = viewOf(salted)

function groupHeaderChecksum(bytes: Uint8Array, offset: number, codec: GroupCodec): number {
  saltedView.setUint32(0, codec.salt)
  return codec.checksum(bytes.subarray(offset, offset + 20), codec.checksum(salted))
}

/** The group header at `offset`, or null when the bytes there are none of this segment. */
export function readGroupHeader(
  bytes: Uint8Array,
  offset: number,
  codec: GroupCodec,
): GroupHeader | null {
  if (offset + GROUP_HEADER_BYTES > bytes.length) return null
  const view = viewOf(bytes)
  if (view.getUint32(offset) !== GROUP_MAGIC_NUMBER) return null
  if (view.getUint32(offset + 20) !== groupHeaderChecksum(bytes, offset, codec)) return null
  return {
    sequence: Number(view.getBigUint64(offset + 4)),
    payloadLength: view.getUint32(offset + 12),
    payloadChecksum: view.getUint32(offset + 16),
  }
}

/** The next place at or behind `from` where a group could begin; -1 when there is none. */
export function nextGroupMagic(bytes: Uint8Array, from: number): number {
  const view = viewOf(bytes)
  let at = bytes.indexOf(GROUP_MAGIC_FIRST_BYTE, from)
  while (at !== -1 && at + 4 <= bytes.length) {
    if (view.getUint32(at) === GROUP_MAGIC_NUMBER) return at
    at = bytes.indexOf(GROUP_MAGIC_FIRST_BYTE, at + 1)
  }
  return -1
}

/** Writes the bytes in front of one record into the first bytes of `bytes`. */
export function writeRecordHeader(bytes: Uint8Array, record: Uint8Array, checksum: Checksum): void {
  const view = viewOf(bytes)
  view.setUint32(0, record.length)
  view.setUint32(4, checksum(record))
}

/** Bytes that a record takes inside of a group. */
export function recordBytes(record: Uint8Array): number {
  return RECORD_HEADER_BYTES + record.length
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

/** Wraps bytes for numbers at offsets. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
