import { endProcesses, identityOf } from '@shardnet/operator/process-identity'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { capture } from '../process/capture.ts'
import { waitUntil } from '../process/wait-until.ts'
import { killControlGroup, removeControlGroup } from './control-groups.ts'

const END_MAX_MS = 20_000
/** Kubelets set these for the whole machine. */
const KERNEL_SETTINGS = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops'] as const

/** Writes down what kubelets are about to change, for `takeDownNodes`. */
export async function rememberKernelSettings(folder: string): Promise<void> {
  const values: Record<string, string> = {}
  for (const name of KERNEL_SETTINGS)
    values[name] = (await readFile(join('/proc/sys', name), 'utf8')).trim()
  await writeFile(join(folder, 'kernel.json'), JSON.stringify(values))
}

/**
 * Removes what is left of a cluster's nodes once kubelets and containerds are gone: pods, their shims, mounts, control
 * groups, network namespaces. Knows it all from the cluster's folder, so it serves after a killed run as well.
 */
export async function takeDownNodes(folder: string): Promise<void> {
  const namespaces = await namesIn(join(folder, 'namespaces.json'))
  const groups = namespaces.filter((name) => !name.endsWith('-lan'))
  if (namespaces.length === 0) return
  await endProcesses(await shimsOf(folder), 1_000)
  for (const group of groups) {
    await killControlGroup(group)
    await waitUntil(`the end of the pods of ${group}`, END_MAX_MS, () => removeControlGroup(group))
  }
  await unmountBelow(folder)
  for (const namespace of namespaces) await capture('ip', ['netns', 'delete', namespace])
  await restoreKernelSettings(folder)
}

/** Shims outlive their containerd on purpose. Ours name a socket in our folder. */
async function shimsOf(folder: string) {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = (await textOf(`/proc/${pid}/cmdline`)).split('\0')
      const isOurs =
        words[0]?.includes('containerd-shim') === true &&
        words.some((word) => word.startsWith(`${folder}/`))
      return isOurs ? [identityOf(Number(pid))] : []
    }),
  )
  return found.flat().filter((identity) => identity !== null)
}

/** Mounts over mounts: the last one made goes first. */
async function unmountBelow(folder: string): Promise<void> {
  const lines = (await textOf('/proc/self/mountinfo')).split('\n')
  const places = lines
    .map((line) => line.split(' ')[4] ?? '')
    .filter((place) => place.startsWith(`${folder}/`))
  // A mount that somebody still looks into goes when he is done.
  for (const place of places.toReversed()) await capture('umount', ['--lazy', place])
}

async function restoreKernelSettings(folder: string): Promise<void> {
  const text = await textOf(join(folder, 'kernel.json'))
  if (text === '') return
  const values = JSON.parse(text) as Readonly<Record<string, string>>
  for (const [name, value] of Object.entries(values))
    await writeFile(join('/proc/sys', name), value)
}

async function namesIn(file: string): Promise<readonly string[]> {
  const text = await textOf(file)
  return text === '' ? [] : (JSON.parse(text) as readonly string[])
}

/** Empty when there is no such file, or no such process any more. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ESRCH') return ''
    throw error
  }
}
