import {
  createGenesis,
  DEFAULT_PROTOCOL,
  networkIdOf,
  parseGenesis,
  Secret,
} from '@shardnet/node/config'
import type { Hash } from '@shardnet/node/core'
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { foundHere } from '../../src/kubernetes/founding.ts'

const SECRET = '07'.repeat(32)

for (const validatorsPerShard of [4, 251]) {
  const validators = 3 * validatorsPerShard
  test(`a crew founds the network of ${validators} validators that one thread would, and its proofs hold`, async (context) => {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'shardnet-founding-'))
    context.after(() => rm(cacheFolder, { recursive: true }))
    const instance = '00'.repeat(16)
    const plan = {
      seed: 'demo',
      shards: 3,
      validatorsPerShard,
      protocol: DEFAULT_PROTOCOL,
      accounts: { perShard: 10, balance: '1' },
    }
    const network = { ...plan, testnet: 'demo', generation: 1 }
    const founded = await foundHere({ network, rootSecret: SECRET, instance, cacheFolder })
    const genesis = parseGenesis(gunzipSync(founded.genesis).toString())

    const rootSecret = new Secret(new Uint8Array(Buffer.from(SECRET, 'hex')))
    const accounts = { ...plan.accounts, tableHash: genesis.accounts.tableHash as Hash }
    const alone = createGenesis({ ...plan, instance, accounts, rootSecret })
    assert.deepEqual(genesis, alone.genesis)
    assert.equal(founded.networkId, networkIdOf(alone.genesis))
  })
}
