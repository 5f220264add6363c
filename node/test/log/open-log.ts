import { domainHash, type Hash } from '../../src/core/primitives/hash.ts'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import type { FilePort } from '../../src/host/log/file-port.ts'
import { LogError, type LogErrorCode } from '../../src/core/log/log-error.ts'
import { WriteAheadLog, type LogOptions } from '../../src/host/log/write-ahead-log.ts'

export const NETWORK: Hash = domainHash('shardnet/test/v1')
export const FOLDER = '/log'

/** A record of the log with its bytes as text, so that lists compare. */
export interface TextRecord {
  readonly position: number
  readonly text: string
}

/** A log that was recovered to its end. */
export interface RecoveredTestLog {
  readonly log: WriteAheadLog
  readonly records: readonly TextRecord[]
}

/** Opens a log and reads all that it holds. */
export async function openLog(
  files: FilePort,
  options: Partial<LogOptions> = {},
): Promise<RecoveredTestLog> {
  return openWith({
    directory: FOLDER,
    networkId: NETWORK,
    diskBytesMax: 1_000_000_000,
    files,
    ...options,
  })
}

/** As `openLog`, on whatever the options say. */
export async function openWith(options: LogOptions): Promise<RecoveredTestLog> {
  const { log, recovered } = await WriteAheadLog.open(options)
  const records: TextRecord[] = []
  try {
    for await (const { position, bytes } of recovered)
      records.push({ position, text: hexOf(bytes) })
  } catch (error) {
    await log.close()
    throw error
  }
  return { log, records }
}

/** The texts alone. */
export function textsOf(records: readonly TextRecord[]): string[] {
  return records.map(({ text }) => text)
}

/** Bytes that say which record they are. */
export function recordOf(index: number, length = 40): Uint8Array {
  const bytes = new Uint8Array(length).map((_, at) => (index * 37 + at * 11) & 0xff)
  new DataView(bytes.buffer).setUint32(0, index)
  return bytes
}

/** For assert.rejects: the one error class of the log, with this code. */
export function isLogError(code: LogErrorCode, pattern = /./): (error: unknown) => boolean {
  return (error) => error instanceof LogError && error.code === code && pattern.test(error.message)
}
