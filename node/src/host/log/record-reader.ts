import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { OpenFile } from './file-port.ts'
import {
  placeOf,
  RECORD_HEADER_BYTES,
  SEGMENT_BYTES_MAX,
  segmentName,
} from '../../core/log/format.ts'
import { LogError, REMEDY } from '../../core/log/log-error.ts'
import type { LogFolder } from './recovery.ts'

/** Segments that stay open for reading; beyond them a read opens and closes its own. */
const FILES_OPEN_MAX = 64
/** One read gets a small record whole; most are. */
const FIRST_READ_BYTES = 4_096

/** Reads single records by position, for peers that ask. */
export class RecordReader {
  readonly #log: LogFolder
  readonly #files = new Map<number, Promise<OpenFile>>()

  constructor(log: LogFolder) {
    this.#log = log
  }

  /** @throws LogError `damaged` when the bytes there are not what was written. */
  async read(position: number): Promise<Uint8Array> {
    const { segment, offset } = placeOf(position)
    const isKept = this.#files.has(segment) || this.#files.size < FILES_OPEN_MAX
    const file = await (isKept ? this.#keptFile(segment) : this.#openFile(segment))
    try {
      return await this.#readFrom(file, segment, offset)
    } finally {
      if (!isKept) await file.close()
    }
  }

  async close(): Promise<void> {
    const files = await Promise.all(this.#files.values())
    this.#files.clear()
    await Promise.all(files.map((file) => file.close()))
  }

  async #keptFile(segment: number): Promise<OpenFile> {
    const open = this.#files.get(segment) ?? this.#openFile(segment)
    this.#files.set(segment, open)
    try {
      return await open
    } catch (error) {
      this.#files.delete(segment)
      throw error
    }
  }

  #openFile(segment: number): Promise<OpenFile> {
    return this.#log.files.open(join(this.#log.folder, segmentName(segment)), 'read')
  }

  async #readFrom(file: OpenFile, segment: number, offset: number): Promise<Uint8Array> {
    const first = Buffer.allocUnsafeSlow(FIRST_READ_BYTES)
    const there = await file.read(first, offset)
    const length = there < RECORD_HEADER_BYTES ? SEGMENT_BYTES_MAX : first.readUInt32BE(0)
    if (offset + RECORD_HEADER_BYTES + length > SEGMENT_BYTES_MAX)
      throw this.#damaged(segment, offset)
    const record = await this.#whole(file, offset, {
      start: first.subarray(RECORD_HEADER_BYTES, there),
      length,
    })
    if (record.length !== length || crc32(record) !== first.readUInt32BE(4))
      throw this.#damaged(segment, offset)
    return record
  }

  async #whole(
    file: OpenFile,
    offset: number,
    record: { start: Buffer; length: number },
  ): Promise<Uint8Array> {
    const { start, length } = record
    if (start.length >= length) return start.subarray(0, length)
    const bytes = Buffer.allocUnsafeSlow(length)
    start.copy(bytes)
    const missingAt = offset + RECORD_HEADER_BYTES + start.length
    const read = await file.read(bytes.subarray(start.length), missingAt)
    return bytes.subarray(0, start.length + read)
  }

  #damaged(segment: number, offset: number): LogError {
    const file = join(this.#log.folder, segmentName(segment))
    return new LogError(
      'damaged',
      `${file}: the record at byte ${offset} is not what was written. ${REMEDY}`,
    )
  }
}
