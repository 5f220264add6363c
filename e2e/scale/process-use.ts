import { readFileSync } from 'node:fs'

/** What the kernel of Linux counts processor time in. */
const TICKS_PER_SECOND = 100
/** Fields of /proc/PID/stat after the name in parentheses, which may hold anything. */
const USER_TICKS = 11
const SYSTEM_TICKS = 12

/** Processor time of a process with all of its threads, and the most memory that it ever had resident. */
export interface ProcessUse {
  readonly cpuSeconds: number
  readonly residentBytesMax: number
}

export function processUse(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const [, kibibytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
  return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytesMax: Number(kibibytes) * 1_024 }
}
