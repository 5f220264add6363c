import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LocalPlace } from '@shardnet/operator/local'

/** Folder of the clone. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** npm starts us in the clone; what people type is relative to where they typed it. */
export function resolveTyped(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path)
}

/** Where testnets of this machine lie; `SHARDNET_HOME` chooses another folder. */
export function localPlace(): LocalPlace {
  const home = process.env['SHARDNET_HOME']
  return {
    home: home === undefined ? join(PROJECT_ROOT, '.shardnet') : resolveTyped(home),
    cacheFolder: join(PROJECT_ROOT, '.cache', 'accounts'),
    program:
      process.env['SHARDNET_VALIDATOR'] ??
      fileURLToPath(import.meta.resolve('@shardnet/node/main')),
  }
}

/** Folder of all reports. */
export function reportsHome(): string {
  return join(PROJECT_ROOT, 'reports')
}

/** Version of this clone, as its package says. */
export function softwareVersion(): string {
  const text: unknown = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'))
  const version: unknown =
    typeof text === 'object' && text !== null ? Reflect.get(text, 'version') : undefined
  return typeof version === 'string' ? version : 'unknown'
}
