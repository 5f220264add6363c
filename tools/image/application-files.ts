import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../run.ts'
import { APPLICATION_FOLDER } from './application-folder.ts'
import { type Bundles, bundles, UNBUNDLED } from './bundle.ts'
import type { ImageFile } from './image-file.ts'
import { type Lock, type LockEntry, readLock } from './lock.ts'
import { packageFolder } from './npm-package.ts'
import type { Platform } from './platform.ts'

/** Nothing that only a compiler or a reader needs. Licences stay. */
const UNUSED_FILE =
  /\.(?:d\.[cm]?ts|map|md|markdown|cc|gyp|flow)$|^\.|^(?:tsconfig|\.eslintrc).*\.json$/
const UNUSED_FOLDER: ReadonlySet<string> = new Set(['test', 'tests', '.github', 'docs', 'examples'])

/** What the project itself brings into an image. */
export interface Application {
  readonly files: readonly ImageFile[]
  /** Packages of others in these files, by their places in the lock. */
  readonly packages: readonly string[]
}

/** The same for every platform: bundled once. */
let programs: Promise<Bundles> | undefined

/** The programs that a pod runs, and the packages that stay packages, on Linux with glibc. */
export async function application(platform: Platform): Promise<Application> {
  programs ??= bundles(APPLICATION_FOLDER)
  const bundled = await programs
  const lock = readLock()
  const places = packagePlaces(lock, platform)
  const isWanted = (path: string) => isNeeded(path, platform)
  const files = [
    ...bundled.files,
    ...ownFiles('package.json'),
    ...ownFiles('LICENSE'),
    ...ownFiles('native/kernel.wasm'),
    ...ownFiles('node/src/host/live', (path) => !path.endsWith('.ts')),
    ...places.flatMap((place) =>
      filesBelow(packageFolder(place, lock[place] ?? {}), place, isWanted),
    ),
  ]
  return { files, packages: [...new Set([...bundled.packages, ...places])].sort() }
}

/** Add-ons among the files: what they need of the system belongs into the image as well. */
export function addOnsAmong(files: readonly ImageFile[]): readonly string[] {
  return files.flatMap((file) =>
    file.kind === 'file' && file.path.endsWith('.node') && 'from' in file.content
      ? [file.content.from]
      : [],
  )
}

/** Places of the unbundled packages and of all that these need, found in the lock as Node would find them. */
function packagePlaces(lock: Lock, platform: Platform): readonly string[] {
  const found = new Set<string>()
  const visit = (place: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = lock[place] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const target = placeOf(name, place, lock)
      if (target === null || found.has(target) || !isFor(platform, lock[target])) continue
      found.add(target)
      visit(target)
    }
  }
  for (const name of UNBUNDLED) {
    found.add(`node_modules/${name}`)
    visit(`node_modules/${name}`)
  }
  return [...found]
}

/** The package of that name that a file in `place` would get: the nearest one on the way to the root. */
function placeOf(name: string, place: string, lock: Lock): string | null {
  for (let folder = place; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (lock[candidate] !== undefined) return candidate
    if (folder === '') return null
  }
}

/** Add-ons are in packages of their own for each platform. */
function isFor({ nodeArchitecture }: Platform, { os, cpu, libc }: LockEntry = {}): boolean {
  const isAmong = (words: readonly string[] | undefined, word: string) =>
    words === undefined || words.includes(word)
  return isAmong(os, 'linux') && isAmong(cpu, nodeArchitecture) && isAmong(libc, 'glibc')
}

function isNeeded(path: string, { nodeArchitecture }: Platform): boolean {
  const parts = path.slice(path.lastIndexOf('node_modules/')).split('/')
  const name = parts.at(-1) ?? ''
  if (UNUSED_FILE.test(name)) return false
  if (parts.slice(2, -1).some((part) => UNUSED_FOLDER.has(part))) return false
  const isClassicLevel = parts[1] === 'classic-level'
  if (isClassicLevel && parts[2] === 'deps') return false
  if (!path.includes('/prebuilds/')) return true
  return path.includes(`/linux-${nodeArchitecture}/`) && !name.includes('musl')
}

function ownFiles(place: string, isWanted?: (path: string) => boolean): readonly ImageFile[] {
  return filesBelow(join(projectRoot, place), place, isWanted)
}

/** @param place where it lies in a clone, and so in the image. */
function filesBelow(
  from: string,
  place: string,
  isWanted = (_path: string) => true,
): readonly ImageFile[] {
  const stat = lstatSync(from)
  if (stat.isDirectory()) {
    return readdirSync(from)
      .filter((name) => name !== 'node_modules')
      .flatMap((name) => filesBelow(join(from, name), `${place}/${name}`, isWanted))
  }
  if (!stat.isFile() || !isWanted(place)) return []
  // Modes of a clone depend on the user's umask; nothing of ours is started but by Node.
  return [{ kind: 'file', path: `${APPLICATION_FOLDER}/${place}`, mode: 0o644, content: { from } }]
}
