import { crc32 } from 'node:zlib'
import {
  gatheredCountOf,
  LogError,
  LogTail,
  placeOf,
  recordBytes,
  RECORD_HEADER_BYTES,
  repairsOf,
  scanLog,
  segmentNumbersOf,
  segmentName,
  type Hash,
  type LoggedRecord,
  type PlannedGroup,
  type RecoveredLog,
} from '@shardnet/node/parts'
import { DiskError, type Disk } from './disk.ts'
import type { Random } from './random.ts'

/** What the log of a machine needs of the machine around it. */
export interface LogPorts {
  /** Later in this life of the process; never when it dies before. */
  later(delayMs: number, run: () => void): void
  /** A point at which the process may be made to die; true when it just did. */
  edge(name: string): boolean
  /** The disk failed: the process stops. */
  fail(error: LogError): void
}

export interface MachineLogOptions {
  readonly name: string
  readonly networkId: Hash
  readonly segmentBytesMax: number
  readonly disk: Disk
  readonly random: Random
  /** Mean of a sync's duration. */
  readonly syncMs: number
}

/** False when the process died meanwhile. @throws LogError when the disk fails. */
function makeRepairs(
  { disk, name }: MachineLogOptions,
  ports: LogPorts,
  recovered: RecoveredLog,
): boolean {
  try {
    for (const repair of repairsOf(recovered)) {
      if (repair.kind === 'remove') disk.remove(repair.segment)
      if (repair.kind === 'truncate') disk.truncate(repair.segment, repair.length)
      if (ports.edge('recovery repair')) return false
      if (repair.kind !== 'remove') disk.sync(repair.segment)
      disk.syncNames()
    }
    return true
  } catch (error) {
    throw error instanceof DiskError ? asLogError(name, error) : error
  }
}

function asLogError(name: string, { code }: DiskError): LogError {
  return new LogError(code === 'full' ? 'diskFull' : 'sync', `${name}: ${code}`)
}

interface Append {
  readonly records: readonly Uint8Array[]
  readonly bytes: number
  readonly done: (positions: readonly number[]) => void
  /** What waits for all appends up to this one. */
  readonly after: (() => void)[]
}

const DISK_BYTES_MAX = 1_000_000_000
const NOTHING = new Uint8Array(0)

/** A machine's write-ahead log: the node's own decisions (`scanLog`, `LogTail`), carried out on a simulated disk in simulated time. */
export class MachineLog {
  readonly #options: MachineLogOptions
  readonly #ports: LogPorts
  readonly #tail: LogTail
  #waiting: Append[] = []
  /** The newest one that is not on the medium; null when all are. */
  #lastAppend: Append | null = null
  #isWriting = false
  #hasFailed = false

  private constructor(options: MachineLogOptions, ports: LogPorts, tail: LogTail) {
    this.#options = options
    this.#ports = ports
    this.#tail = tail
  }

  /**
   * Reads the whole log, repairs its end and opens it; null when the process died meanwhile.
   * @throws LogError when the log is damaged.
   */
  static open(
    options: MachineLogOptions,
    ports: LogPorts,
    take: (record: LoggedRecord) => void,
  ): MachineLog | null {
    const { disk, name, networkId, segmentBytesMax } = options
    const context = { folder: name, networkId, checksum: crc32, pathOf: (file: string) => file }
    const places = disk.places()
    segmentNumbersOf(
      places.map(({ number }) => segmentName(number)),
      context,
    )
    const scan = scanLog(context, places, null)
    let step = scan.next(NOTHING)
    while (step.done !== true) {
      let answer: Uint8Array = NOTHING
      if (step.value.kind === 'records') for (const record of step.value.records) take(record)
      else answer = disk.read(step.value.segment, step.value.offset, step.value.length)
      step = scan.next(answer)
    }
    if (ports.edge('recovery read')) return null
    if (!makeRepairs(options, ports, step.value)) return null
    const limits = { folder: name, networkId, diskBytesMax: DISK_BYTES_MAX, segmentBytesMax }
    return new MachineLog(options, ports, new LogTail({ ...limits, checksum: crc32 }, step.value))
  }

  append(records: readonly Uint8Array[], done: Append['done']): void {
    if (this.#hasFailed) return
    let bytes = 0
    for (const record of records) bytes += recordBytes(record)
    this.#lastAppend = { records, bytes, done, after: [] }
    this.#waiting.push(this.#lastAppend)
    if (this.#isWriting) return
    this.#isWriting = true
    // Everything that is appended in this moment shares the first group.
    this.#ports.later(0, () => this.#writeGroup())
  }

  /** Calls back when everything that was appended so far is on the medium. */
  synced(done: () => void): void {
    // Groups are written in order: with the last append all are.
    if (this.#lastAppend === null) done()
    else this.#lastAppend.after.push(done)
  }

  /** The record at a position. @throws LogError `damaged`. */
  read(position: number): Uint8Array {
    const { segment, offset } = placeOf(position)
    const { disk, name } = this.#options
    const front = disk.read(segment, offset, RECORD_HEADER_BYTES)
    const view = new DataView(front.buffer, front.byteOffset, front.byteLength)
    const record = disk.read(segment, offset + RECORD_HEADER_BYTES, view.getUint32(0))
    if (crc32(record) !== view.getUint32(4))
      throw new LogError('damaged', `${name}: the record at byte ${offset} is not what was written`)
    return record
  }

  #writeGroup(): void {
    const group = this.#waiting.splice(0, gatheredCountOf(this.#waiting))
    const records = group.flatMap((append) => append.records)
    const planned = this.#tail.plan(records, this.#options.random.uint32())
    if (planned.newSegmentHeader === null) return this.#write(planned, group)
    const { segment, newSegmentHeader } = planned
    const { disk } = this.#options
    disk.create(segment)
    if (!this.#attempt(() => disk.write(segment, 0, [newSegmentHeader]))) return
    if (this.#ports.edge('segment made')) return
    this.#afterSync(segment, () => {
      disk.syncNames()
      if (!this.#ports.edge('segment synced')) this.#write(planned, group)
    })
  }

  #write(planned: PlannedGroup, group: readonly Append[]): void {
    const { disk } = this.#options
    const { segment, offset, parts } = planned
    if (!this.#attempt(() => disk.write(segment, offset, parts))) return
    if (this.#ports.edge('group written')) return
    this.#afterSync(segment, () => {
      if (this.#ports.edge('group synced')) return
      this.#tail.synced(planned)
      this.#isWriting = this.#waiting.length > 0
      if (this.#isWriting) this.#ports.later(0, () => this.#writeGroup())
      if (!this.#isWriting) this.#lastAppend = null
      let first = 0
      for (const { records, done, after } of group) {
        done(planned.positions.slice(first, first + records.length))
        first += records.length
        for (const run of after) run()
      }
    })
  }

  #afterSync(segment: number, then: () => void): void {
    const { disk, random, syncMs } = this.#options
    this.#ports.later(random.exponential(syncMs) * disk.slowness, () => {
      if (this.#attempt(() => disk.sync(segment))) then()
    })
  }

  /** False when the disk failed: then this log has ended, and its process with it. */
  #attempt(operation: () => void): boolean {
    try {
      operation()
      return true
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#hasFailed = true
      this.#ports.fail(asLogError(this.#options.name, error))
      return false
    }
  }
}
