import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Hash } from '../../core/primitives/hash.ts'
import type { FilePort, OpenFile } from './file-port.ts'
import {
  encodeGroupHeader,
  encodeRecordHeader,
  encodeSegmentHeader,
  GROUP_HEADER_BYTES,
  positionOf,
  RECORD_HEADER_BYTES,
  segmentName,
  type SegmentHeader,
} from './format.ts'
import type { OpenSegment } from './recovery.ts'

/** Bytes that a record takes inside of a group. */
export function recordBytes(record: Uint8Array): number {
  return RECORD_HEADER_BYTES + record.length
}

/** The end of the log: one open segment that takes groups. */
export class SegmentWriter {
  readonly #file: OpenFile
  readonly #header: SegmentHeader
  #bytes: number

  private constructor(file: OpenFile, segment: OpenSegment) {
    this.#file = file
    this.#header = segment.header
    this.#bytes = segment.bytes
  }

  /** Goes on behind the last good group. */
  static async resume(
    files: FilePort,
    folder: string,
    segment: OpenSegment,
  ): Promise<SegmentWriter> {
    const file = await files.open(join(folder, segmentName(segment.header.number)), 'write')
    return new SegmentWriter(file, segment)
  }

  /** Makes a segment; its header and its name are durable before the first group is written. */
  static async create(files: FilePort, folder: string, place: NewSegment): Promise<SegmentWriter> {
    const header = { ...place, salt: randomBytes(4).readUInt32BE(0) }
    const bytes = encodeSegmentHeader(header)
    const file = await files.open(join(folder, segmentName(place.number)), 'create')
    await file.write([bytes], 0)
    await file.sync()
    await files.syncFolder(folder)
    return new SegmentWriter(file, { header, bytes: bytes.length })
  }

  get number(): number {
    return this.#header.number
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Writes one group, not yet synced; answers the positions of its records. */
  async write(sequence: number, records: readonly Uint8Array[]): Promise<number[]> {
    const positions: number[] = []
    const parts: Uint8Array[] = []
    let payloadLength = 0
    let payloadChecksum = 0
    for (const record of records) {
      const recordHeader = encodeRecordHeader(record)
      positions.push(positionOf(this.number, this.#bytes + GROUP_HEADER_BYTES + payloadLength))
      payloadChecksum = crc32(record, crc32(recordHeader, payloadChecksum))
      payloadLength += recordBytes(record)
      parts.push(recordHeader)
      if (record.length > 0) parts.push(record)
    }
    const groupHeader = encodeGroupHeader(
      { sequence, payloadLength, payloadChecksum },
      this.#header.salt,
    )
    await this.#file.write([groupHeader, ...parts], this.#bytes)
    this.#bytes += GROUP_HEADER_BYTES + payloadLength
    return positions
  }

  sync(): Promise<void> {
    return this.#file.sync()
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** Where a new segment stands in the log. */
export interface NewSegment {
  readonly number: number
  readonly networkId: Hash
  readonly firstSequence: number
}
