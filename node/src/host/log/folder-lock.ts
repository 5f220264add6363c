import { randomBytes } from 'node:crypto'
import { link, readFile, readlink, realpath, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LogError } from '../../core/log/log-error.ts'

/** Who holds a folder. A process id alone comes back after a restart, so the rest says which process it was. */
interface Holder {
  readonly processId: number
  /** Start time in clock ticks since boot; tells a process from a later one with its id. Empty where unknown. */
  readonly startedAt: string
  readonly bootId: string
  /** Process ids mean something only inside of one namespace (a container's). */
  readonly processNamespace: string
}

/** Folders that this process holds: its own id never counts as another holder's. */
const heldHere = new Set<string>()
const ATTEMPTS_MAX = 5

/**
 * Keeps every other process out of the folder until the returned function is called. The lock of a process that is gone
 * (killed, machine restarted, container replaced) is taken over.
 * @throws LogError `locked`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const held = await realpath(folder)
  if (heldHere.has(held)) throw lockedError(folder, process.pid)
  heldHere.add(held)
  try {
    await takeLock(folder)
  } catch (error) {
    heldHere.delete(held)
    throw error
  }
  return async () => {
    await rm(join(folder, 'lock'), { force: true })
    heldHere.delete(held)
  }
}

async function takeLock(folder: string): Promise<void> {
  const lock = join(folder, 'lock')
  const claim = join(folder, `lock.${process.pid}.${randomBytes(4).toString('hex')}`)
  await writeFile(claim, `${JSON.stringify(await ourselves())}\n`, { flag: 'wx' })
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      // A link is made whole or not at all, and only one of two processes can make it.
      if (await linkIfFree(claim, lock)) return
      await removeStale(folder, lock)
    }
    throw lockedError(folder, null)
  } finally {
    await unlink(claim)
  }
}

async function linkIfFree(claim: string, lock: string): Promise<boolean> {
  try {
    await link(claim, lock)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Takes a dead process's lock away; puts it back when it turned out to be a newer one. */
async function removeStale(folder: string, lock: string): Promise<void> {
  const text = await textIfThere(lock)
  if (text === null) return
  const holder = parseHolder(text)
  if (holder !== null && (await isAlive(holder))) throw lockedError(folder, holder.processId)
  const aside = `${lock}.stale.${randomBytes(4).toString('hex')}`
  try {
    await rename(lock, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  if ((await textIfThere(aside)) !== text) await linkIfFree(aside, lock)
  await unlink(aside)
}

async function isAlive(holder: Holder): Promise<boolean> {
  const own = await ourselves()
  if (holder.bootId !== own.bootId || holder.processNamespace !== own.processNamespace) return false
  try {
    process.kill(holder.processId, 0)
  } catch (error) {
    // EPERM: somebody else's process, but alive.
    if (codeOf(error) !== 'EPERM') return false
  }
  return (await startOf(String(holder.processId))) === holder.startedAt
}

async function ourselves(): Promise<Holder> {
  return {
    processId: process.pid,
    startedAt: await startOf('self'),
    bootId: ((await textIfThere('/proc/sys/kernel/random/boot_id')) ?? '').trim(),
    processNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
  }
}

/**
 * Field 22 of /proc/<id>/stat, counted behind the command's closing bracket; empty where there is no /proc. A process that
 * was killed and not yet collected by its parent (state Z) has ended.
 */
async function startOf(processId: string): Promise<string> {
  const text = (await textIfThere(`/proc/${processId}/stat`)) ?? ''
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '')
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder>
    const { processId, startedAt = '', bootId = '', processNamespace = '' } = value
    return typeof processId === 'number' && processId > 0
      ? { processId, startedAt, bootId, processNamespace }
      : null
  } catch {
    // A lock that is cut off was written before a power cut: its process is gone.
    return null
  }
}

async function textIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return null
    throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function lockedError(folder: string, processId: number | null): LogError {
  const who = processId === null ? 'another process' : `process ${processId}`
  return new LogError(
    'locked',
    `${folder}: ${who} has this data folder open; one process at a time.`,
  )
}
