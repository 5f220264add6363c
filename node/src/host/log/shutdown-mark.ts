import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import {
  encodeShutdownMark,
  SHUTDOWN_MARK_BYTES,
  SHUTDOWN_MARK_NAME,
  SHUTDOWN_MARK_TEMPORARY_NAME,
  type ShutdownMark,
} from '../../core/log/shutdown-mark.ts'
import type { FilePort } from './file-port.ts'

/** Writes the mark so that it is there whole or not at all. */
export async function writeShutdownMark(
  files: FilePort,
  folder: string,
  mark: ShutdownMark,
): Promise<void> {
  await removeIfThere(files, folder, SHUTDOWN_MARK_TEMPORARY_NAME)
  const temporary = join(folder, SHUTDOWN_MARK_TEMPORARY_NAME)
  const file = await files.open(temporary, 'create')
  try {
    await file.write([encodeShutdownMark(mark, crc32)], 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(temporary, join(folder, SHUTDOWN_MARK_NAME))
  await files.syncFolder(folder)
}

/** Content of the mark's file, one byte more than a mark at most; null when there is none. */
export async function readMarkBytes(files: FilePort, folder: string): Promise<Uint8Array | null> {
  if (!(await files.list(folder)).includes(SHUTDOWN_MARK_NAME)) return null
  const file = await files.open(join(folder, SHUTDOWN_MARK_NAME), 'read')
  try {
    const bytes = new Uint8Array(SHUTDOWN_MARK_BYTES + 1)
    return bytes.subarray(0, await file.read(bytes, 0))
  } finally {
    await file.close()
  }
}

/** Takes the mark away, durably, before anything new is written. */
export async function removeShutdownMark(files: FilePort, folder: string): Promise<void> {
  const isRemoved = await removeIfThere(files, folder, SHUTDOWN_MARK_NAME)
  if (isRemoved) await files.syncFolder(folder)
}

async function removeIfThere(files: FilePort, folder: string, name: string): Promise<boolean> {
  if (!(await files.list(folder)).includes(name)) return false
  await files.remove(join(folder, name))
  return true
}
