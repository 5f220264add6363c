import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { segmentName } from '../../core/log/format.ts'
import {
  repairsOf,
  scanLog,
  segmentNumbersOf,
  type LogRepair,
  type RecoveredLog,
  type ScanContext,
} from '../../core/log/scan-log.ts'
import type { LoggedRecord, Scan } from '../../core/log/scan-segment.ts'
import { must } from '../../core/errors.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { FilePort, OpenFile } from './file-port.ts'
import { ReadWindow } from './read-window.ts'
import { readMarkBytes, removeShutdownMark } from './shutdown-mark.ts'

/** A log's folder. */
export interface LogFolder {
  readonly files: FilePort
  readonly folder: string
  readonly networkId: Hash
}

interface SegmentFile {
  readonly number: number
  readonly file: OpenFile
  readonly bytes: number
}

/**
 * Reads the whole log and hands out its records, group by group; then cuts off a torn tail, durably. What is torn and what is
 * damage, `scanLog` decides; this does the reading.
 * @throws LogError `damaged`, `otherNetwork`, `newerFormat`.
 */
export async function* recoverLog(
  log: LogFolder,
): AsyncGenerator<readonly LoggedRecord[], RecoveredLog> {
  const context: ScanContext = {
    folder: log.folder,
    networkId: log.networkId,
    pathOf: (name) => join(log.folder, name),
    checksum: crc32,
  }
  const segments: SegmentFile[] = []
  try {
    for (const number of segmentNumbersOf(await log.files.list(log.folder), context)) {
      const file = await log.files.open(context.pathOf(segmentName(number)), 'read')
      segments.push({ number, file, bytes: await sizeOrClose(file) })
    }
    const mark = await readMarkBytes(log.files, log.folder)
    const recovered = yield* readAll(scanLog(context, segments, mark), segments)
    await repair(log, repairsOf(recovered))
    await removeShutdownMark(log.files, log.folder)
    return recovered
  } finally {
    for (const { file } of segments) await file.close()
  }
}

/** A file that was opened here and cannot be measured is nobody else's to close. */
async function sizeOrClose(file: OpenFile): Promise<number> {
  try {
    return await file.size()
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Answers what the scan asks for, from one window that moves through the segments. */
async function* readAll(
  scan: Scan<RecoveredLog>,
  segments: readonly SegmentFile[],
): AsyncGenerator<readonly LoggedRecord[], RecoveredLog> {
  let window: ReadWindow | null = null
  let windowSegment = 0
  let answer: Uint8Array = new Uint8Array(0)
  for (let step = scan.next(answer); ; step = scan.next(answer)) {
    if (step.done === true) return step.value
    if (step.value.kind === 'records') {
      yield step.value.records
      continue
    }
    const { segment, offset, length } = step.value
    if (window === null || segment !== windowSegment) {
      const { file, bytes } = must(segments[segment - 1], 'a scan reads segments that are there')
      window = new ReadWindow(file, bytes)
      windowSegment = segment
    }
    answer = window.held(offset, length) ?? (await window.load(offset, length))
  }
}

async function repair({ files, folder }: LogFolder, repairs: readonly LogRepair[]): Promise<void> {
  for (const one of repairs) {
    const path = join(folder, segmentName(one.segment))
    if (one.kind === 'remove') await files.remove(path)
    else await changeDurably(files, path, one.kind === 'truncate' ? one.length : null)
    await files.syncFolder(folder)
  }
}

async function changeDurably(files: FilePort, path: string, length: number | null): Promise<void> {
  const file = await files.open(path, 'write')
  try {
    if (length !== null) await file.truncate(length)
    await file.sync()
  } finally {
    await file.close()
  }
}
