import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Hash } from '../core/primitives/hash.ts'

/** Where the bytes of a record lie, so that they need not stay in memory. */
export interface RecordPlace {
  readonly file: string
  readonly offset: number
  readonly length: number
}

/** Why a log cannot be read to its end. */
interface LogProblem {
  readonly code: 'folderUnreadable' | 'logDamaged' | 'logFormatNewer' | 'networkMismatch'
  readonly message: string
}

/** How much of a log was good. */
export interface LogReading {
  readonly problem: LogProblem | null
  readonly bytes: number
  readonly groups: number
  readonly records: number
  /** Bytes of a last write that was cut off: nobody was told that they are durable. */
  readonly tornBytes: number
}

/** Takes one record; what it returns is awaited before the next, which is the only back-pressure. */
type RecordVisitor = (bytes: Buffer, place: RecordPlace) => Promise<void> | undefined

const SEGMENT_MAGIC = 'shardlog'
const SEGMENT_HEADER_BYTES = 64
const SEGMENT_BYTES_MAX = 67_108_864
const FORMAT_VERSION = 1
const GROUP_MAGIC = 'SGRP'
const GROUP_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 8
const CLOSED_MAGIC = 'shardend'
const CLOSED_BYTES = 68

/** Reads a data folder's write-ahead log as docs/log-format.md describes it; shares no code with the writer. */
export async function readLog(
  dataDirectory: string,
  networkId: Hash,
  visit: RecordVisitor,
): Promise<LogReading> {
  const reader = new LogReader(join(dataDirectory, 'log'), networkId, visit)
  return await reader.read()
}

class LogStop extends Error {
  override readonly name = 'LogStop'
  readonly code: LogProblem['code']

  constructor(code: LogProblem['code'], message: string) {
    super(message)
    this.code = code
  }
}

class LogReader {
  readonly #directory: string
  readonly #networkId: Hash
  readonly #visit: RecordVisitor
  #bytes = 0
  #groups = 0
  #records = 0
  #tornBytes = 0
  /** Sequence of the group that must come next. */
  #next = 1
  #lastSegment = 0
  #lastSegmentBytes = 0

  constructor(directory: string, networkId: Hash, visit: RecordVisitor) {
    this.#directory = directory
    this.#networkId = networkId
    this.#visit = visit
  }

  async read(): Promise<LogReading> {
    const problem = await this.#readAll()
    return {
      problem,
      bytes: this.#bytes,
      groups: this.#groups,
      records: this.#records,
      tornBytes: this.#tornBytes,
    }
  }

  async #readAll(): Promise<LogProblem | null> {
    try {
      const names = (await readdir(this.#directory))
        .filter((name) => /^\d{8}\.log$/.test(name))
        .toSorted()
      if (names.length === 0)
        throw new LogStop('folderUnreadable', `no segment in ${this.#directory}`)
      for (const [index, name] of names.entries()) {
        if (Number(name.slice(0, 8)) !== index + 1)
          throw new LogStop('logDamaged', `segment ${index + 1} is missing`)
        await this.#readSegment(index + 1, join(this.#directory, name), index + 1 === names.length)
      }
      await this.#checkShutdownMark()
      return null
    } catch (error) {
      if (error instanceof LogStop) return { code: error.code, message: error.message }
      if (isSystemError(error))
        return { code: 'folderUnreadable', message: `${error.code} at ${error.path ?? ''}` }
      throw error
    }
  }

  async #readSegment(number: number, file: string, isLast: boolean): Promise<void> {
    const bytes = await readFile(file)
    const headerProblem = this.#segmentHeaderProblem(bytes, number)
    if (headerProblem !== null) {
      if (
        headerProblem.code === 'logDamaged' &&
        isLast &&
        bytes.length <= SEGMENT_HEADER_BYTES &&
        number > 1
      ) {
        this.#tornBytes += bytes.length
        return
      }
      throw new LogStop(headerProblem.code, `${file}: ${headerProblem.message}`)
    }
    this.#lastSegment = number
    const salt = bytes.subarray(56, 60)
    let offset = SEGMENT_HEADER_BYTES
    while (offset < bytes.length) {
      const group = groupAt(bytes, offset, salt)
      if (typeof group === 'string' || group.sequence !== this.#next) {
        const reason =
          typeof group === 'string' ? group : `sequence ${group.sequence} in place of ${this.#next}`
        // A good group with a wrong sequence was never a cut-off write.
        if (!isLast || typeof group !== 'string' || this.#hasLaterGroup(bytes, offset, salt)) {
          throw new LogStop('logDamaged', `${file} at byte ${offset}: ${reason}`)
        }
        this.#tornBytes += bytes.length - offset
        break
      }
      await this.#visitGroup(bytes, file, offset, group.length)
      offset += GROUP_HEADER_BYTES + group.length
      this.#next += 1
      this.#groups += 1
    }
    this.#lastSegmentBytes = offset
    this.#bytes += offset
  }

