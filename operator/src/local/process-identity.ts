import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

/** A process that cannot be mistaken for a later one with the same id. */
export const ProcessIdentity = z.strictObject({
  pid: z.int().min(1),
  /** As the system tells it; opaque, equal for the same process only. */
  startTime: z.string().min(1),
})
export type ProcessIdentity = z.infer<typeof ProcessIdentity>

/** Identity of a running process, or null when there is none of that id. */
export function identityOf(pid: number): ProcessIdentity | null {
  const startTime = process.platform === 'linux' ? startTimeOnLinux(pid) : startTimeByPs(pid)
  return startTime === null ? null : { pid, startTime }
}

/** Identity of this process. */
export function ownIdentity(): ProcessIdentity {
  const identity = identityOf(process.pid)
  if (identity === null) throw new Error('the system does not tell about this process itself')
  return identity
}

/** Whether that very process still runs. A zombie does not: it can do nothing any more. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.startTime === identity.startTime
}

/** Field 22 of /proc/PID/stat counts ticks since the boot, so the boot belongs to it. */
function startTimeOnLinux(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The name in parentheses may hold anything, so fields count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const ticks = fields[19]
  if (state === 'Z' || state === 'X' || ticks === undefined) return null
  return `${ticks}@${bootId()}`
}

let knownBootId: string | undefined

function bootId(): string {
  knownBootId ??= (readIfThere('/proc/sys/kernel/random/boot_id') ?? 'unknown').trim()
  return knownBootId
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ENOENT' || error.code === 'ESRCH')
    )
      return null
    throw error
  }
}

function startTimeByPs(pid: number): string | null {
  try {
    const words = ['-o', 'state=,lstart=', '-p', String(pid)]
    const told = execFileSync('ps', words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [state = '', ...started] = told.trim().split(/\s+/)
    return state === '' || state.startsWith('Z') ? null : started.join(' ')
  } catch {
    return null // ps ends with 1 when there is no such process.
  }
}

/** Sends a signal to that very process; false when it is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false
  try {
    process.kill(identity.pid, name)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

const LOOK_EVERY_MS = 50

/** Waits until none of the processes runs; false when some still do after that time. */
export async function waitForEnd(
  identities: readonly ProcessIdentity[],
  timeoutMs: number,
): Promise<boolean> {
  const until = performance.now() + timeoutMs
  while (identities.some(isRunning)) {
    if (performance.now() >= until) return false
    await delay(LOOK_EVERY_MS)
  }
  return true
}

/** Asks processes to end, and ends those that do not. Nothing else is touched, whoever has their ids by now. */
export async function endProcesses(
  identities: readonly ProcessIdentity[],
  graceMs: number,
): Promise<number> {
  const asked = identities.filter((identity) => signal(identity, 'SIGTERM'))
  // A stopped process answers SIGTERM only once it goes on.
  for (const identity of asked) signal(identity, 'SIGCONT')
  if (!(await waitForEnd(asked, graceMs))) {
    for (const identity of asked) signal(identity, 'SIGKILL')
    await waitForEnd(asked, graceMs)
  }
  return asked.length
}
