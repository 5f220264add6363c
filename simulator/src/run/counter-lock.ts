import { mkdirSync, rmdirSync } from 'node:fs'
import { lockFolder } from '@shardnet/node/folder-lock'
import { InputError } from './input-error.ts'

/**
 * Runs while no other process counts in the file: two would each write what the other one did not know of. The lock of a process that was
 * killed is taken over, as that of a validator's folder is.
 * @throws InputError when another process counts in it.
 */
export async function whileCountingAlone<T>(
  file: string | null,
  run: () => Promise<T>,
): Promise<T> {
  if (file === null) return run()
  const folder = `${file}.lock`
  const unlock = await lockOf(folder, file)
  try {
    return await run()
  } finally {
    await unlock()
    removeIfFree(folder)
  }
}

async function lockOf(folder: string, file: string): Promise<() => Promise<void>> {
  for (;;) {
    mkdirSync(folder, { recursive: true })
    try {
      return await lockFolder(folder)
    } catch (error) {
      const code = codeOf(error)
      // Whoever ended just now took the folder away.
      if (code === 'ENOENT') continue
      if (code !== 'locked') throw error
      throw new InputError([
        `${file}: another run is counting in this file; wait for its end, or give --resume another file`,
      ])
    }
  }
}

function removeIfFree(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'ENOENT') throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
