import { posix } from 'node:path'
import type { SourceFile } from './source-file.ts'

const importPattern =
  /\b(?:from|import|require)\s*\(?\s*['"]([^'"\n]+)['"]|new URL\(\s*['"]([^'"\n]+\.ts)['"]/g

/** What a source names: imports, re-exports, dynamic imports, and workers started by `new URL(…)`. */
export function importsOf(file: SourceFile): readonly string[] {
  return [...withoutComments(file.text).matchAll(importPattern)].map(
    ([, imported, started]) => imported ?? started ?? '',
  )
}

/** The file that a relative import leads to, from the project's root; undefined for a package. */
export function resolveRelative(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.normalize(posix.join(posix.dirname(path), specifier))
}

/** Block and line comments gone; a `//` inside a string survives because it follows a colon or a quote. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}])\/\/.*$/gm, '$1')
}
