import { statfsSync } from 'node:fs'

/** Bytes that the file system of a folder still takes from us; 0 when it cannot say. */
export function diskRoomBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    // A volume that is gone takes nothing; the log says so itself at its next write.
    return 0
  }
}
