import type { Hash } from '../../core/primitives/hash.ts'

/** Bodies that will be executed soon, so that they are not read back from the log. Bounded in bytes; the oldest go first. */
export class BodyCache<T> {
  readonly #entries = new Map<Hash, { readonly value: T; readonly bytes: number }>()
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  put(digest: Hash, value: T, bytes: number): void {
    if (this.#entries.has(digest)) return
    this.#entries.set(digest, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax) return
      this.drop(oldest)
    }
  }

  get(digest: Hash): T | undefined {
    return this.#entries.get(digest)?.value
  }

  drop(digest: Hash): void {
    const entry = this.#entries.get(digest)
    if (entry === undefined) return
    this.#bytes -= entry.bytes
    this.#entries.delete(digest)
  }
}
