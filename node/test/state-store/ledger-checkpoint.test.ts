import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { accountsOfShard, deriveAccountTable } from '../../src/config/accounts.ts'
import { StateStoreError } from '../../src/core/ledger/checkpoint.ts'
import { Ledger } from '../../src/core/ledger/ledger.ts'
import { domainHash } from '../../src/core/primitives/hash.ts'
import { StateStore } from '../../src/host/state-store/state-store.ts'

const parameters = {
  networkId: domainHash('shardnet/test/v1'),
  shard: 1,
  shards: 2,
  outboxWindow: 64,
}
const plan = { seed: 'demo', shards: 2, perShard: 300 }

/** Any 32 bytes do for a key here. */
const table = deriveAccountTable(plan, (seeds) => seeds.map((byte) => byte ^ 0xff))

test('a ledger that was saved comes back with the same roots, and one that lost an entry does not', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'shardnet-checkpoint-'))
  try {
    const ledger = Ledger.genesis(parameters, accountsOfShard(table, plan.perShard, 1), 1_000)
    const store = await StateStore.open({ directory, networkId: parameters.networkId, shard: 1 })
    const { roots } = ledger.executeBlock({
      height: 1,
      view: 1,
      hash: domainHash('shardnet/test/block'),
      timeMs: 5,
      imports: [],
      batches: [],
    })
    await store.save(ledger.takeDirty())
    const stored = await store.load()
    assert.ok(stored !== null)
    assert.equal(stored.height, 1)
    const restored = Ledger.restore(parameters, stored.entries)
    assert.equal(restored.height, 1)
    assert.deepEqual(restored.roots, roots)
    // The first entry is an account's.
    assert.throws(() => Ledger.restore(parameters, stored.entries.slice(1)), StateStoreError)
    await store.close()
  } finally {
    await rm(directory, { recursive: true })
  }
})
