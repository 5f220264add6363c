import type { Hash } from '../primitives/hash.ts'

/** Something we miss and whom to ask. */
export interface Want {
  readonly kind: 'batch' | 'import' | 'proposal'
  readonly hash: Hash
  /** Validators likely to have it, best first. */
  readonly holders: number[]
  /** On whose word it stands here; undefined when nobody may have it. */
  readonly broughtBy: number | undefined
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
  /** By member: how many wants stand here on its word. */
  readonly #brought = new Map<number, number>()
  readonly #perMemberMax: number

  /** Where anybody may claim to have something, `members` share the room, so that false claims crowd out nobody else's. */
  constructor(members = 1) {
    this.#perMemberMax = Math.floor(WANTS_MAX / members)
  }

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
    const broughtBy = holders.find((holder) => this.#broughtBy(holder) < this.#perMemberMax)
    if (broughtBy === undefined && holders.length > 0) return
    if (broughtBy !== undefined) this.#brought.set(broughtBy, this.#broughtBy(broughtBy) + 1)
    const want = { kind, hash, holders: [...holders], broughtBy, attempts: 0, askAgainAtMs: 0 }
    this.#wants.set(hash, want)
  }

  clear(): void {
    this.#wants.clear()
    this.#brought.clear()
  }

  settle(hash: Hash): void {
    const broughtBy = this.#wants.get(hash)?.broughtBy
    if (broughtBy !== undefined) this.#brought.set(broughtBy, this.#broughtBy(broughtBy) - 1)
    this.#wants.delete(hash)
  }

  #broughtBy(member: number): number {
    return this.#brought.get(member) ?? 0
  }

  /** The wants that are due, each with the validator to ask now; marks them as asked. */
  due(nowMs: number, pauseMs: number): { readonly want: Want; readonly ask: number }[] {
    const due: { readonly want: Want; readonly ask: number }[] = []
    if (this.#wants.size === 0) return due
    for (const want of this.#wants.values()) {
      if (due.length >= ASKED_AT_ONCE_MAX) break
      if (want.attempts >= ATTEMPTS_MAX) this.settle(want.hash)
      const ask = want.holders[want.attempts % Math.max(1, want.holders.length)]
      if (want.askAgainAtMs > nowMs || ask === undefined) continue
      want.attempts++
      want.askAgainAtMs = nowMs + pauseMs * Math.min(8, want.attempts)
      due.push({ want, ask })
    }
    return due
  }
}
