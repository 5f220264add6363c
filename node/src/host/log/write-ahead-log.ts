import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { must, mustHold } from '../../core/errors.ts'
import { GROUP_PAYLOAD_BYTES_MAX, recordBytes, segmentName } from '../../core/log/format.ts'
import { LogError } from '../../core/log/log-error.ts'
import { gatheredCountOf, LogTail, type PlannedGroup } from '../../core/log/log-tail.ts'
import { NOTHING_RECOVERED, type RecoveredLog, type TornTail } from '../../core/log/scan-log.ts'
import type { LoggedRecord } from '../../core/log/scan-segment.ts'
import type { Hash } from '../../core/primitives/hash.ts'
import type { FilePort, OpenFile } from './file-port.ts'
import { realFiles } from './real-files.ts'
import { RecordReader } from './record-reader.ts'
import { recoverLog, type LogFolder } from './recovery.ts'
import { writeShutdownMark } from './shutdown-mark.ts'
import { asLogError } from './world-error.ts'

/** One group that became durable, for metrics. */
export interface GroupSynced {
  readonly records: number
  readonly bytes: number
  /** Of the fdatasync alone. */
  readonly syncMs: number
}

/** How to open a log. */
export interface LogOptions {
  /** The log's own folder; made when it is missing. */
  readonly directory: string
  readonly networkId: Hash
  /** Budget of the whole log in bytes. */
  readonly diskBytesMax: number
  readonly onSync?: (group: GroupSynced) => void
  /** The disk, unless a test puts a worse one in. */
  readonly files?: FilePort
  /** A segment that would grow above this is followed by a new one. */
  readonly segmentBytesMax?: number
}

/** A log and what it held. */
export interface OpenedLog {
  readonly log: WriteAheadLog
  /** All records in order. Read it to its end before the first `append`; damage shows as a LogError there. */
  readonly recovered: AsyncIterable<LoggedRecord>
}

interface Append {
  readonly records: readonly Uint8Array[]
  readonly bytes: number
  readonly resolve: (positions: readonly number[]) => void
  readonly reject: (error: LogError) => void
}

/**
 * The validator's write-ahead log (docs/log-format.md) with group commit: while one group is written and synced, the next
 * one gathers, and group g + 1 is written only after g is synced. Any error of the disk stops it for good, because after a
 * failed fsync nobody knows what is on the disk (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
 */
export class WriteAheadLog {
  readonly #folder: LogFolder
  readonly #options: LogOptions
  readonly #reader: RecordReader
  readonly #unlock: () => Promise<void>
  #state: 'recovering' | 'open' | 'closed' = 'recovering'
  #failure: LogError | null = null
  #waiting: Append[] = []
  #waitingBytes = 0
  #lastAppend: Promise<unknown> = Promise.resolve()
  #draining: Promise<void> | null = null
  /** The open segment. */
  #file: OpenFile | null = null
  #tail: LogTail
  #tornTail: TornTail | null = null

  private constructor(folder: LogFolder, options: LogOptions, unlock: () => Promise<void>) {
    this.#folder = folder
    this.#options = options
    this.#unlock = unlock
    this.#reader = new RecordReader(folder)
    this.#tail = this.#tailBehind(NOTHING_RECOVERED)
  }

