import { mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FilePort, OpenFile } from './file-port.ts'
import { lockFolder } from './folder-lock.ts'

/** The operating system's limit on parts of one vectored write (IOV_MAX). */
const PARTS_MAX = 1_024

const FLAGS = { read: 'r', write: 'r+', create: 'wx+' } as const

/** The disk. */
export const realFiles: FilePort = {
  async createFolder(folder) {
    const first = await mkdir(folder, { recursive: true })
    if (first === undefined) return
    // Every new name is durable only after a sync of the folder that it stands in.
    for (let made = folder; made.length >= first.length; made = dirname(made))
      await syncFolder(dirname(made))
  },
  list: (folder) => readdir(folder),
  open: async (file, mode) => new RealFile(await open(file, FLAGS[mode], 0o600)),
  remove: (file) => unlink(file),
  rename: (from, to) => rename(from, to),
  syncFolder,
  lock: lockFolder,
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

class RealFile implements OpenFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    let done = 0
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, offset + done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    return done
  }

  async write(parts: readonly Uint8Array[], offset: number): Promise<void> {
    let at = offset
    for (let first = 0; first < parts.length; first += PARTS_MAX) {
      at += await this.#writeSome(parts.slice(first, first + PARTS_MAX), at)
    }
  }

  /** A vectored write may stop short (a nearly full disk does that): the rest is written again until an error says why. */
  async #writeSome(parts: readonly Uint8Array[], offset: number): Promise<number> {
    let left = parts
    let done = 0
    while (left.length > 0) {
      const { bytesWritten } = await this.#handle.writev(left, offset + done)
      done += bytesWritten
      left = withoutFirst(left, bytesWritten)
    }
    return done
  }

  sync(): Promise<void> {
    return this.#handle.datasync()
  }

  truncate(length: number): Promise<void> {
    return this.#handle.truncate(length)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

function withoutFirst(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const left: Uint8Array[] = []
  let skip = count
  for (const part of parts) {
    if (skip >= part.length) skip -= part.length
    else {
      left.push(part.subarray(skip))
      skip = 0
    }
  }
  return left
}
