import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mustHold } from '../core/errors.ts'
import { asciiBytes } from '../core/primitives/bytes.ts'
import { ByteWriter } from '../core/primitives/byte-writer.ts'
import { domainHash, type Hash } from '../core/primitives/hash.ts'
import { slotRangeOf } from '../core/wire/committee.ts'
import { ADDRESS_BYTES, addressOf } from '../core/wire/transaction.ts'
import { writeFileDurably } from './files.ts'
import { ConfigError } from './problems.ts'

const ACCOUNT_DOMAIN = asciiBytes('shardnet/account/v1')
const SEED_BYTES = 32
const KEY_BYTES = 32

/** Bytes of one account in the table: ed25519 key, address. */
export const ACCOUNT_ROW_BYTES = KEY_BYTES + ADDRESS_BYTES

/** Makes ed25519 public keys (32 bytes each) of seeds (32 bytes each) laid end to end. */
export type KeyDeriver = (seeds: Uint8Array) => Uint8Array

/** Which accounts a genesis has: the public seed and how many. */
export interface AccountPlan {
  readonly seed: string
  readonly shards: number
  readonly perShard: number
}

/** The ed25519 seed of account `index` of a shard: public, because the workload's seed is. */
export function accountSeed(seed: string, shard: number, index: number): Uint8Array {
  return accountSeedWith(accountPreimage(seed), shard, index)
}

function accountPreimage(seed: string): Buffer {
  return Buffer.concat([ACCOUNT_DOMAIN, new TextEncoder().encode(seed), Buffer.alloc(6)])
}

/** Writes shard and index into the tail of the preimage: one allocation for a whole table. */
function accountSeedWith(preimage: Buffer, shard: number, index: number): Uint8Array {
  preimage.writeUInt16BE(shard, preimage.length - 6)
  preimage.writeUInt32BE(index, preimage.length - 4)
  return hash('sha256', preimage, 'buffer')
}

/** The slot of account `index`: accounts go round the slots of their shard. */
export function accountSlot(shard: number, shards: number, index: number): number {
  const { first, end } = slotRangeOf(shard, shards)
  return first + (index % (end - first))
}

const KEYS_PER_CALL = 4_096

/** All accounts of a genesis: rows (key, address), shard after shard, in order of their index. */
export function deriveAccountTable(plan: AccountPlan, deriveKeys: KeyDeriver): Uint8Array {
  const { shards, perShard } = plan
  const table = new Uint8Array(shards * perShard * ACCOUNT_ROW_BYTES)
  const preimage = accountPreimage(plan.seed)
  for (let shard = 0; shard < shards; shard++) {
    for (let first = 0; first < perShard; first += KEYS_PER_CALL) {
      const count = Math.min(KEYS_PER_CALL, perShard - first)
      const seeds = new Uint8Array(count * SEED_BYTES)
      for (let i = 0; i < count; i++)
        seeds.set(accountSeedWith(preimage, shard, first + i), i * SEED_BYTES)
      const keys = deriveKeys(seeds)
      mustHold(keys.length === count * KEY_BYTES, 'one public key per seed')
      for (let i = 0; i < count; i++) {
        const key = keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES)
        const row = (shard * perShard + first + i) * ACCOUNT_ROW_BYTES
        table.set(key, row)
        table.set(addressOf(accountSlot(shard, shards, first + i), key), row + KEY_BYTES)
      }
    }
  }
  return table
}

/** What a genesis names its table by. */
export function accountTableHashOf(table: Uint8Array): Hash {
  return domainHash('shardnet/accounts/v1', table)
}

/** One shard's rows of the table, as the ledger takes them: a view, not a copy. */
export function accountsOfShard(table: Uint8Array, perShard: number, shard: number): Uint8Array {
  const length = perShard * ACCOUNT_ROW_BYTES
  mustHold((shard + 1) * length <= table.length, 'the table has rows for the shard')
  return table.subarray(shard * length, (shard + 1) * length)
}

/** A derived table in the cache folder. */
export interface CachedAccountTable {
  readonly file: string
  readonly hash: Hash
  readonly table: Uint8Array
}

/**
 * The table of a plan from the cache folder; derived and put there when it is missing or damaged. Two launchers may do
 * so at once: both write the same bytes, and a file appears whole or not at all.
 */
export async function ensureAccountTable(
  folder: string,
  plan: AccountPlan,
  deriveKeys: KeyDeriver,
): Promise<CachedAccountTable> {
  const pointer = join(folder, `accounts-of-${planHashOf(plan)}`)
  const cached = await readCached(folder, pointer)
  if (cached !== null) return cached
  const table = deriveAccountTable(plan, deriveKeys)
  const tableHash = accountTableHashOf(table)
  const file = tableFile(folder, tableHash)
  await writeFileDurably(file, table)
  await writeFileDurably(pointer, asciiBytes(tableHash))
  return { file, hash: tableHash, table }
}

/** The name of a table in a cache folder: its hash, so that one name never holds two contents. */
function tableFile(folder: string, tableHash: Hash): string {
  return join(folder, `accounts-${tableHash}.bin`)
}

function planHashOf({ seed, shards, perShard }: AccountPlan): Hash {
  const text = new TextEncoder().encode(seed)
  const writer = new ByteWriter(16 + text.length).u16(shards).u32(perShard).sized(text)
  return domainHash('shardnet/account-plan/v1', writer.finish())
}

async function readCached(folder: string, pointer: string): Promise<CachedAccountTable | null> {
  const named = await readIfThere(pointer)
  if (named === null) return null
  const name = Buffer.from(named).toString('latin1')
  if (!/^[0-9a-f]{64}$/.test(name)) return null
  // Just matched against the form of a hash.
  const tableHash = name as Hash
  const file = tableFile(folder, tableHash)
  const table = await readIfThere(file)
  if (table === null || accountTableHashOf(table) !== tableHash) return null
  return { file, hash: tableHash, table }
}

async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * Reads a table file and checks it against the genesis.
 * @throws ConfigError when it is another table, or a damaged one.
 */
export async function loadAccountTable(file: string, expected: string): Promise<Uint8Array> {
  const table = await readIfThere(file)
  if (table === null)
    throw new ConfigError(file, [{ path: '', expected: 'the table of accounts', got: 'no file' }])
  const found = accountTableHashOf(table)
  if (found !== expected) {
    throw new ConfigError(file, [
      { path: '', expected: `the table with hash ${expected}`, got: `hash ${found}` },
    ])
  }
  return table
}
