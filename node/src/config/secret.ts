import { inspect } from 'node:util'

/** Key material that neither a log line, a JSON document nor an error message can show by accident. */
export class Secret {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.slice()
  }

  /** A copy of the bytes, for the one call that needs them. */
  reveal(): Uint8Array {
    return this.#bytes.slice()
  }

  toJSON(): string {
    return '[secret]'
  }

  toString(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}
