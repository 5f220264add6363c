import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { domainHash } from '../src/core/primitives/hash.ts'
import { refuseMemoryFileSystem } from '../src/host/log/file-system-kind.ts'
import { WriteAheadLog } from '../src/host/log/write-ahead-log.ts'

/** What the log does on one disk. */
export interface LogRates {
  readonly fileSystem: string
  readonly groupBytes: number
  readonly groups: number
  readonly groupsPerSecond: number
  readonly mebibytesPerSecond: number
  /** From the call of `append` to durable. */
  readonly appendMs: Percentiles
  /** Of the fdatasync alone. */
  readonly syncMs: Percentiles
  /** Reading the log back as a restart does. */
  readonly recoveryMebibytesPerSecond: number
}

/** Nearest-rank percentiles in milliseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

const GROUP_BYTES = 100_000
const SECONDS = 3
const MEBIBYTE = 1_048_576

/**
 * Appends groups of 100 KB one after the other, each synced, in a folder of its own under `directory`, then reads them back.
 * @throws LogError `memoryFileSystem` when the folder lies in memory, where the figures would mean nothing.
 */
export async function measureLogRates(directory: string): Promise<LogRates> {
  const { name } = await refuseMemoryFileSystem(directory)
  const folder = await mkdtemp(join(directory, 'log-rates-'))
  try {
    const written = await measureAppends(folder)
    const recoverySeconds = await measureRecovery(folder)
    const { appendMs, syncMs, seconds } = written
    const mebibytes = (appendMs.length * GROUP_BYTES) / MEBIBYTE
    return {
      fileSystem: name,
      groupBytes: GROUP_BYTES,
      groups: appendMs.length,
      groupsPerSecond: appendMs.length / seconds,
      mebibytesPerSecond: mebibytes / seconds,
      appendMs: percentilesOf(appendMs),
      syncMs: percentilesOf(syncMs),
      recoveryMebibytesPerSecond: mebibytes / recoverySeconds,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const NETWORK_ID = domainHash('shardnet/bench/v1')

async function openLog(folder: string, onSync: (syncMs: number) => void): Promise<WriteAheadLog> {
  const { log, recovered } = await WriteAheadLog.open({
    directory: folder,
    networkId: NETWORK_ID,
    diskBytesMax: 4_096 * MEBIBYTE,
    onSync: (group) => onSync(group.syncMs),
  })
  let bytes = 0
  for await (const record of recovered) bytes += record.bytes.length
  if (bytes % GROUP_BYTES !== 0) throw new Error('the log lost a part of a record')
  return log
}

async function measureAppends(
  folder: string,
): Promise<{ appendMs: number[]; syncMs: number[]; seconds: number }> {
  const appendMs: number[] = []
  const syncMs: number[] = []
  const log = await openLog(folder, (duration) => syncMs.push(duration))
  const record = new Uint8Array(GROUP_BYTES).map((_, index) => index * 31)
  const from = performance.now()
  let now = from
  while (now < from + SECONDS * 1_000) {
    await log.append([record])
    const then = now
    now = performance.now()
    appendMs.push(now - then)
  }
  await log.close()
  return { appendMs, syncMs, seconds: (now - from) / 1_000 }
}

async function measureRecovery(folder: string): Promise<number> {
  const from = performance.now()
  const log = await openLog(folder, () => {})
  const seconds = (performance.now() - from) / 1_000
  await log.close()
  return seconds
}

function percentilesOf(samples: readonly number[]): Percentiles {
  const sorted = samples.toSorted((a, b) => a - b)
  const rank = (share: number) =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { p50: rank(0.5), p99: rank(0.99) }
}
