import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning, ownIdentity, ProcessIdentity } from './process-identity.ts'

/**
 * A folder of a testnet belongs to one process at a time: to a launcher while it prepares it, then to the supervisor.
 * A claim whose owner is gone is free.
 */
export function claimFolder(
  folder: string,
  owner: ProcessIdentity = ownIdentity(),
): ProcessIdentity | null {
  mkdirSync(folder, { recursive: true })
  const file = claimFile(folder)
  for (;;) {
    if (tryClaim(file, owner)) return null
    const holder = readClaim(file)
    if (holder !== null && isRunning(holder)) return holder
    removeStale(file, holder)
  }
}

/** Hands a claim of this process on to another process. */
export function passClaim(folder: string, heir: ProcessIdentity): void {
  const file = claimFile(folder)
  const own = `${file}.${heir.pid}.new`
  writeFileSync(own, JSON.stringify(heir))
  renameSync(own, file)
}

/** Gives a claim back. */
export function releaseClaim(folder: string): void {
  rmSync(claimFile(folder), { force: true })
}

/** Who holds a folder now, or null. */
export function holderOf(folder: string): ProcessIdentity | null {
  const holder = readClaim(claimFile(folder))
  return holder !== null && isRunning(holder) ? holder : null
}

function claimFile(folder: string): string {
  return join(folder, 'claim.json')
}

/** A link appears at once and with its content, or not at all. */
function tryClaim(file: string, owner: ProcessIdentity): boolean {
  const own = `${file}.${process.pid}.${owner.pid}`
  writeFileSync(own, JSON.stringify(owner))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** Moved aside before it is deleted: of several that find it stale, one moves it. */
function removeStale(file: string, stale: ProcessIdentity | null): void {
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw error
  }
  const moved = readClaim(aside)
  const isAnother =
    moved !== null && (moved.pid !== stale?.pid || moved.startTime !== stale.startTime)
  if (isAnother) renameSync(aside, file)
  else rmSync(aside)
}

function readClaim(file: string): ProcessIdentity | null {
  try {
    const parsed = ProcessIdentity.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return null
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
