import { asciiBytes } from '../primitives/bytes.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import { sha256 } from '../primitives/hash.ts'

/** An account as doors and proofs show it. */
export interface Account {
  readonly balance: bigint
  /** The lowest nonce not used yet. */
  readonly nonceBase: number
  /** Bit i: nonceBase + i is used. Bit 0 is never set. */
  readonly nonceBitmap: bigint
}

/** Last 8 bytes of every account row; tells it from a branch row of the same length. */
export const ACCOUNT_TAG = asciiBytes('account1')

/** Leaf: SHA-256 of one 64-byte row: address (32), balance (u64), nonce base (u64), nonce bitmap (u64), "account1". */
export function accountLeafOf(address: Uint8Array, account: Account): Uint8Array {
  const row = new ByteWriter(64).raw(address).u64(Number(account.balance)).u64(account.nonceBase)
  writeBitmap(row, account.nonceBitmap)
  return sha256(row.raw(ACCOUNT_TAG).finish())
}

/** 64 bits, big-endian. */
export function writeBitmap(writer: ByteWriter, bitmap: bigint): void {
  writer.u32(Number(bitmap >> 32n)).u32(Number(bitmap & 0xffff_ffffn))
}
