import { hashOfBytes } from '@shardnet/node/core'
import {
  createGenesis,
  draftGenesis,
  formatGenesis,
  parseGenesis,
  Secret,
} from '@shardnet/node/config'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foundCommittees } from '../../src/kubernetes/founding-crew.ts'

const SECRET = '07'.repeat(32)

for (const validatorsPerShard of [4, 251]) {
  const validators = 2 * validatorsPerShard
  test(`a crew founds the network of ${validators} validators that one thread would, and its proofs hold`, async () => {
    const options = {
      instance: '00'.repeat(16),
      seed: 'demo',
      shards: 2,
      validatorsPerShard,
      accounts: { perShard: 10, balance: '1', tableHash: hashOfBytes(new Uint8Array(32)) },
    }
    const founded = await foundCommittees(draftGenesis(options), SECRET)
    const rootSecret = new Secret(new Uint8Array(Buffer.from(SECRET, 'hex')))
    assert.deepEqual(founded, createGenesis({ ...options, rootSecret }).genesis)
    assert.deepEqual(parseGenesis(formatGenesis(founded)), founded)
  })
}
