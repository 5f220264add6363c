import { readFileSync } from 'node:fs'
import { InputError } from './input-error.ts'
import { resolveTyped } from './place.ts'

const UNREADABLE: ReadonlySet<unknown> = new Set(['ENOENT', 'EISDIR', 'EACCES', 'ENOTDIR'])

/**
 * Text of a file that somebody named, in `name`.
 * @throws {InputError} when it cannot be read.
 */
export function readTyped(file: string, name = 'FILE'): string {
  try {
    return readFileSync(resolveTyped(file), 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && UNREADABLE.has(error.code))) throw error
    throw new InputError([`${name}: expected a readable file, got ${JSON.stringify(file)}`])
  }
}
