import { execFileSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type DebianSource, type Library, libraryAt } from './library.ts'

/**
 * The libraries that the loader would take on this machine, each where the loader looks for it. Of the symbols they ask
 * of glibc none is newer than 2.28, so any Debian since 10 serves; the loader here has just proved that this one does.
 */
export function machineLibraries(programs: readonly string[]): readonly Library[] {
  // Node and each add-on name their libraries, mostly the same ones.
  return [...new Set(programs.flatMap(pathsOf))].flatMap((path) => {
    const place = realFolder(path)
    const bytes = readFileSync(path)
    const source = debianSource(place)
    const library = libraryAt(place.slice(1), bytes, source)
    // The loader's own path is written into programs: it has to be there under that very name.
    const isLoader = path !== place && path.includes('ld-linux')
    return isLoader ? [library, libraryAt(path.slice(1), bytes, source)] : [library]
  })
}

function pathsOf(program: string): readonly string[] {
  const told = execFileSync('ldd', [program], { encoding: 'utf8' })
  if (told.includes('not found'))
    throw new Error(`${program} does not find its libraries on this machine:\n${told}`)
  return [...told.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map((match) => match[1] ?? '')
}

/** Debian keeps /lib as a link to /usr/lib. The name of the file stays: it is the one that is asked for. */
function realFolder(path: string): string {
  return join(realpathSync(dirname(path)), path.slice(path.lastIndexOf('/') + 1))
}

/** Where there is no Debian, the hash of a library has to do. */
function debianSource(path: string): DebianSource | null {
  for (const place of [path, path.replace(/^\/usr\/lib/, '/lib')]) {
    try {
      const [owner = ''] = run('dpkg-query', ['--search', place]).split(':')
      const format = '--showformat=${source:Package} ${source:Version}'
      const [name = '', version = ''] = run('dpkg-query', ['--show', format, owner]).split(' ')
      return { name, version }
    } catch {
      // Another name of the same file, or no Debian.
    }
  }
  return null
}

function run(program: string, words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}
