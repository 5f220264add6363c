import { readFileSync } from 'node:fs'

/** What the kernel of Linux tells of one process. */
const TICKS_PER_SECOND = 100
/** Fields of /proc/PID/stat after the name in parentheses, which may hold anything. */
const USER_TICKS = 11
const SYSTEM_TICKS = 12

/** Processor time of a process, all of its threads included, in microseconds. */
export function cpuMicrosecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])
  return (ticks * 1_000_000) / TICKS_PER_SECOND
}

/** Processor time that all processes of the machine have taken, in microseconds; what a hypervisor took away is no part of it. */
export function machineMicroseconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = line
    .split(/ +/)
    .slice(1)
    .map(Number)
  const ticks = user + nice + system + interrupts + softInterrupts
  return (ticks * 1_000_000) / TICKS_PER_SECOND
}

/** Proportional memory of one process in bytes, and what of it can be told apart from outside. */
export interface MemoryReading {
  readonly total: number
  /** Mapped from files: Node's binary, add-ons, libraries. Their unchanged pages are shared by all validators. */
  readonly files: number
  readonly wasm: number
}

interface Mapping {
  readonly bytes: number
  readonly isReserved: boolean
  readonly isFile: boolean
  readonly pss: number
}

/** V8 reserves gigabytes around a WebAssembly memory, so that it needs no bounds checks. */
const WASM_RESERVED_BYTES_MIN = 1 << 30

/** Reads where the memory of a process lies; a few milliseconds of its time. */
export function memoryOf(pid: number): MemoryReading {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  const mappings = mappingsOf(readFileSync(`/proc/${pid}/smaps`, 'latin1'))
  const isWasm = (index: number): boolean => {
    const next = mappings[index + 1]
    return next !== undefined && next.isReserved && next.bytes >= WASM_RESERVED_BYTES_MIN
  }
  const sum = (chosen: readonly Mapping[]) => chosen.reduce((total, { pss }) => total + pss, 0)
  return {
    total: pssOf(rollup),
    files: sum(mappings.filter(({ isFile }) => isFile)),
    wasm: sum(mappings.filter(({ isFile, isReserved }, i) => !isFile && !isReserved && isWasm(i))),
  }
}

function mappingsOf(smaps: string): readonly Mapping[] {
  const heads = [...smaps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+) *(.*)$/gm)]
  return heads.map((head, index) => {
    const [, from = '0', to = '0', rights = '', inode = '0'] = head
    const text = smaps.slice(head.index, heads[index + 1]?.index)
    return {
      bytes: Number.parseInt(to, 16) - Number.parseInt(from, 16),
      isReserved: rights.startsWith('---'),
      isFile: inode !== '0',
      pss: pssOf(text),
    }
  })
}

function pssOf(text: string): number {
  return Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024
}
