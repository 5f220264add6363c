import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Never more than this at once of a log that may be large. */
const READ_BYTES_MAX = 4 * 1024 * 1024

/** The end of one log file, and what is added to it. */
export class LogTail {
  readonly #title: string
  readonly #file: string
  readonly #lines: number
  #position: number | null = null

  constructor(title: string, file: string, lines: number) {
    this.#title = title
    this.#file = file
    this.#lines = lines
  }

  /** Prints the last lines at the first call, later what came since. Whole lines only. */
  print(): void {
    const text = this.#read()
    const end = text.lastIndexOf('\n') + 1
    const rest = Buffer.byteLength(text.slice(end))
    const isFirst = this.#position === null
    const lines = text.slice(0, end).split('\n').slice(0, -1)
    this.#position = this.#size - rest
    for (const line of isFirst && this.#lines > 0
      ? lines.slice(-this.#lines)
      : isFirst
        ? []
        : lines) {
      process.stdout.write(`${this.#title}  ${line}\n`)
    }
  }

  #size = 0

  #read(): string {
    let descriptor
    try {
      descriptor = openSync(this.#file, 'r')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '' // Not started yet.
      throw error
    }
    try {
      this.#size = fstatSync(descriptor).size
      const from = Math.max(this.#position ?? 0, this.#size - READ_BYTES_MAX)
      const buffer = Buffer.alloc(Math.max(0, this.#size - from))
      const count = readSync(descriptor, buffer, 0, buffer.length, from)
      return buffer.toString('utf8', 0, count)
    } finally {
      closeSync(descriptor)
    }
  }
}
