import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'
const CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids'] as const

/** Makes a branch of that name in every hierarchy of control groups, of either version. */
export async function makeControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, name)
    await mkdir(folder, { recursive: true })
    // Version 1: an empty set of processors or memory takes no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const inherited = join(hierarchy, file)
      if (isVersion2() || !existsSync(inherited)) continue
      await writeFile(join(folder, file), await readFile(inherited, 'utf8'))
    }
  }
  if (!isVersion2()) return
  const wanted = CONTROLLERS.map((name) => `+${name}`).join(' ')
  await writeFile(join(ROOT, 'cgroup.subtree_control'), wanted)
}

/** Ends every process below a branch: pods of a node whose kubelet is gone. */
export async function killControlGroup(name: string): Promise<void> {
  for (const folder of await branches(name)) {
    for (const pid of await processesIn(folder)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch (error) {
        if (!hasCode(error, 'ESRCH')) throw error
      }
    }
  }
}

/** Removes the branch; its processes have to be gone. @returns whether nothing is left of it. */
export async function removeControlGroup(name: string): Promise<boolean> {
  let isGone = true
  for (const folder of await branches(name)) {
    try {
      await rmdir(folder)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) continue
      if (!hasCode(error, 'EBUSY') && !hasCode(error, 'ENOTEMPTY')) throw error
      isGone = false
    }
  }
  return isGone
}

/** All folders of the branch, the deepest first. */
async function branches(name: string): Promise<readonly string[]> {
  const found: string[] = []
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }))
      if (entry.isDirectory()) await visit(join(folder, entry.name))
    found.push(folder)
  }
  for (const hierarchy of await hierarchies()) {
    const top = join(hierarchy, name)
    if (existsSync(top)) await visit(top)
  }
  return found
}

async function hierarchies(): Promise<readonly string[]> {
  if (isVersion2()) return [ROOT]
  const entries = await readdir(ROOT, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'unified')
    .map(({ name }) => join(ROOT, name))
}

function isVersion2(): boolean {
  return existsSync(join(ROOT, 'cgroup.controllers'))
}

async function processesIn(folder: string): Promise<readonly number[]> {
  try {
    const text = await readFile(join(folder, 'cgroup.procs'), 'utf8')
    return text.split('\n').filter(Boolean).map(Number)
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'EOPNOTSUPP')) return []
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
