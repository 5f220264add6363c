import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from './problems.ts'

/**
 * Writes a file so that after a crash either the old or the whole new content is there: new name, fsync, rename, fsync of
 * the folder. The folder is made when it is missing.
 */
export async function writeFileDurably(
  file: string,
  bytes: Uint8Array,
  mode = 0o644,
): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true })
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.new`
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Text of a file that a person named.
 * @throws ConfigError when there is no such file, or it may not be read.
 */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const got = error instanceof Error && 'code' in error ? String(error.code) : 'an error'
    throw new ConfigError(file, [{ path: '', expected: 'a readable file', got }], { cause: error })
  }
}
