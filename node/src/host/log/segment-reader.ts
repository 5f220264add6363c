import { crc32 } from 'node:zlib'
import type { OpenFile } from './file-port.ts'
import {
  GROUP_HEADER_BYTES,
  GROUP_MAGIC,
  positionOf,
  readGroupHeader,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
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

/** A segment under reading. */
export interface SegmentFile {
  readonly path: string
  readonly file: OpenFile
  readonly bytes: number
  readonly header: SegmentHeader
  /** Only behind the last segment's last group may bytes be half-written. */
  readonly isLast: boolean
}

/** Where the good part of a segment ends. */
export interface SegmentEnd {
  readonly lastSequence: number
  readonly offset: number
}

const WINDOW_BYTES = 4 * 1_048_576

/** Large reads; a fresh buffer each time, so that views handed out stay as they are. */
class Window {
  readonly #file: OpenFile
  readonly #fileBytes: number
  #start = 0
  #bytes = Buffer.alloc(0)

  constructor({ file, bytes }: SegmentFile) {
    this.#file = file
    this.#fileBytes = bytes
  }

  /** Bytes from `offset`; fewer than `length` only at the end of the file. */
  async at(offset: number, length: number): Promise<Buffer> {
    const isInside = offset >= this.#start && offset + length <= this.#start + this.#bytes.length
    if (!isInside) {
      const wanted = Math.max(WINDOW_BYTES, length)
      const fresh = Buffer.allocUnsafeSlow(Math.min(wanted, this.#fileBytes - offset))
      this.#bytes = fresh.subarray(0, await this.#file.read(fresh, offset))
      this.#start = offset
    }
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + length)
  }
}

/**
 * All records of a segment in order; returns where they end. Bytes behind that end belong to a write that was cut off.
 * @throws LogError `damaged`.
 */
export async function* readSegment(
  segment: SegmentFile,
): AsyncGenerator<LoggedRecord[], SegmentEnd> {
  const window = new Window(segment)
  let offset = SEGMENT_HEADER_BYTES
  let sequence = segment.header.firstSequence
  while (offset < segment.bytes) {
    const group = await readGroup(segment, window, offset)
    if (group === null) {
      await mustBeTorn(segment, offset, sequence)
      break
    }
    if (group.header.sequence !== sequence) {
      throw damagedError(
        segment.path,
        offset,
        `group ${group.header.sequence} stands where group ${sequence} belongs`,
      )
    }
    yield recordsOf(segment, group.payload, offset + GROUP_HEADER_BYTES)
    offset += GROUP_HEADER_BYTES + group.payload.length
    sequence += 1
  }
  return { lastSequence: sequence - 1, offset }
}

interface Group {
  readonly header: GroupHeader
  readonly payload: Buffer
}

/** The group at `offset` when both checksums hold. */
async function readGroup(
  segment: SegmentFile,
  window: Window,
  offset: number,
): Promise<Group | null> {
  const header = readGroupHeader(
    await window.at(offset, GROUP_HEADER_BYTES),
    0,
    segment.header.salt,
  )
  if (header === null || header.payloadLength === 0) return null
  const payloadAt = offset + GROUP_HEADER_BYTES
  if (payloadAt + header.payloadLength > segment.bytes) return null
  const payload = await window.at(payloadAt, header.payloadLength)
  if (payload.length !== header.payloadLength || crc32(payload) !== header.payloadChecksum)
    return null
  return { header, payload }
}

/** A group is written only after the one before is synced: any later group proves that the bad one was synced too. */
async function mustBeTorn(segment: SegmentFile, offset: number, sequence: number): Promise<void> {
  if (!segment.isLast) throw damagedError(segment.path, offset, `group ${sequence} is not readable`)
  const rest = Buffer.allocUnsafeSlow(segment.bytes - offset)
  const bytes = rest.subarray(0, await segment.file.read(rest, offset))
  for (let at = bytes.indexOf(GROUP_MAGIC); at !== -1; at = bytes.indexOf(GROUP_MAGIC, at + 1)) {
    const later = readGroupHeader(bytes, at, segment.header.salt)
    if (later !== null && later.sequence > sequence) {
      throw damagedError(segment.path, offset, `group ${sequence} is not readable`)
    }
  }
}

function recordsOf(segment: SegmentFile, payload: Buffer, payloadAt: number): LoggedRecord[] {
  const records: LoggedRecord[] = []
  let at = 0
  while (at + RECORD_HEADER_BYTES <= payload.length) {
    const end = at + RECORD_HEADER_BYTES + payload.readUInt32BE(at)
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
