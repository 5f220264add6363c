import { claimFolder, releaseClaim } from '@shardnet/operator/claim'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { userCacheFolder } from '../../../tools/user-cache-folder.ts'
import { E2eError } from '../e2e-error.ts'
import { capture } from '../process/capture.ts'
import { versionFlags, type ToolSet } from './tool-set.ts'

const BUILD_FLAGS = ['-trimpath', '-buildvcs=false']
/** No symbol tables, which halves size and memory of the link. */
const LINK_FLAGS = ['-s', '-w']
const LOOK_EVERY_MS = 500
const UNUSED_MAX_MS = 14 * 24 * 3_600_000

/**
 * Folder with the programs of a set, built first where this user has not built these very sources yet. Several callers
 * at once wait for the one that builds.
 * @param say what takes minutes, in a line for people.
 * @throws {E2eError} when Go is missing, or the build fails.
 */
export async function ensureTools(set: ToolSet, say: (line: string) => void): Promise<string> {
  const parent = join(userCacheFolder(), 'tools')
  const folder = join(parent, `${set.name}-${await stampOf(set)}`)
  const isThere = (): boolean => existsSync(join(folder, 'complete'))
  if (!isThere()) {
    await whileClaimed(join(parent, `${set.name}.lock`), isThere, async () => {
      say(`Building ${set.name} tools (once, about five minutes on two idle cores)…`)
      const startedAt = performance.now()
      await build(set, folder)
      say(`Built in ${Math.round((performance.now() - startedAt) / 1_000)} s.`)
      await removeUnused(parent, set.name)
    })
  }
  await utimes(folder, new Date(), new Date())
  return folder
}

/** Equal for equal programs: the compiler, the flags, and every byte of the module. */
async function stampOf(set: ToolSet): Promise<string> {
  const hash = createHash('sha256')
  hash.update(await goVersion())
  hash.update(JSON.stringify([BUILD_FLAGS, LINK_FLAGS, { ...set, module: '' }]))
  const names = (await readdir(set.module, { recursive: true })).sort()
  for (const name of names.filter((name) => /\.(?:go|mod|sum)$/.test(name)))
    hash.update(`${name}\0`).update(await readFile(join(set.module, name)))
  return hash.digest('hex').slice(0, 16)
}

async function goVersion(): Promise<string> {
  const { code, text } = await capture('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'])
  if (code !== 0)
    throw new E2eError(
      'The programs of a cluster are built with Go: please install Go 1.26 or newer (https://go.dev/dl).',
    )
  return text
}

/** Into a folder beside it, then in one step into place: what stands there is whole. */
async function build(set: ToolSet, folder: string): Promise<void> {
  const half = `${folder}.half`
  await rm(half, { recursive: true, force: true })
  await mkdir(half, { recursive: true })
  const tags = set.tags.length === 0 ? [] : [`-tags=${set.tags.join(',')}`]
  const versions = set.versionOf === null ? [] : versionFlags(await versionOf(set, set.versionOf))
  const link = `-ldflags=${[...LINK_FLAGS, ...versions].join(' ')}`
  await go(set, ['build', ...BUILD_FLAGS, ...tags, link, '-o', `${half}/`, ...set.packages])
  for (const [link, program] of Object.entries(set.links)) await symlink(program, join(half, link))
  for (const [name, { module, path }] of Object.entries(set.data)) {
    const found = await go(set, ['list', '-m', '-f', '{{.Dir}}', module])
    await copyFolder(join(found.trim(), path), join(half, name))
  }
  await writeFile(join(half, 'complete'), '')
  await rm(folder, { recursive: true, force: true })
  await rename(half, folder)
}

/** Go's folders of modules are read-only; a copy of that kind could not be removed again. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyFolder(source, target)
    else await writeFile(target, await readFile(source))
  }
}

async function versionOf(set: ToolSet, module: string): Promise<string> {
  return (await go(set, ['list', '-m', '-f', '{{.Version}}', module])).trim()
}

async function go(set: ToolSet, words: readonly string[]): Promise<string> {
  const { code, text } = await capture('go', words, {
    cwd: set.module,
    // A flag of the user's own, say -mod=mod, must not change what is pinned.
    env: { ...process.env, GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' },
    onStart: (pid) => setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL),
  })
  if (code !== 0) throw new E2eError(`go ${words[0]} of ${set.name} failed:\n${text.slice(-4_000)}`)
  return text
}

async function whileClaimed(
  lock: string,
  isDone: () => boolean,
  work: () => Promise<void>,
): Promise<void> {
  while (claimFolder(lock) !== null) {
    await delay(LOOK_EVERY_MS)
    if (isDone()) return
  }
  const release = (): void => releaseClaim(lock)
  process.once('exit', release)
  try {
    if (!isDone()) await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

/** Versions that nobody asked for in two weeks; another clone may still use the others. */
async function removeUnused(parent: string, name: string): Promise<void> {
  const entries = await readdir(parent)
  for (const entry of entries.filter((entry) => entry.startsWith(`${name}-`))) {
    const folder = join(parent, entry)
    const { mtimeMs } = await stat(folder)
    if (Date.now() - mtimeMs > UNUSED_MAX_MS) await rm(folder, { recursive: true, force: true })
  }
}