  async #visitGroup(
    bytes: Buffer,
    file: string,
    offset: number,
    payloadLength: number,
  ): Promise<void> {
    const end = offset + GROUP_HEADER_BYTES + payloadLength
    let at = offset + GROUP_HEADER_BYTES
    while (at < end) {
      const length = bytes.readUInt32BE(at)
      const from = at + RECORD_HEADER_BYTES
      const record = bytes.subarray(from, from + length)
      this.#records += 1
      const waiting = this.#visit(record, { file, offset: from, length })
      if (waiting !== undefined) await waiting
      at = from + length
    }
  }

  #segmentHeaderProblem(bytes: Buffer, number: number): LogProblem | null {
    const damaged = (message: string): LogProblem => ({ code: 'logDamaged', message })
    if (bytes.length < SEGMENT_HEADER_BYTES) return damaged('no whole segment header')
    if (bytes.toString('latin1', 0, 8) !== SEGMENT_MAGIC) return damaged('no segment of a log')
    if (bytes.readUInt32BE(60) !== crc32(bytes.subarray(0, 60)))
      return damaged('checksum of the segment header')
    const version = bytes.readUInt32BE(8)
    if (version > FORMAT_VERSION)
      return { code: 'logFormatNewer', message: `log format version ${version}` }
    if (version !== FORMAT_VERSION) return damaged(`log format version ${version}`)
    if (bytes.length > SEGMENT_BYTES_MAX) return damaged('longer than a segment may be')
    if (bytes.readUInt32BE(12) !== number)
      return damaged(`header names segment ${bytes.readUInt32BE(12)}`)
    const networkId = bytes.toString('hex', 16, 48)
    if (networkId !== this.#networkId)
      return { code: 'networkMismatch', message: `log of the network ${networkId}` }
    const first = Number(bytes.readBigUInt64BE(48))
    return first === this.#next
      ? null
      : damaged(`first sequence ${first} in place of ${this.#next}`)
  }

  /** A group header behind a bad group says that the bad one had been synced, so it was damaged later. */
  #hasLaterGroup(bytes: Buffer, from: number, salt: Buffer): boolean {
    let at = bytes.indexOf(GROUP_MAGIC, from + 1, 'latin1')
    while (at !== -1) {
      const header = bytes.subarray(at, at + GROUP_HEADER_BYTES)
      if (isGroupHeader(header, salt) && Number(header.readBigUInt64BE(4)) > this.#next) return true
      at = bytes.indexOf(GROUP_MAGIC, at + 1, 'latin1')
    }
    return false
  }

  async #checkShutdownMark(): Promise<void> {
    const mark = await readOptional(join(this.#directory, 'closed'))
    if (mark === null) return
    const isWhole =
      mark.length === CLOSED_BYTES &&
      mark.toString('latin1', 0, 8) === CLOSED_MAGIC &&
      mark.readUInt32BE(64) === crc32(mark.subarray(0, 64))
    if (!isWhole) throw new LogStop('logDamaged', 'the shutdown mark is damaged')
    if (mark.toString('hex', 12, 44) !== this.#networkId) {
      throw new LogStop('networkMismatch', 'the shutdown mark is of another network')
    }
    const segment = mark.readUInt32BE(44)
    const length = Number(mark.readBigUInt64BE(48))
    const sequence = Number(mark.readBigUInt64BE(56))
    const endsThere =
      segment === this.#lastSegment &&
      length === this.#lastSegmentBytes &&
      sequence === this.#next - 1
    if (!endsThere) {
      const found = `group ${this.#next - 1} at byte ${this.#lastSegmentBytes} of segment ${this.#lastSegment}`
      throw new LogStop(
        'logDamaged',
        `closed after group ${sequence} at byte ${length} of segment ${segment}, but ends after ${found}`,
      )
    }
  }
}

function isGroupHeader(header: Buffer, salt: Buffer): boolean {
  if (header.length < GROUP_HEADER_BYTES || header.toString('latin1', 0, 4) !== GROUP_MAGIC)
    return false
  return header.readUInt32BE(20) === crc32(header.subarray(0, 20), crc32(salt))
}

/** The group at an offset, or why there is none. */
function groupAt(
  bytes: Buffer,
  offset: number,
  salt: Buffer,
): { sequence: number; length: number } | string {
  const header = bytes.subarray(offset, offset + GROUP_HEADER_BYTES)
  if (!isGroupHeader(header, salt)) return 'no group header'
  const sequence = Number(header.readBigUInt64BE(4))
  const length = header.readUInt32BE(12)
  const payload = bytes.subarray(offset + GROUP_HEADER_BYTES, offset + GROUP_HEADER_BYTES + length)
  if (payload.length !== length || length === 0) return 'the payload ends too early'
  if (header.readUInt32BE(16) !== crc32(payload)) return 'checksum of the payload'
  return recordsFill(payload) ? { sequence, length } : 'the records do not fill the payload'
}

function recordsFill(payload: Buffer): boolean {
  let at = 0
  while (at + RECORD_HEADER_BYTES <= payload.length) {
    const length = payload.readUInt32BE(at)
    const from = at + RECORD_HEADER_BYTES
    const record = payload.subarray(from, from + length)
    if (record.length !== length || payload.readUInt32BE(at + 4) !== crc32(record)) return false
    at = from + length
  }
  return at === payload.length
}

async function readOptional(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return null
    throw error
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error
}
