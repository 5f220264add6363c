import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { accountTableHashOf } from '../../src/config/accounts.ts'
import { formatGenesis, networkIdOf } from '../../src/config/genesis.ts'
import {
  formatAddressBook,
  parseAddressBook,
  type NodeConfigInput,
} from '../../src/config/node-config.ts'
import { loadNodeSetup } from '../../src/config/node-setup.ts'
import { ConfigError } from '../../src/config/problems.ts'
import { splitAddress } from '../../src/config/shapes.ts'
import { saveValidatorKeys } from '../../src/config/validator-keys.ts'
import { foundTestnet } from './found-testnet.ts'

const table = new Uint8Array(2 * 10 * 64).fill(3)
const accounts = { perShard: 10, balance: '5', tableHash: accountTableHashOf(table) }
const { genesis, keys } = foundTestnet({ accounts })

const config: NodeConfigInput = {
  format: 1,
  shard: 1,
  validator: 2,
  dataDirectory: 'data',
  genesisFile: 'genesis.json',
  accountsFile: 'accounts.bin',
  keyFile: 'validator.key',
  peersFile: 'peers.json',
  listen: { p2p: '127.0.0.1:0', http: '[::1]:8080' },
}

/** A folder as a launcher prepares it, with some of it replaced. */
async function withValidator(
  changes: object,
  use: (configFile: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shardnet-node-'))
  try {
    const seat = keys[1]?.[2]
    assert.ok(seat !== undefined)
    await saveValidatorKeys(join(folder, 'validator.key'), seat)
    await writeFile(join(folder, 'genesis.json'), formatGenesis(genesis))
    await writeFile(join(folder, 'accounts.bin'), table)
    await writeFile(
      join(folder, 'peers.json'),
      formatAddressBook([{ shard: 0, validator: 0, address: 'localhost:1' }]),
    )
    await writeFile(join(folder, 'node.json'), JSON.stringify({ ...config, ...changes }))
    await use(join(folder, 'node.json'), folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('a validator finds all that its configuration names, beside it', async () => {
  await withValidator({}, async (file, folder) => {
    const setup = await loadNodeSetup(file)
    assert.equal(setup.config.dataDirectory, join(folder, 'data'))
    assert.equal(setup.config.diskBytesMax, 8 * 2 ** 30)
    assert.deepEqual(setup.config.limits, {
      clientConnectionsMax: 1_024,
      pendingTransactionsMax: 8_192,
    })
    assert.equal(setup.networkId, networkIdOf(genesis))
    assert.equal(setup.keys.blsKey, genesis.committees[1]?.members[2]?.blsKey)
    assert.deepEqual(new Uint8Array(setup.accounts), table)
    assert.deepEqual(setup.peers, [{ shard: 0, validator: 0, address: 'localhost:1' }])
  })
})

test('all problems of a configuration at once', async () => {
  const changes = {
    format: 9,
    shard: -1,
    listen: { p2p: 'nowhere', http: '127.0.0.1:70000', extra: 1 },
    diskBytesMax: 1.5,
    dataDirectory: '',
  }
  await withValidator(changes, async (file) => {
    await assert.rejects(loadNodeSetup(file), (error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(
        error.problems.map(({ path, expected }) => `${path}: ${expected}`),
        [
          'format: 1',
          'shard: at least 0',
          'dataDirectory: a length of at least 1',
          'listen.p2p: host:port',
          'listen.http: host:port',
          'listen.extra: no such field',
          'diskBytesMax: a whole number',
        ],
      )
      return true
    })
  })
})

test('files that do not belong together are refused', async () => {
  await withValidator({ validator: 3 }, async (file) => {
    await assert.rejects(
      loadNodeSetup(file),
      /keyFile: expected the keys of validator 3 of shard 1 .* validator 2 of shard 1/,
    )
  })
  await withValidator({ shard: 2, validator: 4 }, async (file) => {
    await assert.rejects(
      loadNodeSetup(file),
      /shard: expected below 2 .*\n.*validator: expected below 4/,
    )
  })
  await withValidator({ accountsFile: 'genesis.json' }, async (file) => {
    await assert.rejects(loadNodeSetup(file), /expected the table with hash/)
  })
  await withValidator({ genesisFile: 'none.json' }, async (file) => {
    await assert.rejects(loadNodeSetup(file), /none\.json: expected a readable file, got ENOENT/)
  })
})

test('an address book names each seat once', () => {
  const peers = [
    { shard: 0, validator: 1, address: '10.0.0.1:9000' },
    { shard: 0, validator: 1, address: '10.0.0.2:9000' },
  ]
  assert.deepEqual(parseAddressBook(formatAddressBook(peers.slice(0, 1))), peers.slice(0, 1))
  assert.throws(
    () => parseAddressBook(formatAddressBook(peers)),
    /peers\[1\]: expected each seat once/,
  )
  assert.throws(() => parseAddressBook('{"format":1}'), /peers: expected an array, got nothing/)
})

test('addresses split into host and port, everything else is none', () => {
  assert.deepEqual(splitAddress('127.0.0.1:9000'), { host: '127.0.0.1', port: 9_000 })
  assert.deepEqual(splitAddress('[::1]:0'), { host: '::1', port: 0 })
  assert.deepEqual(splitAddress('shard-0.demo.svc:65535'), {
    host: 'shard-0.demo.svc',
    port: 65_535,
  })
  for (const text of [
    '',
    ':1',
    'a:',
    'a',
    'a:65536',
    '::1:80',
    '[::1]',
    'a b:1',
    'http://a:1',
    '-a:1',
    'a:1 ',
    'a:01234567',
  ]) {
    assert.equal(splitAddress(text), null, text)
  }
  fc.assert(
    fc.property(fc.domain(), fc.integer({ min: 0, max: 65_535 }), (host, port) => {
      assert.deepEqual(splitAddress(`${host}:${port}`), { host, port })
    }),
  )
})
