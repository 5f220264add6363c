import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../run.ts'

/** What the lock knows of one package. */
export interface LockEntry {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Packages by their places, such as `node_modules/zod`. */
export type Lock = Readonly<Record<string, LockEntry>>

export function readLock(): Lock {
  const text = readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')
  return (JSON.parse(text) as { readonly packages: Lock }).packages
}

/** The name in a place of the lock. */
export function packageNameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
