import type { Hash } from '../primitives/hash.ts'
import {
  LOG_FORMAT_VERSION,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentName,
  segmentNumberOf,
  type Checksum,
  type SegmentHeader,
} from './format.ts'
import { damagedError, LogError, REMEDY } from './log-error.ts'
import { scanSegment, type Scan, type SegmentEnd } from './scan-segment.ts'
import { decodeShutdownMark, SHUTDOWN_MARK_NAME } from './shutdown-mark.ts'

/** What the scan of a folder needs to know beside its bytes. */
export interface ScanContext {
  readonly folder: string
  /** Path of a file of the folder, for messages. */
  pathOf(name: string): string
  readonly networkId: Hash
  readonly checksum: Checksum
}

/** A segment's file. */
export interface SegmentPlace {
  readonly number: number
  readonly bytes: number
}

/** A write that a crash cut off: nobody was told that it is durable. */
export interface TornTail {
  readonly segment: number
  readonly offset: number
  readonly bytes: number
}

/** The last segment, ready for more. */
export interface OpenSegment {
  readonly header: SegmentHeader
  readonly bytes: number
}

/** What a folder holds, all checked; whoever drives the scan then makes its repairs (`repairsOf`). */
export interface RecoveredLog {
  readonly lastSequence: number
  /** Null in a fresh folder. */
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

/** What has to be done to the files, durably and in order, before anything is written or told to anybody. */
export type LogRepair =
  /** The file goes: nothing but a half-written header was in it. */
  | { readonly kind: 'remove'; readonly segment: number }
  | { readonly kind: 'truncate'; readonly segment: number; readonly length: number }
  | { readonly kind: 'sync'; readonly segment: number }

/**
 * The repairs that a scanned folder needs. The last segment is synced even when it is whole: a killed process leaves groups that
 * only the page cache has, and what is read from there and told to others would be forgotten at the next power cut.
 */
export function repairsOf({ tornTail, lastSegment }: RecoveredLog): LogRepair[] {
  const repairs: LogRepair[] = []
  if (tornTail !== null) {
    const { segment, offset } = tornTail
    repairs.push(
      offset === 0 ? { kind: 'remove', segment } : { kind: 'truncate', segment, length: offset },
    )
  }
  if (lastSegment !== null) repairs.push({ kind: 'sync', segment: lastSegment.header.number })
  return repairs
}

/**
 * Numbers of the segments among the names of a folder, ascending.
 * @throws LogError `damaged` when one in the middle is missing.
 */
export function segmentNumbersOf(
  names: readonly string[],
  context: Pick<ScanContext, 'pathOf'>,
): number[] {
  const numbers = names.flatMap((name) => segmentNumberOf(name) ?? []).toSorted((a, b) => a - b)
  for (const [index, number] of numbers.entries()) {
    if (number === index + 1) continue
    const missing = context.pathOf(segmentName(index + 1))
    throw new LogError(
      'damaged',
      `${missing}: this part of the log is missing, later ones are there. ${REMEDY}`,
    )
  }
  return numbers
}

/**
 * Reads the whole log and hands out its records, group by group. `mark` is the content of the shutdown mark's file, null without one.
 * @throws LogError `damaged`, `otherNetwork`, `newerFormat`.
 */
export function* scanLog(
  context: ScanContext,
  segments: readonly SegmentPlace[],
  mark: Uint8Array | null,
): Scan<RecoveredLog> {
  let recovered = NOTHING_RECOVERED
  for (const segment of segments) {
    const isLast = segment.number === segments.length
    recovered = yield* scanPlace(context, segment, { isLast, recovered })
  }
  if (mark !== null) checkShutdownMark(context, recovered, mark)
  return recovered
}

interface Progress {
  readonly isLast: boolean
  readonly recovered: RecoveredLog
}

function* scanPlace(
  context: ScanContext,
  { number, bytes }: SegmentPlace,
  { isLast, recovered }: Progress,
): Scan<RecoveredLog> {
  const path = context.pathOf(segmentName(number))
  const front = yield { kind: 'read', segment: number, offset: 0, length: SEGMENT_HEADER_BYTES }
  const header = headerOf(context, path, front)
  if (header === null) {
    // The header is synced before the first group is written: no group was ever here.
    if (!isLast || bytes > SEGMENT_HEADER_BYTES)
      throw damagedError(path, 0, 'the header of a segment is not readable')
    return { ...recovered, tornTail: { segment: number, offset: 0, bytes } }
  }
  checkHeader(context, path, { header, number, firstSequence: recovered.lastSequence + 1 })
  const { checksum } = context
  const end = yield* scanSegment({ path, bytes, header, isLast, checksum })
  return grown(recovered, { bytes, header, end })
}

interface ReadSegment {
  readonly bytes: number
  readonly header: SegmentHeader
  readonly end: SegmentEnd
}

function grown(recovered: RecoveredLog, { bytes, header, end }: ReadSegment): RecoveredLog {
  const isTorn = end.offset < bytes
  const tail = { segment: header.number, offset: end.offset, bytes: bytes - end.offset }
  return {
    lastSequence: end.lastSequence,
    lastSegment: { header, bytes: end.offset },
    bytesUsed: recovered.bytesUsed + end.offset,
    tornTail: isTorn ? tail : null,
  }
}

function headerOf(
  { checksum }: ScanContext,
  path: string,
  front: Uint8Array,
): SegmentHeader | null {
  const read = readSegmentHeader(front, checksum)
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
  context: ScanContext,
  path: string,
  { header, number, firstSequence }: ExpectedHeader,
): void {
  if (header.networkId !== context.networkId) {
    throw new LogError(
      'otherNetwork',
      `${context.folder}: this data folder belongs to network ${header.networkId}, not to ${context.networkId}; give each testnet a folder of its own.`,
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

function checkShutdownMark(context: ScanContext, recovered: RecoveredLog, bytes: Uint8Array): void {
  const mark = decodeShutdownMark(bytes, context.checksum)
  if (mark === null) {
    const path = context.pathOf(SHUTDOWN_MARK_NAME)
    throw new LogError('damaged', `${path}: the mark of an orderly end is not readable. ${REMEDY}`)
  }
  const { lastSegment, lastSequence, tornTail } = recovered
  const isWhole =
    tornTail === null &&
    mark.networkId === context.networkId &&
    mark.lastSequence === lastSequence &&
    mark.lastSegment === (lastSegment?.header.number ?? 0) &&
    mark.lastSegmentBytes === (lastSegment?.bytes ?? 0)
  if (isWhole) return
  throw new LogError(
    'damaged',
    `${context.folder}: the log was closed in order after group ${mark.lastSequence} (segment ${mark.lastSegment}, ${mark.lastSegmentBytes} bytes), but its good part ends with group ${lastSequence}. ${REMEDY}`,
  )
}
