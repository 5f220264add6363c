import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

const CHUNK_BYTES = 1_048_576

/** Whether this process may mount file systems. */
export function canMount(folder: string): boolean {
  const probe = join(folder, 'mount-probe')
  mkdirSync(probe, { recursive: true })
  try {
    mount(probe, CHUNK_BYTES)
    execFileSync('umount', [probe], { stdio: 'ignore' })
    return true
  } catch {
    return false // Not root, no mount, or a container that forbids it: the caller says so.
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}

function mount(folder: string, bytes: number): void {
  const options = `size=${bytes},mode=0700`
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'shardnet-chaos', folder], {
    stdio: 'ignore',
  })
}

/** Data folders on file systems of their own that can be full. Whatever a run does, `close` takes them away. */
export class SmallDisks {
  readonly #mounted = new Set<string>()

  /** Moves a stopped validator's data folder to a disk with so much room left; one that has it already stays. */
  mount(dataDirectory: string, roomBytes: number): void {
    if (this.#mounted.has(dataDirectory)) return
    const aside = `${dataDirectory}.before`
    renameSync(dataDirectory, aside)
    mkdirSync(dataDirectory)
    mount(dataDirectory, roomBytes)
    this.#mounted.add(dataDirectory)
    cpSync(aside, dataDirectory, { recursive: true })
    rmSync(aside, { recursive: true, force: true })
  }

  /** Fills the disk to its last byte. */
  fill(dataDirectory: string): void {
    const file = openSync(join(dataDirectory, 'ballast'), 'a')
    try {
      for (let bytes = CHUNK_BYTES; bytes >= 1; bytes = Math.floor(bytes / 2)) {
        const chunk = Buffer.alloc(bytes)
        while (written(file, chunk));
      }
    } finally {
      closeSync(file)
    }
  }

  /** Gives the disk another size, as a larger volume does, while it is in use. */
  resize(dataDirectory: string, bytes: number): void {
    const options = `remount,size=${bytes}`
    execFileSync('mount', ['-o', options, dataDirectory], { stdio: 'ignore' })
  }

  /** Makes room again. */
  clear(dataDirectory: string): void {
    rmSync(join(dataDirectory, 'ballast'), { force: true })
  }

  /** Copies every folder back to where it was and unmounts; the validators must be down. */
  close(): void {
    for (const dataDirectory of this.#mounted) {
      const aside = `${dataDirectory}.after`
      if (existsSync(dataDirectory)) cpSync(dataDirectory, aside, { recursive: true })
      execFileSync('umount', [dataDirectory], { stdio: 'ignore' })
      rmSync(dataDirectory, { recursive: true, force: true })
      renameSync(aside, dataDirectory)
      this.#mounted.delete(dataDirectory)
    }
  }
}

function written(file: number, chunk: Buffer): boolean {
  try {
    return writeSync(file, chunk) === chunk.length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}
