import type { Hash } from '../primitives/hash.ts'

/** Something we miss and whom to ask. */
export interface Want {
  readonly kind: 'batch' | 'import' | 'proposal'
  readonly hash: Hash
  /** Validators likely to have it, best first. */
  readonly holders: number[]
  attempts: number
  askAgainAtMs: number
}

/** Requests that one look at the book sends; the rest waits for the next one. */
const ASKED_AT_ONCE_MAX = 64
const WANTS_MAX = 4096
/** After this many requests a want is dropped; whoever still needs it wants it anew. */
const ATTEMPTS_MAX = 64

/** What we miss. Bounded; each item is asked of one holder at a time, the next one after a pause. */
export class FetchBook {
  readonly #wants = new Map<Hash, Want>()

  isWanted(hash: Hash): boolean {
    return this.#wants.has(hash)
  }

  get size(): number {
    return this.#wants.size
  }

  want(kind: Want['kind'], hash: Hash, holders: readonly number[]): void {
    const known = this.#wants.get(hash)
    if (known !== undefined) {
      for (const holder of holders) if (!known.holders.includes(holder)) known.holders.push(holder)
      return
    }
    if (this.#wants.size >= WANTS_MAX) return
    this.#wants.set(hash, { kind, hash, holders: [...holders], attempts: 0, askAgainAtMs: 0 })
  }

  clear(): void {
    this.#wants.clear()
  }

  settle(hash: Hash): void {
    this.#wants.delete(hash)
  }

  /** The wants that are due, each with the validator to ask now; marks them as asked. */
  due(nowMs: number, pauseMs: number): { readonly want: Want; readonly ask: number }[] {
    const due: { readonly want: Want; readonly ask: number }[] = []
    for (const want of this.#wants.values()) {
      if (due.length >= ASKED_AT_ONCE_MAX) break
      if (want.attempts >= ATTEMPTS_MAX) this.#wants.delete(want.hash)
      const ask = want.holders[want.attempts % Math.max(1, want.holders.length)]
      if (want.askAgainAtMs > nowMs || ask === undefined) continue
      want.attempts++
      want.askAgainAtMs = nowMs + pauseMs * Math.min(8, want.attempts)
      due.push({ want, ask })
    }
    return due
  }
}
