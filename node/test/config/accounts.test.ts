import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import {
  ACCOUNT_ROW_BYTES,
  accountSeed,
  accountSlot,
  accountsOfShard,
  accountTableHashOf,
  deriveAccountTable,
  ensureAccountTable,
  loadAccountTable,
} from '../../src/config/accounts.ts'
import { ConfigError } from '../../src/config/problems.ts'
import { peerKeyOfSeed } from '../../src/config/validator-keys.ts'
import { hexOf, joinBytes } from '../../src/core/primitives/bytes.ts'
import { ownerOfSlot } from '../../src/core/wire/committee.ts'
import { addressOf } from '../../src/core/wire/transaction.ts'
import { SignatureKernel } from '../../src/host/signatures/kernel.ts'

/** One key at a time by node:crypto. */
function deriveSlowly(seeds: Uint8Array): Uint8Array {
  const keys: Uint8Array[] = []
  for (let at = 0; at < seeds.length; at += 32)
    keys.push(peerKeyOfSeed(seeds.subarray(at, at + 32)))
  return joinBytes(keys)
}

const plan = { seed: 'dämo', shards: 3, perShard: 50 }
const table = deriveAccountTable(plan, deriveSlowly)

test('each row is the key and the address of its seed, computed here by other code', () => {
  assert.equal(table.length, 3 * 50 * ACCOUNT_ROW_BYTES)
  for (const [shard, index] of [
    [0, 0],
    [0, 49],
    [1, 7],
    [2, 49],
  ] as const) {
    const tail = new DataView(new ArrayBuffer(6))
    tail.setUint16(0, shard)
    tail.setUint32(2, index)
    const preimage = joinBytes([
      new TextEncoder().encode(`shardnet/account/v1dämo`),
      new Uint8Array(tail.buffer),
    ])
    const seed = sha256(preimage)
    assert.equal(hexOf(accountSeed(plan.seed, shard, index)), hexOf(seed))
    const key = ed25519.getPublicKey(seed)
    const slot = accountSlot(shard, 3, index)
    assert.equal(ownerOfSlot(slot, 3), shard)
    const row = accountsOfShard(table, 50, shard).subarray(
      index * ACCOUNT_ROW_BYTES,
      (index + 1) * ACCOUNT_ROW_BYTES,
    )
    assert.equal(hexOf(row), hexOf(joinBytes([key, addressOf(slot, key)])))
  }
})

test('slots stay inside of their shard when there are more accounts than slots', () => {
  for (const shards of [1, 3, 64]) {
    for (let shard = 0; shard < shards; shard++) {
      for (const index of [0, 1, 1_023, 1_024, 65_535, 65_536, 999_999]) {
        assert.equal(ownerOfSlot(accountSlot(shard, shards, index), shards), shard)
      }
    }
  }
})

test('the signature kernel and node:crypto derive the same table, over the size of one call', () => {
  const kernel = SignatureKernel.load()
  const large = { seed: 'x', shards: 1, perShard: 4_100 }
  const byKernel = deriveAccountTable(large, (seeds) => kernel.derivePublicKeys(seeds))
  assert.equal(
    accountTableHashOf(byKernel),
    accountTableHashOf(deriveAccountTable(large, deriveSlowly)),
  )
})

test('a table is derived once, found again by its plan, and made anew when the cache is damaged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shardnet-accounts-'))
  try {
    let derivations = 0
    const derive = (seeds: Uint8Array) => {
      derivations += 1
      return deriveSlowly(seeds)
    }
    const first = await ensureAccountTable(folder, plan, derive)
    assert.deepEqual(first.table, table)
    assert.ok(first.file.includes(first.hash))
    const calls = derivations
    const again = await ensureAccountTable(folder, plan, derive)
    assert.equal(derivations, calls, 'found in the cache')
    assert.equal(again.file, first.file)
    assert.deepEqual(new Uint8Array(again.table), table)
    assert.deepEqual(new Uint8Array(await loadAccountTable(first.file, first.hash)), table)
    const other = await ensureAccountTable(folder, { ...plan, seed: 'other' }, derive)
    assert.notEqual(other.hash, first.hash)

    const damaged = Buffer.from(await readFile(first.file))
    damaged.writeUInt8(damaged.readUInt8(999) ^ 1, 999)
    await writeFile(first.file, damaged)
    await assert.rejects(loadAccountTable(first.file, first.hash), (error) => {
      return (
        error instanceof ConfigError &&
        error.message.includes(`expected the table with hash ${first.hash}`)
      )
    })
    await ensureAccountTable(folder, plan, derive)
    assert.deepEqual(new Uint8Array(await loadAccountTable(first.file, first.hash)), table)
    await assert.rejects(loadAccountTable(join(folder, 'none'), first.hash), /got no file/)
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.new')),
      [],
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
