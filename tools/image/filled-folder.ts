import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/** A folder that is there with all that `fill` puts into it, or not at all, whoever else fills it at the same time. */
export function filledOnce(folder: string, fill: (folder: string) => void): string {
  if (existsSync(folder)) return folder
  const own = `${folder}.${process.pid}`
  mkdirSync(dirname(folder), { recursive: true })
  rmSync(own, { recursive: true, force: true })
  mkdirSync(own)
  try {
    fill(own)
    renameSync(own, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
  return folder
}
