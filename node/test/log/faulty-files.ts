import { dirname } from 'node:path'
import type { FilePort, OpenFile } from '../../src/host/log/file-port.ts'
import { LogError } from '../../src/core/log/log-error.ts'

/** One call that changes the disk or makes a change durable. */
export interface DiskOperation {
  readonly kind: 'create' | 'write' | 'sync' | 'truncate' | 'remove' | 'rename' | 'syncFolder'
  readonly path: string
}

interface PendingWrite {
  readonly offset: number
  readonly bytes: Buffer
}

interface Content {
  /** As of the last sync. */
  durable: Buffer
  current: Buffer
  pending: PendingWrite[]
}

/** What a crash leaves of the writes since the last sync: a choice for each file, and for each name. */
export interface CrashChoice {
  /** How a file with unsynced writes looks afterwards. */
  readonly content: (content: Readonly<Content>) => Buffer
  /** Whether names that were not synced are there. */
  readonly keepsNames: boolean
}

/** Nothing that was not synced is left: the meanest honest disk. */
export const LOSES_ALL: CrashChoice = { content: ({ durable }) => durable, keepsNames: false }
/** Everything that was written is left: a killed process on a machine that stays up. */
export const KEEPS_ALL: CrashChoice = { content: ({ current }) => current, keepsNames: true }

/** The last unsynced write is cut off after so many bytes. */
export function cutAfter(bytes: number): CrashChoice {
  return {
    keepsNames: true,
    content: ({ durable, pending }) => {
      const last = pending.at(-1)
      if (last === undefined) return durable
      const before = pending.slice(0, -1).reduce(applied, durable)
      return applied(before, { offset: last.offset, bytes: last.bytes.subarray(0, bytes) })
    },
  }
}

/** Any sectors of the unsynced writes are left, in any order; the file has its full length. */
export function keepsSectors(sectorBytes: number, isKept: (index: number) => boolean): CrashChoice {
  return {
    keepsNames: true,
    content: ({ durable, current }) => {
      const left = Buffer.alloc(current.length)
      durable.copy(left)
      for (let at = 0; at < current.length; at += sectorBytes) {
        if (isKept(at / sectorBytes)) current.copy(left, at, at, at + sectorBytes)
      }
      return left
    },
  }
}

function applied(content: Buffer, write: PendingWrite): Buffer {
  const end = write.offset + write.bytes.length
  const next = Buffer.alloc(Math.max(content.length, end))
  content.copy(next)
  write.bytes.copy(next, write.offset)
  return next
}

/** An error as node:fs makes them. */
export function diskError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall })
}

/**
 * A disk in memory that knows what is durable and what is not. `before` sees every operation first: it may throw (the
 * operation fails and has no effect) or wait.
 */
export class FaultyFiles implements FilePort {
  before: (operation: DiskOperation, index: number) => void | Promise<void> = () => {}
  /** Bytes of a write that reach the file before its error does. */
  bytesBeforeError = 0
  readonly operations: DiskOperation[] = []
  readonly #contents: Map<string, Content>
  readonly #durableNames: Map<string, Content>
  readonly #locked = new Set<string>()

  constructor(files: ReadonlyMap<string, Buffer> = new Map()) {
    this.#contents = new Map([...files].map(([path, bytes]) => [path, contentOf(bytes)]))
    this.#durableNames = new Map(this.#contents)
  }

  /** What the next process finds. */
  crash(choice: CrashChoice): FaultyFiles {
    const names = choice.keepsNames ? this.#contents : this.#durableNames
    return new FaultyFiles(
      new Map([...names].map(([path, content]) => [path, choice.content(content)])),
    )
  }

  /** The files as a process that reads them now sees them. */
  snapshot(): Map<string, Buffer> {
    return new Map([...this.#contents].map(([path, { current }]) => [path, Buffer.from(current)]))
  }

  async createFolder(): Promise<void> {
    await Promise.resolve()
  }

  async list(folder: string): Promise<string[]> {
    await Promise.resolve()
    return [...this.#contents.keys()]
      .filter((path) => dirname(path) === folder)
      .map((path) => path.slice(folder.length + 1))
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    if (mode === 'create') {
      if (this.#contents.has(path)) throw diskError('EEXIST', 'open')
      await this.#announce({ kind: 'create', path })
      this.#contents.set(path, contentOf(Buffer.alloc(0)))
    }
    const content = this.#contents.get(path)
    if (content === undefined) throw diskError('ENOENT', 'open')
    return this.#openFile(path, content)
  }

  async remove(path: string): Promise<void> {
    await this.#announce({ kind: 'remove', path })
    if (!this.#contents.delete(path)) throw diskError('ENOENT', 'unlink')
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#announce({ kind: 'rename', path: to })
    const content = this.#contents.get(from)
    if (content === undefined) throw diskError('ENOENT', 'rename')
    this.#contents.delete(from)
    this.#contents.set(to, content)
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#announce({ kind: 'syncFolder', path: folder })
    for (const path of this.#durableNames.keys())
      if (dirname(path) === folder) this.#durableNames.delete(path)
    for (const [path, content] of this.#contents)
      if (dirname(path) === folder) this.#durableNames.set(path, content)
  }

  async lock(folder: string): Promise<() => Promise<void>> {
    if (this.#locked.has(folder)) throw new LogError('locked', folder)
    this.#locked.add(folder)
    await Promise.resolve()
    return async () => {
      await Promise.resolve()
      this.#locked.delete(folder)
    }
  }

  async #announce(operation: DiskOperation): Promise<void> {
    this.operations.push(operation)
    await this.before(operation, this.operations.length - 1)
  }

  #openFile(path: string, content: Content): OpenFile {
    return {
      size: () => Promise.resolve(content.current.length),
      read: (into, offset) => Promise.resolve(readFrom(content.current, into, offset)),
      write: async (parts, offset) => {
        const bytes = Buffer.concat(parts)
        try {
          await this.#announce({ kind: 'write', path })
        } catch (error) {
          writeTo(content, { offset, bytes: bytes.subarray(0, this.bytesBeforeError) })
          throw error
        }
        writeTo(content, { offset, bytes })
      },
      sync: async () => {
        // What a sync makes durable is what was written before it began.
        const { current } = content
        const covered = content.pending.length
        await this.#announce({ kind: 'sync', path })
        content.durable = current
        content.pending = content.pending.slice(covered)
      },
      truncate: async (length) => {
        await this.#announce({ kind: 'truncate', path })
        content.current = Buffer.from(content.current.subarray(0, length))
        content.pending = []
      },
      close: () => Promise.resolve(),
    }
  }
}

function contentOf(bytes: Buffer): Content {
  return { durable: bytes, current: bytes, pending: [] }
}

function readFrom(content: Buffer, into: Uint8Array, offset: number): number {
  const bytes = content.subarray(offset, offset + into.length)
  into.set(bytes)
  return bytes.length
}

function writeTo(content: Content, write: PendingWrite): void {
  if (write.bytes.length === 0) return
  content.current = applied(content.current, write)
  content.pending.push(write)
}
