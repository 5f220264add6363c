import {
  GROUP_HEADER_BYTES,
  nextGroupMagic,
  positionOf,
  readGroupHeader,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  viewOf,
  type Checksum,
  type GroupHeader,
  type SegmentHeader,
} from './format.ts'
import { damagedError } from './log-error.ts'

/** One record as it was appended. */
export interface LoggedRecord {
  readonly position: number
  /** A view into a large read buffer: copy what is kept, or the buffer stays with it. */
  readonly bytes: Uint8Array
}

/**
 * What a scan wants next. It decides and does no input: whoever drives it, a host with a disk or a simulated one, answers each
 * `read` with `next(bytes)`, fewer bytes than asked for only at the end of the file, and takes the `records`.
 */
export type ScanStep =
  | {
      readonly kind: 'read'
      readonly segment: number
      readonly offset: number
      readonly length: number
    }
  | { readonly kind: 'records'; readonly records: readonly LoggedRecord[] }

/** A scan in progress; the bytes of an answer stay as they are. */
export type Scan<Result> = Generator<ScanStep, Result, Uint8Array>

/** A segment under reading. */
export interface ScannedSegment {
  readonly path: string
  /** Length of the file. */
  readonly bytes: number
  readonly header: SegmentHeader
  /** Only behind the last segment's last group may bytes be half-written. */
  readonly isLast: boolean
  readonly checksum: Checksum
}

/** Where the good part of a segment ends. */
export interface SegmentEnd {
  readonly lastSequence: number
  readonly offset: number
}

/**
 * All records of a segment in order; returns where they end. Bytes behind that end belong to a write that was cut off.
 * @throws LogError `damaged`.
 */
export function* scanSegment(segment: ScannedSegment): Scan<SegmentEnd> {
  let offset = SEGMENT_HEADER_BYTES
  let sequence = segment.header.firstSequence
  while (offset < segment.bytes) {
    const group = yield* readGroup(segment, offset)
    if (group === null) {
      yield* mustBeTorn(segment, offset, sequence)
      break
    }
    if (group.header.sequence !== sequence) {
      throw damagedError(
        segment.path,
        offset,
        `group ${group.header.sequence} stands where group ${sequence} belongs`,
      )
    }
    yield {
      kind: 'records',
      records: recordsOf(segment, group.payload, offset + GROUP_HEADER_BYTES),
    }
    offset += GROUP_HEADER_BYTES + group.payload.length
    sequence += 1
  }
  return { lastSequence: sequence - 1, offset }
}

interface Group {
  readonly header: GroupHeader
  readonly payload: Uint8Array
}

/** The group at `offset` when both checksums hold. */
function* readGroup(segment: ScannedSegment, offset: number): Scan<Group | null> {
  const { checksum, header: ofSegment } = segment
  const front = yield* read(segment, offset, GROUP_HEADER_BYTES)
  const header = readGroupHeader(front, 0, { salt: ofSegment.salt, checksum })
  if (header === null || header.payloadLength === 0) return null
  const payloadAt = offset + GROUP_HEADER_BYTES
  if (payloadAt + header.payloadLength > segment.bytes) return null
  const payload = yield* read(segment, payloadAt, header.payloadLength)
  if (payload.length !== header.payloadLength || checksum(payload) !== header.payloadChecksum)
    return null
  return { header, payload }
}

function* read(segment: ScannedSegment, offset: number, length: number): Scan<Uint8Array> {
  return yield { kind: 'read', segment: segment.header.number, offset, length }
}

/** A group is written only after the one before is synced: any later group proves that the bad one was synced too. */
function* mustBeTorn(segment: ScannedSegment, offset: number, sequence: number): Scan<void> {
  const { checksum, header, path } = segment
  if (!segment.isLast) throw damagedError(path, offset, `group ${sequence} is not readable`)
  const bytes = yield* read(segment, offset, segment.bytes - offset)
  for (let at = nextGroupMagic(bytes, 0); at !== -1; at = nextGroupMagic(bytes, at + 1)) {
    const later = readGroupHeader(bytes, at, { salt: header.salt, checksum })
    if (later !== null && later.sequence > sequence)
      throw damagedError(path, offset, `group ${sequence} is not readable`)
  }
}

function recordsOf(
  segment: ScannedSegment,
  payload: Uint8Array,
  payloadAt: number,
): LoggedRecord[] {
  const records: LoggedRecord[] = []
  const view = viewOf(payload)
  let at = 0
  while (at + RECORD_HEADER_BYTES <= payload.length) {
    const end = at + RECORD_HEADER_BYTES + view.getUint32(at)
    if (end > payload.length) break
    const position = positionOf(segment.header.number, payloadAt + at)
    records.push({ position, bytes: payload.subarray(at + RECORD_HEADER_BYTES, end) })
    at = end
  }
  if (at !== payload.length) {
    throw damagedError(segment.path, payloadAt + at, 'a record is longer than its group')
  }
  return records
}
