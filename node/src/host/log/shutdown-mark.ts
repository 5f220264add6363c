import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { bytesOfHash, hashOfBytes, type Hash } from '../../core/primitives/hash.ts'
import type { FilePort } from './file-port.ts'
import { LOG_FORMAT_VERSION } from './format.ts'
import { LogError, REMEDY } from './log-error.ts'

const MARK_BYTES = 68
const MARK_MAGIC = Buffer.from('shardend', 'latin1')
const MARK_NAME = 'closed'
const TEMPORARY_NAME = 'closed.new'

/** Where a log ended when its process ended in an orderly way: without it, a cut tail looks like a torn one. */
export interface ShutdownMark {
  readonly networkId: Hash
  readonly lastSegment: number
  readonly lastSegmentBytes: number
  readonly lastSequence: number
}

/** Writes the mark so that it is there whole or not at all. */
export async function writeShutdownMark(
  files: FilePort,
  folder: string,
  mark: ShutdownMark,
): Promise<void> {
  await removeIfThere(files, folder, TEMPORARY_NAME)
  const temporary = join(folder, TEMPORARY_NAME)
  const file = await files.open(temporary, 'create')
  try {
    await file.write([encodeMark(mark)], 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(temporary, join(folder, MARK_NAME))
  await files.syncFolder(folder)
}

/**
 * The mark of the last orderly end, or null.
 * @throws LogError `damaged` when it is there but not readable.
 */
export async function readShutdownMark(
  files: FilePort,
  folder: string,
): Promise<ShutdownMark | null> {
  if (!(await files.list(folder)).includes(MARK_NAME)) return null
  const path = join(folder, MARK_NAME)
  const file = await files.open(path, 'read')
  try {
    const bytes = Buffer.alloc(MARK_BYTES + 1)
    const length = await file.read(bytes, 0)
    const mark = length === MARK_BYTES ? decodeMark(bytes.subarray(0, MARK_BYTES)) : null
    if (mark === null)
      throw new LogError(
        'damaged',
        `${path}: the mark of an orderly end is not readable. ${REMEDY}`,
      )
    return mark
  } finally {
    await file.close()
  }
}

/** Takes the mark away, durably, before anything new is written. */
export async function removeShutdownMark(files: FilePort, folder: string): Promise<void> {
  const isRemoved = await removeIfThere(files, folder, MARK_NAME)
  if (isRemoved) await files.syncFolder(folder)
}

async function removeIfThere(files: FilePort, folder: string, name: string): Promise<boolean> {
  if (!(await files.list(folder)).includes(name)) return false
  await files.remove(join(folder, name))
  return true
}

function encodeMark(mark: ShutdownMark): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES)
  MARK_MAGIC.copy(bytes)
  bytes.writeUInt32BE(LOG_FORMAT_VERSION, 8)
  bytes.set(bytesOfHash(mark.networkId), 12)
  bytes.writeUInt32BE(mark.lastSegment, 44)
  bytes.writeBigUInt64BE(BigInt(mark.lastSegmentBytes), 48)
  bytes.writeBigUInt64BE(BigInt(mark.lastSequence), 56)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 64)), 64)
  return bytes
}

function decodeMark(bytes: Buffer): ShutdownMark | null {
  const isOurs =
    bytes.subarray(0, 8).equals(MARK_MAGIC) && bytes.readUInt32BE(8) === LOG_FORMAT_VERSION
  if (!isOurs || bytes.readUInt32BE(64) !== crc32(bytes.subarray(0, 64))) return null
  return {
    networkId: hashOfBytes(bytes.subarray(12, 44)),
    lastSegment: bytes.readUInt32BE(44),
    lastSegmentBytes: Number(bytes.readBigUInt64BE(48)),
    lastSequence: Number(bytes.readBigUInt64BE(56)),
  }
}
