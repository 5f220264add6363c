import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { userCacheFolder } from '../user-cache-folder.ts'
import { projectRoot } from '../run.ts'
import { filledOnce } from './filled-folder.ts'
import { ImageError } from './image-error.ts'
import { type LockEntry, packageNameOf } from './lock.ts'

/**
 * The folder of a package of the lock: where npm put it, or, when it is for another platform than this machine's, the
 * user's cache, into which npm fetches it.
 * @param place such as `node_modules/zod`.
 */
export function packageFolder(place: string, { version, integrity }: LockEntry): string {
  const installed = join(projectRoot, place)
  if (existsSync(join(installed, 'package.json'))) return installed
  if (version === undefined || integrity === undefined)
    throw new Error(`${place} is not installed, and the lock does not say what it has to be`)
  const name = packageNameOf(place)
  const folder = `${name.replace('/', '+')}-${version}`
  return filledOnce(join(userCacheFolder(), 'image', 'packages', folder), (own) =>
    fetchPackage(`${name}@${version}`, integrity, own),
  )
}

function fetchPackage(name: string, integrity: string, folder: string): void {
  process.stderr.write(`Fetching ${name} (once)…\n`)
  const place = mkdtempSync(join(tmpdir(), 'shardnet-package-'))
  try {
    npmPack(name, place)
    const [file = ''] = readdirSync(place)
    const bytes = readFileSync(join(place, file))
    const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    if (found !== integrity)
      throw new ImageError(`${name} is not what it was: expected ${integrity}, got ${found}`)
    execFileSync('tar', ['xzf', join(place, file), '--strip-components=1', '-C', folder])
  } finally {
    rmSync(place, { recursive: true })
  }
}

function npmPack(name: string, folder: string): void {
  const words = ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder, name]
  try {
    execFileSync('npm', words, { cwd: projectRoot, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const told = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new ImageError(`npm cannot fetch ${name}: ${told.trim()}`)
  }
}
