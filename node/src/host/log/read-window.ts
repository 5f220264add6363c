import type { OpenFile } from './file-port.ts'

const WINDOW_BYTES = 4 * 1_048_576

/** Large reads of one file; a fresh buffer each time, so that views handed out stay as they are. */
export class ReadWindow {
  readonly #file: OpenFile
  readonly #fileBytes: number
  #start = 0
  #bytes: Uint8Array = new Uint8Array(0)

  constructor(file: OpenFile, fileBytes: number) {
    this.#file = file
    this.#fileBytes = fileBytes
  }

  /** The bytes when the window holds all of them. */
  held(offset: number, length: number): Uint8Array | null {
    const from = offset - this.#start
    const isInside = from >= 0 && from + length <= this.#bytes.length
    return isInside ? this.#bytes.subarray(from, from + length) : null
  }

  /** Moves the window to `offset`; fewer bytes than `length` only at the end of the file. */
  async load(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(WINDOW_BYTES, length)
    const left = Math.max(0, this.#fileBytes - offset)
    const fresh = Buffer.allocUnsafeSlow(Math.min(wanted, left))
    this.#bytes = fresh.subarray(0, await this.#file.read(fresh, offset))
    this.#start = offset
    return this.#bytes.subarray(0, length)
  }
}
