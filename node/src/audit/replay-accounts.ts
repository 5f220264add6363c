import { must } from '../core/errors.ts'
import { nodeOf, sha256Of, ZERO_NODE } from './own-hash.ts'

/** An account in the audit's own execution. */
export interface ReplayAccount {
  /** 32 bytes; the first two are the slot. */
  readonly address: Buffer
  balance: bigint
  nonceBase: bigint
  /** Bit i: nonceBase + i is used; bit 0 is always clear. */
  nonceBitmap: bigint
  /** Nonces ever used up, counted beside the window to check it. */
  noncesUsed: bigint
  leaf: Uint8Array | null
}

const SLOT_LEVELS = 16
const ACCOUNT_TAG = Buffer.from('account1', 'latin1')
const BRANCH_TAG = Buffer.from('branch', 'latin1')
/** What a branch takes of each child's hash. */
const CHILD_BYTES = 28

/**
 * A shard's accounts, and the root of the tree over them. Leaf: SHA-256(address, balance u64, nonce base u64, nonce bitmap
 * u64, "account1"). The accounts of a slot: the only one's leaf, or a branch over the first bit in which they differ,
 * SHA-256(28 bytes of left, 28 bytes of right, "branch", bit u16). Above: 16 levels, zero over nothing.
 */
export class ReplayAccounts {
  readonly #accounts = new Map<string, ReplayAccount>()
  /** By slot, sorted by address. */
  readonly #slots = new Map<number, ReplayAccount[]>()
  readonly #dirtySlots = new Set<number>()
  /** By depth 0..16: nodes by index; absent is zero. */
  readonly #levels: Map<number, Uint8Array>[] = Array.from(
    { length: SLOT_LEVELS + 1 },
    () => new Map<number, Uint8Array>(),
  )

  get count(): number {
    return this.#accounts.size
  }

  find(key: string): ReplayAccount | undefined {
    return this.#accounts.get(key)
  }

  /** The account at the address, made empty when there is none. `key` is the address as latin1 text. */
  findOrAdd(key: string): ReplayAccount {
    const known = this.#accounts.get(key)
    if (known !== undefined) return known
    const address = Buffer.from(key, 'latin1')
    const account: ReplayAccount = {
      address,
      balance: 0n,
      nonceBase: 0n,
      nonceBitmap: 0n,
      noncesUsed: 0n,
      leaf: null,
    }
    this.#accounts.set(key, account)
    const slot = address.readUInt16BE(0)
    const others = this.#slots.get(slot) ?? []
    others.push(account)
    this.#slots.set(
      slot,
      others.toSorted((a, b) => a.address.compare(b.address)),
    )
    this.touch(account)
    return account
  }

  /** The account changed: its leaf and all above it are out of date. */
  touch(account: ReplayAccount): void {
    account.leaf = null
    this.#dirtySlots.add(account.address.readUInt16BE(0))
  }

  balances(): bigint {
    let sum = 0n
    for (const account of this.#accounts.values()) sum += account.balance
    return sum
  }

  /** An account whose window does not add up: some nonce was used twice, or none that was counted. */
  firstBrokenWindow(): ReplayAccount | null {
    for (const account of this.#accounts.values()) {
      if (account.nonceBase + bitsOf(account.nonceBitmap) !== account.noncesUsed) return account
    }
    return null
  }

  root(): Uint8Array {
    let dirty = this.#dirtySlots
    const bottom = must(this.#levels[SLOT_LEVELS], 'the level of slots')
    for (const slot of dirty)
      bottom.set(slot, slotHash(must(this.#slots.get(slot), 'a dirty slot has accounts')))
    for (let depth = SLOT_LEVELS - 1; depth >= 0; depth--) {
      const own = must(this.#levels[depth], 'a level')
      const below = must(this.#levels[depth + 1], 'a level')
      const parents = new Set<number>()
      for (const index of dirty) parents.add(index >> 1)
      for (const index of parents) {
        own.set(
          index,
          nodeOf(below.get(2 * index) ?? ZERO_NODE, below.get(2 * index + 1) ?? ZERO_NODE),
        )
      }
      dirty = parents
    }
    this.#dirtySlots.clear()
    return this.#levels[0]?.get(0) ?? ZERO_NODE
  }
}

/** Accounts sorted by address, all different: the first and the last differ earliest. */
function slotHash(accounts: readonly ReplayAccount[]): Uint8Array {
  const first = must(accounts[0], 'an account')
  const last = must(accounts.at(-1), 'an account')
  if (first === last) return leafOf(first)
  let bit = 0
  while (bitAt(first.address, bit) === bitAt(last.address, bit)) bit += 1
  const split = accounts.findIndex(({ address }) => bitAt(address, bit) === 1)
  const row = new Uint8Array(64)
  row.set(slotHash(accounts.slice(0, split)).subarray(0, CHILD_BYTES))
  row.set(slotHash(accounts.slice(split)).subarray(0, CHILD_BYTES), CHILD_BYTES)
  row.set(BRANCH_TAG, 2 * CHILD_BYTES)
  row[62] = bit >> 8
  row[63] = bit & 0xff
  return sha256Of(row)
}

function bitAt(address: Buffer, bit: number): number {
  return ((address[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1
}

function leafOf(account: ReplayAccount): Uint8Array {
  if (account.leaf !== null) return account.leaf
  const row = Buffer.alloc(64)
  row.set(account.address)
  row.writeBigUInt64BE(account.balance, 32)
  row.writeBigUInt64BE(account.nonceBase, 40)
  row.writeBigUInt64BE(account.nonceBitmap, 48)
  row.set(ACCOUNT_TAG, 56)
  account.leaf = sha256Of(row)
  return account.leaf
}

function bitsOf(bitmap: bigint): bigint {
  let count = 0n
  for (let rest = bitmap; rest > 0n; rest >>= 1n) count += rest & 1n
  return count
}
