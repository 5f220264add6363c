import { must, mustHold } from '../errors.ts'
import type { Hash } from '../primitives/hash.ts'
import {
  encodeSegmentHeader,
  GROUP_HEADER_BYTES,
  positionOf,
  RECORD_HEADER_BYTES,
  recordBytes,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  writeGroupHeader,
  writeRecordHeader,
  type Checksum,
} from './format.ts'
import { LogError } from './log-error.ts'
import type { OpenSegment, RecoveredLog } from './scan-log.ts'
import type { ShutdownMark } from './shutdown-mark.ts'

/** Where a log stands and how much it may hold. */
export interface TailOptions {
  /** For messages. */
  readonly folder: string
  readonly networkId: Hash
  /** Budget of the whole log in bytes. */
  readonly diskBytesMax: number
  /** A segment that would grow above this is followed by a new one. */
  readonly segmentBytesMax?: number
  readonly checksum: Checksum
}

/** One group as it has to be written: `parts` one behind the other at `offset` of the segment, then a sync. */
export interface PlannedGroup {
  readonly sequence: number
  readonly segment: number
  /** Bytes of the header of a segment that has to be made first; it and its name are synced before the group is written. */
  readonly newSegmentHeader: Uint8Array | null
  readonly offset: number
  readonly parts: readonly Uint8Array[]
  /** Of the records, in order. */
  readonly positions: readonly number[]
  /** Of the group, without a new segment's header. */
  readonly bytes: number
}

/** What one group gathers at most; an append is never split, so a larger one is a group of its own. */
const GROUP_GATHER_BYTES_MAX = 8 * 1_048_576

/** How many of the waiting appends the next group takes. */
export function gatheredCountOf(waiting: readonly { readonly bytes: number }[]): number {
  let count = 0
  let bytes = 0
  for (const append of waiting) {
    if (count > 0 && bytes + append.bytes > GROUP_GATHER_BYTES_MAX) break
    bytes += append.bytes
    count += 1
  }
  return count
}

/**
 * The end of a log: what the next group looks like, byte by byte, and where it goes. It decides and does no output.
 * Group g + 1 is planned only after g is synced, so that a later group proves that the earlier one was durable.
 */
export class LogTail {
  readonly #options: TailOptions
  #segment: OpenSegment | null
  #lastSequence: number
  #bytesUsed: number
  #isPlanned = false

  constructor(options: TailOptions, recovered: RecoveredLog) {
    this.#options = options
    this.#segment = recovered.lastSegment
    this.#lastSequence = recovered.lastSequence
    this.#bytesUsed = recovered.bytesUsed
  }

  /** Bytes of all segments. */
  get bytesUsed(): number {
    return this.#bytesUsed
  }

  /** Number of the segment that groups go to; 0 before the first. */
  get segmentNumber(): number {
    return this.#segment?.header.number ?? 0
  }

  /**
   * The next group; `salt` is chance, for the case that a new segment begins.
   * @throws LogError `budget`, before anything is written.
   */
  plan(records: readonly Uint8Array[], salt: number): PlannedGroup {
    mustHold(!this.#isPlanned, 'a group is planned after the one before is synced')
    let payloadLength = 0
    for (const record of records) payloadLength += recordBytes(record)
    const bytes = GROUP_HEADER_BYTES + payloadLength
    const newSegmentHeader = this.#beginSegment(bytes, salt)
    const { header, bytes: offset } = must(this.#segment, 'a segment is open')
    const { positions, parts } = this.#layOut(records, payloadLength)
    this.#isPlanned = true
    const sequence = this.#lastSequence + 1
    return { sequence, segment: header.number, newSegmentHeader, offset, parts, positions, bytes }
  }

  /** The planned group is on disk. */
  synced({ sequence, bytes }: PlannedGroup): void {
    const segment = must(this.#segment, 'a segment is open')
    this.#isPlanned = false
    this.#lastSequence = sequence
    this.#segment = { header: segment.header, bytes: segment.bytes + bytes }
    this.#bytesUsed += bytes
  }

  /** What an orderly end leaves. */
  mark(): ShutdownMark {
    return {
      networkId: this.#options.networkId,
      lastSegment: this.segmentNumber,
      lastSegmentBytes: this.#segment?.bytes ?? 0,
      lastSequence: this.#lastSequence,
    }
  }

  #beginSegment(groupBytes: number, salt: number): Uint8Array | null {
    const { segmentBytesMax = SEGMENT_BYTES_MAX, networkId, checksum } = this.#options
    const segment = this.#segment
    const isFull =
      segment === null ||
      (segment.bytes > SEGMENT_HEADER_BYTES && segment.bytes + groupBytes > segmentBytesMax)
    this.#mustAfford(groupBytes + (isFull ? SEGMENT_HEADER_BYTES : 0))
    if (!isFull) return null
    const number = this.segmentNumber + 1
    const header = { number, networkId, firstSequence: this.#lastSequence + 1, salt }
    this.#segment = { header, bytes: SEGMENT_HEADER_BYTES }
    this.#bytesUsed += SEGMENT_HEADER_BYTES
    return encodeSegmentHeader(header, checksum)
  }

  #mustAfford(bytes: number): void {
    const { diskBytesMax, folder } = this.#options
    if (this.#bytesUsed + bytes <= diskBytesMax) return
    throw new LogError(
      'budget',
      `${folder}: the log has used ${this.#bytesUsed} of its ${diskBytesMax} bytes (diskBytesMax) and needs ${bytes} more; raise the budget, or end this testnet.`,
    )
  }

  /** All headers lie in one array: a group has many small records. */
  #layOut(
    records: readonly Uint8Array[],
    payloadLength: number,
  ): { positions: number[]; parts: Uint8Array[] } {
    const { checksum } = this.#options
    const { header, bytes: offset } = must(this.#segment, 'a segment is open')
    const headers = new Uint8Array(GROUP_HEADER_BYTES + records.length * RECORD_HEADER_BYTES)
    const groupHeader = headers.subarray(0, GROUP_HEADER_BYTES)
    const parts: Uint8Array[] = [groupHeader]
    const positions: number[] = []
    let payloadChecksum = 0
    let at = offset + GROUP_HEADER_BYTES
    for (const [index, record] of records.entries()) {
      const headerAt = GROUP_HEADER_BYTES + index * RECORD_HEADER_BYTES
      const recordHeader = headers.subarray(headerAt, headerAt + RECORD_HEADER_BYTES)
      writeRecordHeader(recordHeader, record, checksum)
      positions.push(positionOf(header.number, at))
      payloadChecksum = checksum(record, checksum(recordHeader, payloadChecksum))
      at += recordBytes(record)
      parts.push(recordHeader)
      if (record.length > 0) parts.push(record)
    }
    const sequence = this.#lastSequence + 1
    const { salt } = header
    writeGroupHeader(groupHeader, { sequence, payloadLength, payloadChecksum }, { salt, checksum })
    return { positions, parts }
  }
}
