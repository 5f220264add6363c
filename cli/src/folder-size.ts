import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes of all files below a folder; 0 when there is none. Files that go meanwhile do not count. */
export function folderBytes(folder: string): number {
  let total = 0
  for (const name of entriesOf(folder)) {
    const path = join(folder, name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) continue
    total += stat.isDirectory() ? folderBytes(path) : stat.size
  }
  return total
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
