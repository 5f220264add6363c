import { join } from 'node:path'
import type { Hash } from '../../core/primitives/hash.ts'
import type { FilePort, OpenFile } from './file-port.ts'
import {
  LOG_FORMAT_VERSION,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentName,
  segmentNumberOf,
  type SegmentHeader,
} from './format.ts'
import { damagedError, LogError, REMEDY } from './log-error.ts'
import { readSegment, type LoggedRecord, type SegmentEnd } from './segment-reader.ts'
import { readShutdownMark, removeShutdownMark } from './shutdown-mark.ts'

/** A log's folder. */
export interface LogFolder {
  readonly files: FilePort
  readonly folder: string
  readonly networkId: Hash
}

/** A write that a crash cut off: nobody was told that it is durable. */
export interface TornTail {
  readonly file: string
  readonly offset: number
  readonly bytes: number
}

/** The last segment, ready for more; null in a fresh folder. */
export interface OpenSegment {
  readonly header: SegmentHeader
  readonly bytes: number
}

/** What a folder holds, all checked, with nothing behind its last good group. */
export interface RecoveredLog {
  readonly lastSequence: number
  readonly lastSegment: OpenSegment | null
  readonly bytesUsed: number
  readonly tornTail: TornTail | null
}

/** A fresh folder. */
export const NOTHING_RECOVERED: RecoveredLog = {
  lastSequence: 0,
  lastSegment: null,
  bytesUsed: 0,
  tornTail: null,
}

/**
 * Reads the whole log and hands out its records, group by group; then cuts off a torn tail, durably.
 * @throws LogError `damaged`, `otherNetwork`, `newerFormat`.
 */
export async function* recoverLog(log: LogFolder): AsyncGenerator<LoggedRecord[], RecoveredLog> {
  const numbers = await segmentNumbers(log)
  const last = numbers.length
  let recovered = NOTHING_RECOVERED
  for (const number of numbers) {
    recovered = yield* recoverSegment(log, number, { isLast: number === last, recovered })
  }
  await checkShutdownMark(log, recovered)
  await cutTornTail(log, recovered)
  await removeShutdownMark(log.files, log.folder)
  return recovered
}

async function segmentNumbers({ files, folder }: LogFolder): Promise<number[]> {
  const names = await files.list(folder)
  const numbers = names.flatMap((name) => segmentNumberOf(name) ?? []).toSorted((a, b) => a - b)
  for (const [index, number] of numbers.entries()) {
    if (number === index + 1) continue
    const missing = join(folder, segmentName(index + 1))
    throw new LogError(
      'damaged',
      `${missing}: this part of the log is missing, later ones are there. ${REMEDY}`,
    )
  }
  return numbers
}

interface Progress {
  readonly isLast: boolean
  readonly recovered: RecoveredLog
}

async function* recoverSegment(
  log: LogFolder,
  number: number,
  { isLast, recovered }: Progress,
): AsyncGenerator<LoggedRecord[], RecoveredLog> {
  const path = join(log.folder, segmentName(number))
  const file = await log.files.open(path, 'read')
  try {
    const bytes = await file.size()
    const header = await readHeader(path, file)
    if (header === null) {
      // The header is synced before the first group is written: no group was ever here.
      if (!isLast || bytes > SEGMENT_HEADER_BYTES)
        throw damagedError(path, 0, 'the header of a segment is not readable')
      return { ...recovered, tornTail: { file: path, offset: 0, bytes } }
    }
    checkHeader(log, path, { header, number, firstSequence: recovered.lastSequence + 1 })
    const end = yield* readSegment({ path, file, bytes, header, isLast })
    return grown(recovered, { path, bytes, header, end })
  } finally {
    await file.close()
  }
}

interface ReadSegment {
  readonly path: string
  readonly bytes: number
  readonly header: SegmentHeader
  readonly end: SegmentEnd
}

function grown(recovered: RecoveredLog, { path, bytes, header, end }: ReadSegment): RecoveredLog {
  return {
    lastSequence: end.lastSequence,
    lastSegment: { header, bytes: end.offset },
    bytesUsed: recovered.bytesUsed + end.offset,
    tornTail:
      end.offset < bytes ? { file: path, offset: end.offset, bytes: bytes - end.offset } : null,
  }
}

async function readHeader(path: string, file: OpenFile): Promise<SegmentHeader | null> {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  const read = readSegmentHeader(bytes.subarray(0, await file.read(bytes, 0)))
  switch (read.kind) {
    case 'header':
      return read.header
    case 'bad':
      return null
    case 'newerFormat':
      throw new LogError(
        'newerFormat',
        `${path}: written in log format ${read.version}, this program knows up to ${LOG_FORMAT_VERSION}; start a newer one.`,
      )
  }
}

interface ExpectedHeader {
  readonly header: SegmentHeader
  readonly number: number
  readonly firstSequence: number
}

function checkHeader(
  log: LogFolder,
  path: string,
  { header, number, firstSequence }: ExpectedHeader,
): void {
  if (header.networkId !== log.networkId) {
    throw new LogError(
      'otherNetwork',
      `${log.folder}: this data folder belongs to network ${header.networkId}, not to ${log.networkId}; give each testnet a folder of its own.`,
    )
  }
  if (header.number !== number)
    throw damagedError(path, 12, `segment ${header.number} stands under this name`)
  if (header.firstSequence !== firstSequence) {
    throw damagedError(
      path,
      48,
      `the segment starts with group ${header.firstSequence}, not ${firstSequence}`,
    )
  }
}

async function checkShutdownMark(log: LogFolder, recovered: RecoveredLog): Promise<void> {
  const mark = await readShutdownMark(log.files, log.folder)
  if (mark === null) return
  const { lastSegment, lastSequence, tornTail } = recovered
  const isWhole =
    tornTail === null &&
    mark.networkId === log.networkId &&
    mark.lastSequence === lastSequence &&
    mark.lastSegment === (lastSegment?.header.number ?? 0) &&
    mark.lastSegmentBytes === (lastSegment?.bytes ?? 0)
  if (isWhole) return
  throw new LogError(
    'damaged',
    `${log.folder}: the log was closed in order after group ${mark.lastSequence} (segment ${mark.lastSegment}, ${mark.lastSegmentBytes} bytes), but its good part ends with group ${lastSequence}. ${REMEDY}`,
  )
}

async function cutTornTail(
  { files, folder }: LogFolder,
  { tornTail }: RecoveredLog,
): Promise<void> {
  if (tornTail === null) return
  if (tornTail.offset === 0) {
    await files.remove(tornTail.file)
    await files.syncFolder(folder)
    return
  }
  const file = await files.open(tornTail.file, 'write')
  try {
    await file.truncate(tornTail.offset)
    await file.sync()
  } finally {
    await file.close()
  }
}
