import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { projectRoot } from '../run.ts'
import { APPLICATION_FOLDER } from './application-folder.ts'
import { bundles, UNBUNDLED } from './bundle.ts'
import type { ImageFile } from './image-file.ts'

/** Nothing that only a compiler or a reader needs. Licences stay. */
const UNUSED_FILE =
  /\.(?:d\.[cm]?ts|map|md|markdown|cc|gyp|flow)$|^\.|^(?:tsconfig|\.eslintrc).*\.json$/
const UNUSED_FOLDER: ReadonlySet<string> = new Set(['test', 'tests', '.github', 'docs', 'examples'])

interface LockEntry {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** What the project itself brings into an image. */
export interface Application {
  readonly files: readonly ImageFile[]
  /** Packages of others in these files, by their places in the lock. */
  readonly packages: readonly string[]
}

/** The programs that a pod runs, and the packages that stay packages, on Linux with glibc on x64. */
export async function application(): Promise<Application> {
  const bundled = await bundles(APPLICATION_FOLDER)
  const folders = packageFolders()
  const files = [
    ...bundled.files,
    ...filesBelow('package.json'),
    ...filesBelow('LICENSE'),
    ...filesBelow(join('native', 'kernel.wasm')),
    ...filesBelow(join('node', 'src', 'host', 'live'), (path) => !path.endsWith('.ts')),
    ...folders.flatMap((folder) => filesBelow(folder, isNeeded)),
  ]
  return { files, packages: [...new Set([...bundled.packages, ...folders])].sort() }
}

/** Add-ons among the files: what they need of the system belongs into the image as well. */
export function addOnsAmong(files: readonly ImageFile[]): readonly string[] {
  return files.flatMap((file) =>
    file.kind === 'file' && file.path.endsWith('.node') && 'from' in file.content
      ? [file.content.from]
      : [],
  )
}

/** Folders of the unbundled packages and of all that these need, found in the lock as Node would find them. */
function packageFolders(): readonly string[] {
  const text = readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')
  const { packages } = JSON.parse(text) as {
    readonly packages: Readonly<Record<string, LockEntry>>
  }
  const found = new Set<string>()
  const visit = (place: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = packages[place] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const target = placeOf(name, place, packages)
      if (target === null || found.has(target) || !isInstalled(target)) continue
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
function placeOf(
  name: string,
  place: string,
  packages: Readonly<Record<string, LockEntry>>,
): string | null {
  for (let folder = place; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[candidate] !== undefined) return candidate
    if (folder === '') return null
  }
}

/** Optional packages of other platforms are in the lock and not on the disk. */
function isInstalled(place: string): boolean {
  return lstatSync(join(projectRoot, place), { throwIfNoEntry: false }) !== undefined
}

function isNeeded(path: string): boolean {
  const parts = path.slice(path.lastIndexOf('node_modules/')).split('/')
  const name = parts.at(-1) ?? ''
  if (UNUSED_FILE.test(name)) return false
  if (parts.slice(2, -1).some((part) => UNUSED_FOLDER.has(part))) return false
  const isClassicLevel = parts[1] === 'classic-level'
  if (isClassicLevel && parts[2] === 'deps') return false
  if (!path.includes('/prebuilds/')) return true
  return path.includes('/linux-x64/') && !name.includes('musl')
}

function filesBelow(place: string, isWanted = (_path: string) => true): readonly ImageFile[] {
  const from = join(projectRoot, place)
  const stat = lstatSync(from)
  if (stat.isDirectory()) {
    return readdirSync(from)
      .filter((name) => name !== 'node_modules')
      .flatMap((name) => filesBelow(join(place, name), isWanted))
  }
  const path = relative(projectRoot, from).replaceAll('\\', '/')
  if (!stat.isFile() || !isWanted(path)) return []
  // Modes of a clone depend on the user's umask; nothing of ours is started but by Node.
  return [{ kind: 'file', path: `${APPLICATION_FOLDER}/${path}`, mode: 0o644, content: { from } }]
}