  /**
   * Takes the folder for this process.
   * @throws LogError `locked`, `inputOutput`.
   */
  static async open(options: LogOptions): Promise<OpenedLog> {
    const { directory, networkId, files = realFiles } = options
    try {
      await files.createFolder(directory)
      const unlock = await files.lock(directory)
      const log = new WriteAheadLog({ files, folder: directory, networkId }, options, unlock)
      return { log, recovered: log.#recover() }
    } catch (error) {
      throw asLogError(error, directory)
    }
  }

  /** Bytes of all segments. */
  get bytesUsed(): number {
    return this.#tail.bytesUsed
  }

  /** Bytes that wait for their group. */
  get bytesWaiting(): number {
    return this.#waitingBytes
  }

  /** The cut-off write that recovery dropped, if there was one. */
  get tornTail(): TornTail | null {
    return this.#tornTail
  }

  /**
   * Appends records, all in one group and in this order; resolves with their positions once they are on disk. The bytes must
   * not change until then.
   * @throws LogError what stopped the log; nothing can be appended after one.
   */
  append(records: readonly Uint8Array[]): Promise<readonly number[]> {
    mustHold(
      this.#state !== 'recovering',
      'what the log held is read to its end before the first append',
    )
    mustHold(records.length > 0, 'an append has records')
    let bytes = 0
    for (const record of records) bytes += recordBytes(record)
    mustHold(bytes <= GROUP_PAYLOAD_BYTES_MAX, `an append of ${bytes} bytes fits into no segment`)
    if (this.#failure !== null) return Promise.reject(this.#failure)
    if (this.#state === 'closed')
      return Promise.reject(new LogError('closed', 'The log is closed.'))
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>()
    this.#waiting.push({ records, bytes, resolve, reject })
    this.#waitingBytes += bytes
    this.#lastAppend = promise
    this.#draining ??= this.#drain()
    return promise
  }

  /**
   * Resolves when everything that was appended so far is durable.
   * @throws LogError what stopped the log.
   */
  async synced(): Promise<void> {
    // Groups are written in order: with the last of them all are.
    await this.#lastAppend
  }

  /**
   * The record at a position that `append` or recovery gave.
   * @throws LogError `damaged` when its checksum does not hold, `inputOutput`.
   */
  async read(position: number): Promise<Uint8Array> {
    if (this.#state === 'closed') throw new LogError('closed', 'The log is closed.')
    try {
      return await this.#reader.read(position)
    } catch (error) {
      throw asLogError(error, this.#folder.folder)
    }
  }

  /** Finishes what was appended, marks the orderly end and gives the folder free. A log that failed gets no mark. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    await this.#draining
    try {
      await this.#reader.close()
      await this.#file?.close()
      if (wasOpen && this.#failure === null) await this.#markEnd()
    } catch (error) {
      throw asLogError(error, this.#folder.folder)
    } finally {
      await this.#unlock()
    }
  }

  #markEnd(): Promise<void> {
    const { files, folder } = this.#folder
    return writeShutdownMark(files, folder, this.#tail.mark())
  }

  #tailBehind(recovered: RecoveredLog): LogTail {
    const { directory: folder } = this.#options
    return new LogTail({ ...this.#options, folder, checksum: crc32 }, recovered)
  }

  async *#recover(): AsyncGenerator<LoggedRecord> {
    const groups = recoverLog(this.#folder)
    try {
      let next = await groups.next()
      for (; next.done !== true; next = await groups.next()) yield* next.value
      await this.#start(next.value)
    } catch (error) {
      this.#failure = asLogError(error, this.#folder.folder)
      throw this.#failure
    } finally {
      // A reader that stops early leaves a file open otherwise.
      await groups.return(NOTHING_RECOVERED)
    }
  }

  async #start(recovered: RecoveredLog): Promise<void> {
    const { lastSegment, tornTail } = recovered
    this.#file = lastSegment === null ? null : await this.#open(lastSegment.header.number, 'write')
    this.#tail = this.#tailBehind(recovered)
    this.#tornTail = tornTail
    mustHold(this.#state === 'recovering', 'a log is recovered once, and not after it was closed')
    this.#state = 'open'
  }

  #open(segment: number, mode: 'write' | 'create'): Promise<OpenFile> {
    const { files, folder } = this.#folder
    return files.open(join(folder, segmentName(segment)), mode)
  }

  /** The one loop that writes; runs while there is something to write. */
  async #drain(): Promise<void> {
    // Everything that is appended in this turn of the event loop shares the first group.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      try {
        await this.#commit(group)
      } catch (error) {
        this.#fail(asLogError(error, this.#folder.folder), group)
      }
    }
    this.#draining = null
  }

  #takeGroup(): Append[] {
    const group = this.#waiting.splice(0, gatheredCountOf(this.#waiting))
    for (const { bytes } of group) this.#waitingBytes -= bytes
    return group
  }

  async #commit(group: readonly Append[]): Promise<void> {
    const records = group.flatMap((append) => append.records)
    const planned = this.#tail.plan(records, randomBytes(4).readUInt32BE(0))
    const file = await this.#fileFor(planned)
    await file.write(planned.parts, planned.offset)
    const syncFrom = performance.now()
    await file.sync()
    const syncMs = performance.now() - syncFrom
    this.#tail.synced(planned)
    this.#options.onSync?.({ records: records.length, bytes: planned.bytes, syncMs })
    resolveAll(group, planned.positions)
  }

  /** The open segment, or a new one; its header and its name are durable before the first group is written. */
  async #fileFor({ segment, newSegmentHeader }: PlannedGroup): Promise<OpenFile> {
    if (newSegmentHeader === null) return must(this.#file, 'the segment of the tail is open')
    const before = this.#file
    const file = await this.#open(segment, 'create')
    this.#file = file
    await before?.close()
    await file.write([newSegmentHeader], 0)
    await file.sync()
    await this.#folder.files.syncFolder(this.#folder.folder)
    return file
  }

  #fail(error: LogError, group: readonly Append[]): void {
    this.#failure = error
    const refused = [...group, ...this.#waiting]
    this.#waiting = []
    this.#waitingBytes = 0
    for (const append of refused) append.reject(error)
  }
}

function resolveAll(group: readonly Append[], positions: readonly number[]): void {
  let first = 0
  for (const append of group) {
    append.resolve(positions.slice(first, first + append.records.length))
    first += append.records.length
  }
  must(first === positions.length ? positions : null, 'one position per record')
}
