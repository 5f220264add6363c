import { closeSync, openSync, readSync } from 'node:fs'
import { mustHold } from '../core/errors.ts'
import type { RecordPlace } from './log-reader.ts'

/** Reads bytes again that were checked before; files stay open until `close`. */
export class PlaceReader {
  readonly #files = new Map<string, number>()

  read(place: RecordPlace): Buffer {
    const bytes = Buffer.allocUnsafe(place.length)
    let file = this.#files.get(place.file)
    if (file === undefined) {
      file = openSync(place.file, 'r')
      this.#files.set(place.file, file)
    }
    const count = readSync(file, bytes, 0, place.length, place.offset)
    mustHold(count === place.length, `${place.file} became shorter during the audit`)
    return bytes
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file)
    this.#files.clear()
  }
}
