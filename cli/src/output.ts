import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { resolveTyped } from './place.ts'

/** Writes JSON where `--json` says: a file, or `-` for standard output. */
export function writeJson(target: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`
  if (target === '-') {
    process.stdout.write(text)
    return
  }
  const file = resolveTyped(target)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Where words for people go: standard output, unless that is taken by `--json -`. */
export function peopleStream(json: string | undefined): NodeJS.WriteStream {
  return json === '-' ? process.stderr : process.stdout
}
