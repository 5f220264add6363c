import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { accountsOfShard, deriveAccountTable } from '../../src/config/accounts.ts'
import { StateStoreError } from '../../src/core/ledger/checkpoint.ts'
import { Ledger } from '../../src/core/ledger/ledger.ts'
import { domainHash } from '../../src/core/primitives/hash.ts'
import { Checkpointer } from '../../src/host/chain/checkpointer.ts'
import { EventHistory } from '../../src/host/chain/event-history.ts'
import { RootsHistory } from '../../src/host/chain/roots-history.ts'
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

/** A block that orders nothing. */
function emptyBlock(height: number) {
  const hash = domainHash('shardnet/test/block')
  return { height, view: height, hash, timeMs: 5, imports: [], batches: [] }
}

test('a ledger that was saved comes back with the same roots, and one that lost an entry does not', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'shardnet-checkpoint-'))
  try {
    const ledger = Ledger.genesis(parameters, accountsOfShard(table, plan.perShard, 1), 1_000)
    const store = await StateStore.open({ directory, networkId: parameters.networkId, shard: 1 })
    const { roots } = ledger.executeBlock(emptyBlock(1))
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

test('a checkpoint waits for its log and is of one height, whatever is executed meanwhile', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'shardnet-checkpoint-'))
  const store = await StateStore.open({ directory, networkId: parameters.networkId, shard: 1 })
  context.after(async () => {
    await store.close()
    await rm(directory, { recursive: true })
  })
  const ledger = Ledger.genesis(parameters, accountsOfShard(table, plan.perShard, 1), 1_000)
  const [roots, events, durable] = [
    new RootsHistory(),
    new EventHistory(),
    Promise.withResolvers<void>(),
  ]
  const log = { synced: () => durable.promise }
  const checkpointer = new Checkpointer({ ledger, store, log, roots, events }, (error) => {
    throw error
  })
  const execute = (height: number): void =>
    roots.add({ height, roots: ledger.executeBlock(emptyBlock(height)).roots })
  execute(1)
  const saved = checkpointer.finish()
  // The save has taken its changes by now, and waits.
  await new Promise(setImmediate)
  execute(2)
  assert.equal(store.height ?? 0, 0, 'nothing is saved before the log is durable')
  durable.resolve()
  await saved
  const stored = await store.load()
  assert.ok(stored !== null)
  const history = new RootsHistory()
  const restored = Ledger.restore(parameters, history.load(stored.entries))
  assert.equal(restored.height, 1)
  assert.equal(history.entries.at(-1)?.height, 1)
})
