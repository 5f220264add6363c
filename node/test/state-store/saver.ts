import { domainHash } from '../../src/core/primitives/hash.ts'
import { StateStore } from '../../src/host/state-store/state-store.ts'

// Started by state-store.test.ts: saves height after height, each with 50 entries that hold it, until `kill -9`.
const [directory = ''] = process.argv.slice(2)
const store = await StateStore.open({
  directory,
  networkId: domainHash('shardnet/test/v1'),
  shard: 1,
})
for (let height = (store.height ?? 0) + 1; ; height++) {
  const value = new Uint8Array(500)
  new DataView(value.buffer).setUint32(0, height)
  const puts = Array.from({ length: 50 }, (_, index) => ({ key: Uint8Array.of(index), value }))
  await store.save({ height, puts, deletes: [] })
  process.stdout.write(`${height}\n`)
}
