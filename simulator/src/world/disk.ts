import type { Random } from './random.ts'

/** How a disk call failed; the host's word for it is an error code of the file system. */
export class DiskError extends Error {
  override readonly name = 'DiskError'
  readonly code: 'full' | 'sync'

  constructor(code: 'full' | 'sync') {
    super(code)
    this.code = code
  }
}

interface SegmentFile {
  bytes: Uint8Array
  length: number
  /** Bytes below are on the medium; those above are in the page cache, and the medium may have any of them. */
  synced: number
  /** Something whole was synced behind this place: bytes below that cannot be read were damaged, and not cut off. */
  syncedBefore: number
  isNameSynced: boolean
}

/** What a power cut left of the bytes that were not synced. */
export type CutOutcome = 'kept' | 'lost' | 'torn' | 'sectors'

const SECTOR_BYTES = 512
const FIRST_BYTES = 8_192

/** The segments of one machine's log as a disk under a page cache: written is not durable, and durable may rot. */
export class Disk {
  /** No space is left: a write puts down a part and fails. */
  isFull = false
  /** The next sync fails, and what was unsynced then may or may not be on the medium. */
  failsNextSync = false
  /** Above 1 while the disk is slow. */
  slowness = 1
  readonly #files = new Map<number, SegmentFile>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** Numbers and lengths of the segments that a process sees, ascending. */
  places(): { number: number; bytes: number }[] {
    const places = [...this.#files].map(([number, { length }]) => ({ number, bytes: length }))
    return places.sort((a, b) => a.number - b.number)
  }

  /** A view of at most `length` bytes. */
  read(segment: number, offset: number, length: number): Uint8Array {
    const file = this.#fileOf(segment)
    return file.bytes.subarray(offset, Math.min(offset + length, file.length))
  }

  create(segment: number): void {
    const bytes = new Uint8Array(FIRST_BYTES)
    this.#files.set(segment, {
      bytes,
      length: 0,
      synced: 0,
      syncedBefore: 0,
      isNameSynced: false,
    })
  }

  /** Writes at a place; what lies behind stays. @throws DiskError `full` after some of the bytes. */
  write(segment: number, offset: number, parts: readonly Uint8Array[]): void {
    const file = this.#fileOf(segment)
    let left = Number.POSITIVE_INFINITY
    if (this.isFull) left = this.#random.below(lengthOf(parts))
    let at = offset
    for (const part of parts) {
      const written = Math.min(part.length, left)
      reserve(file, at + written)
      file.bytes.set(written === part.length ? part : part.subarray(0, written), at)
      at += written
      file.length = Math.max(file.length, at)
      left -= written
      if (written < part.length) throw new DiskError('full')
    }
  }

  /** @throws DiskError `sync`. */
  sync(segment: number): void {
    const file = this.#fileOf(segment)
    if (this.failsNextSync) {
      this.failsNextSync = false
      throw new DiskError('sync')
    }
    if (file.length > file.synced) file.syncedBefore = file.synced
    file.synced = file.length
  }

  syncNames(): void {
    for (const file of this.#files.values()) file.isNameSynced = true
  }

  truncate(segment: number, length: number): void {
    const file = this.#fileOf(segment)
    file.length = length
    file.synced = Math.min(file.synced, length)
    if (length <= file.syncedBefore) file.syncedBefore = 0
  }

  remove(segment: number): void {
    this.#files.delete(segment)
  }

  /** The power fails: what was not synced is kept, lost, cut off or left in sectors, file by file. */
  cutPower(): CutOutcome[] {
    const outcomes: CutOutcome[] = []
    for (const [number, file] of this.#files) {
      if (!file.isNameSynced && this.#random.chance(0.5)) {
        this.#files.delete(number)
        outcomes.push('lost')
        continue
      }
      file.isNameSynced = true
      if (file.synced === file.length) continue
      outcomes.push(this.#cut(file))
      file.synced = file.length
    }
    return outcomes
  }

  #cut(file: SegmentFile): CutOutcome {
    const outcome = this.#random.pick(['kept', 'lost', 'torn', 'sectors'] as const)
    const unsynced = file.length - file.synced
    if (outcome === 'lost') file.length = file.synced
    if (outcome === 'torn') file.length = file.synced + this.#random.below(unsynced)
    if (outcome === 'sectors') this.#loseSectors(file)
    return outcome
  }

  /** The length of the file reached the medium, some of its sectors did not. */
  #loseSectors(file: SegmentFile): void {
    let at = file.synced
    while (at < file.length) {
      const end = Math.min(file.length, (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES)
      if (this.#random.chance(0.5)) file.bytes.fill(0, at, end)
      at = end
    }
  }

  /** Bytes of a segment that are on the medium. */
  syncedOf(segment: number): number {
    const file = this.#fileOf(segment)
    return file.isNameSynced ? file.synced : 0
  }

  /** Flips one bit of what was synced before something else was. False when there is nothing of the kind. */
  flipBit(): boolean {
    const last = this.places().at(-1)?.number
    const ends = [...this.#files].map(([number, file]) => ({
      file,
      end: number === last ? file.syncedBefore : this.syncedOf(number),
    }))
    const rotting = ends.filter(({ end }) => end > 0)
    if (rotting.length === 0) return false
    const { file, end } = this.#random.pick(rotting)
    const at = this.#random.below(end)
    file.bytes[at] = (file.bytes[at] ?? 0) ^ (1 << this.#random.below(8))
    return true
  }

  #fileOf(segment: number): SegmentFile {
    const file = this.#files.get(segment)
    if (file === undefined) throw new RangeError(`no segment ${segment}`)
    return file
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0
  for (const part of parts) length += part.length
  return length
}

function reserve(file: SegmentFile, needed: number): void {
  if (needed <= file.bytes.length) return
  const grown = new Uint8Array(Math.max(needed, file.bytes.length * 2))
  grown.set(file.bytes.subarray(0, file.length))
  file.bytes = grown
}
