import { asciiBytes } from '../primitives/bytes.ts'
import { ByteWriter } from '../primitives/byte-writer.ts'
import { sha256 } from '../primitives/hash.ts'

/** Bytes of the value's hash that a cell's row takes in. */
export const CELL_VALUE_HASH_BYTES = 28
/** Last 4 bytes of every cell row; account rows end in "unt1" and branch rows in "ch" and a bit. */
export const CELL_TAG = asciiBytes('cell')

/** Leaf: SHA-256 of one 64-byte row: key (32), first 28 bytes of the value's SHA-256, "cell". */
export function cellLeafOf(key: Uint8Array, value: Uint8Array): Uint8Array {
  const row = new ByteWriter(64).raw(key).raw(sha256(value).subarray(0, CELL_VALUE_HASH_BYTES))
  return sha256(row.raw(CELL_TAG).finish())
}
