import { mustHold, NONCE_WINDOW } from '@shardnet/node/core'

/**
 * The nonces of all accounts. A nonce is taken, then either spent (a block used it up) or given back (the transaction can
 * never execute any more). At most 64 are taken or spent above the lowest one that is not spent: the window that
 * validators accept. A few bytes per account, however long the run.
 */
export class NonceBook {
  readonly #base: Uint32Array
  readonly #next: Uint32Array
  /** Bits 0–31 and 32–63 of the window: spent nonces at and above the base. */
  readonly #spentLow: Uint32Array
  readonly #spentHigh: Uint32Array
  readonly #returned = new Map<number, number[]>()
  readonly #outstanding: Uint8Array

  constructor(accounts: number) {
    this.#base = new Uint32Array(accounts)
    this.#next = new Uint32Array(accounts)
    this.#spentLow = new Uint32Array(accounts)
    this.#spentHigh = new Uint32Array(accounts)
    this.#outstanding = new Uint8Array(accounts)
  }

  /** Nonces taken and neither spent nor given back. */
  outstandingOf(account: number): number {
    return this.#outstanding[account] ?? 0
  }

  /** The lowest nonce that is not spent. */
  baseOf(account: number): number {
    return this.#base[account] ?? 0
  }

  /** Sets where the account stands in a testnet that has run before: its window's base and the used nonces above. */
  begin(account: number, base: number, used: bigint): void {
    this.#base[account] = base
    this.#spentLow[account] = Number(used & 0xffff_ffffn)
    this.#spentHigh[account] = Number((used >> 32n) & 0xffff_ffffn)
    this.#slide(account)
    this.#next[account] = this.baseOf(account)
  }

  /** The next nonce to sign, lowest first; null while the window is full. */
  take(account: number): number | null {
    const returned = this.#returned.get(account)
    if (returned !== undefined) return this.#takeReturned(account, returned)
    const base = this.baseOf(account)
    let next = this.#next[account] ?? 0
    while (next < base + NONCE_WINDOW && this.#isSpent(account, next - base)) next += 1
    if (next >= base + NONCE_WINDOW) return null
    this.#next[account] = next + 1
    this.#count(account, 1)
    return next
  }

  /** A block used the nonce up. */
  spend(account: number, nonce: number): void {
    const offset = nonce - this.baseOf(account)
    mustHold(
      offset >= 0 && offset < NONCE_WINDOW && !this.#isSpent(account, offset),
      'a nonce is spent once',
    )
    const words = offset < 32 ? this.#spentLow : this.#spentHigh
    words[account] = ((words[account] ?? 0) | (1 << (offset & 31))) >>> 0
    this.#count(account, -1)
    this.#slide(account)
  }

  /** The transaction with this nonce can never execute: another one may carry it. */
  giveBack(account: number, nonce: number): void {
    const returned = this.#returned.get(account)
    this.#count(account, -1)
    if (returned === undefined) this.#returned.set(account, [nonce])
    else returned.push(nonce)
  }

  #takeReturned(account: number, returned: number[]): number {
    let lowest = 0
    for (let i = 1; i < returned.length; i++)
      if ((returned[i] ?? 0) < (returned[lowest] ?? 0)) lowest = i
    const [nonce] = returned.splice(lowest, 1)
    if (returned.length === 0) this.#returned.delete(account)
    mustHold(nonce !== undefined, 'a list of returned nonces is never empty')
    this.#count(account, 1)
    return nonce
  }

  #count(account: number, change: number): void {
    this.#outstanding[account] = (this.#outstanding[account] ?? 0) + change
  }

  #isSpent(account: number, offset: number): boolean {
    const word = (offset < 32 ? this.#spentLow[account] : this.#spentHigh[account]) ?? 0
    return ((word >>> (offset & 31)) & 1) === 1
  }

  #slide(account: number): void {
    while (this.#isSpent(account, 0)) {
      const low = this.#spentLow[account] ?? 0
      const high = this.#spentHigh[account] ?? 0
      this.#spentLow[account] = ((low >>> 1) | (high << 31)) >>> 0
      this.#spentHigh[account] = high >>> 1
      this.#base[account] = (this.#base[account] ?? 0) + 1
    }
  }
}
