import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type DebianPackage, debianPackages } from './debian-package.ts'
import { readElf } from './elf-file.ts'
import { type Library, libraryAt } from './library.ts'
import type { Platform } from './platform.ts'

/** glibc with its loader, and what every program in C++ needs: all that Node and the add-ons ask for. */
const PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6'] as const

/** The libraries that the loader of another platform would take for these programs, each where it looks for it. */
export function debianLibraries(
  programs: readonly string[],
  platform: Platform,
): readonly Library[] {
  const packages = debianPackages(PACKAGES, platform)
  const found = new Map<string, Library>()
  const visit = (who: string, bytes: Buffer): void => {
    const { needed, interpreter } = readElf(bytes)
    // The loader's own path is written into programs: it has to be there under that very name.
    const loader = interpreter === null ? [] : [interpreter.slice(1)]
    for (const path of [...needed.map((name) => join(platform.libraryFolder, name)), ...loader]) {
      if (found.has(path)) continue
      const library = libraryFrom(packages, path, platform)
      if (library === null)
        throw new Error(`${who} needs ${path}, which is in none of ${PACKAGES.join(', ')}`)
      found.set(path, libraryAt(path, library.bytes, library.source))
      visit(path, library.bytes)
    }
  }
  for (const program of programs) visit(program, readFileSync(program))
  return [...found.values()]
}

function libraryFrom(
  packages: readonly DebianPackage[],
  path: string,
  { libraryFolder }: Platform,
) {
  const place = join(libraryFolder, basename(path))
  for (const { folder, source } of packages) {
    // Older releases have them in /lib, which is the same folder on a machine: a link to /usr/lib.
    for (const candidate of [place, place.replace(/^usr\//, '')]) {
      const file = join(folder, candidate)
      if (existsSync(file)) return { bytes: readFileSync(file), source }
    }
  }
  return null
}
