import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  createGenesis,
  createRootSecret,
  deriveAccountTable,
  accountTableHashOf,
  formatGenesis,
  loadAddressBook,
  loadNodeSetup,
  shardSecretOf,
} from '../../src/config/door.ts'
import { ordinalOf, parsePodConfig } from '../../src/host/pod/pod-config.ts'
import { podPeers } from '../../src/host/pod/pod-peers.ts'
import { setUpPod } from '../../src/host/pod/pod-setup.ts'
import { SignatureKernel } from '../../src/host/signatures/kernel.ts'

const SHAPE = { shards: 2, validatorsPerShard: 4 }
const POD = {
  format: 1,
  shard: 1,
  genesisParts: 2,
  peerHost: 'demo-g1-shard-{shard}-{validator}.demo-g1-shard-{shard}',
  diskBytesMax: 1_073_741_824,
} as const

/** What kubelet would have mounted for a pod of shard 1. */
async function mounted(context: TestContext, births: string | null) {
  const root = await mkdtemp(join(tmpdir(), 'shardnet-pod-'))
  context.after(() => rm(root, { recursive: true, force: true }))
  const place = (name: string) => join(root, name)
  const places = {
    data: place('data'),
    run: place('run'),
    genesis: place('genesis'),
    keys: place('keys'),
    peers: place('peers'),
  }
  for (const folder of Object.values(places)) await mkdir(folder)
  const plan = { seed: 'pods', shards: 2, perShard: 8 }
  const kernel = SignatureKernel.load()
  const table = deriveAccountTable(plan, (seeds) => kernel.derivePublicKeys(seeds))
  const rootSecret = createRootSecret()
  const { genesis } = createGenesis({
    seed: 'pods',
    ...SHAPE,
    accounts: { perShard: 8, balance: '1000', tableHash: accountTableHashOf(table) },
    rootSecret,
  })
  const bytes = gzipSync(formatGenesis(genesis))
  const half = Math.ceil(bytes.length / 2)
  await writeFile(join(places.genesis, 'genesis-0'), bytes.subarray(0, half))
  await writeFile(join(places.genesis, 'genesis-1'), bytes.subarray(half))
  const secret = Buffer.from(shardSecretOf(rootSecret, 1).reveal()).toString('hex')
  await writeFile(join(places.keys, 'secret'), secret)
  if (births !== null) await writeFile(join(places.keys, 'births'), births)
  return places
}

test('a pod makes the configuration of the validator that its name says, from what is mounted', async (context) => {
  const places = await mounted(context, 'open')
  const pod = await setUpPod(POD, ordinalOf('demo-g1-shard-1-2'), places)
  const setup = await loadNodeSetup(pod.configFile)
  assert.equal(setup.config.shard, 1)
  assert.equal(setup.config.validator, 2)
  assert.equal(setup.config.diskBytesMax, POD.diskBytesMax)
  assert.equal(setup.config.admin, undefined, 'the door for faults is closed without a token')
  assert.equal(setup.peers.length, 8)
  assert.equal(setup.peers[0]?.address, 'demo-g1-shard-0-0.demo-g1-shard-0:9000')
  const { mode } = await stat(join(places.run, 'validator.key'))
  assert.equal(mode & 0o077, 0, 'nobody else reads the key')
  assert.ok(pod.mayBeBorn)
})

test('a pod is born only while its Secret says so: closed, missing or anything else is no', async (context) => {
  for (const births of ['closed', 'OPEN ', null]) {
    const places = await mounted(context, births)
    const pod = await setUpPod(POD, 0, places)
    assert.equal(pod.mayBeBorn, false, String(births))
  }
})

test('with other clusters, those at home are found by name and those abroad by their gateways', async (context) => {
  const places = await mounted(context, 'open')
  const book = {
    format: 1,
    local: [{ shard: 1, start: 0, count: 4 }],
    gateways: [
      { shard: 0, validator: 1, address: '192.0.2.7:31000' },
      { shard: 1, validator: 1, address: '192.0.2.8:31001' },
    ],
  }
  await writeFile(join(places.peers, 'peers.json'), JSON.stringify(book))
  const pod = await setUpPod(POD, 3, places)
  const setup = await loadNodeSetup(pod.configFile)
  const addresses = setup.peers.map(
    ({ shard, validator, address }) => `${shard}/${validator} ${address}`,
  )
  assert.deepEqual(addresses.slice(-1), ['0/1 192.0.2.7:31000'])
  assert.equal(addresses.length, 5, 'one at home is not called from outside')

  await writeFile(join(places.peers, 'peers.json'), JSON.stringify({ ...book, gateways: [] }))
  await pod.refreshPeers()
  assert.equal((await loadAddressBook(setup.config.peersFile)).length, 4)
})

test('with a token in its Secret, a pod opens the door for faults', async (context) => {
  const places = await mounted(context, 'open')
  await writeFile(join(places.keys, 'admin-token'), 'ab'.repeat(32))
  const pod = await setUpPod(POD, 0, places)
  const { config } = await loadNodeSetup(pod.configFile)
  assert.equal(config.admin?.listen, '0.0.0.0:9090')
})

test('what is wrong with a pod is told in one sentence', () => {
  assert.throws(() => parsePodConfig(undefined), /SHARDNET_POD.*the configuration of a pod/s)
  assert.throws(() => parsePodConfig('{"format":2,"shard":-1}'), /shard/)
  assert.throws(() => ordinalOf('validator'), /a name that ends in the validator’s index/)
  assert.throws(() => ordinalOf('demo-g1-shard-0-512'), /a name that ends in/)
  assert.equal(ordinalOf('demo-g1-shard-0-511'), 511)
})

test('the address book of one cluster names every seat once', () => {
  const peers = podPeers(SHAPE, { peerHost: 's{shard}v{validator}' }, null)
  assert.equal(new Set(peers.map(({ address }) => address)).size, 8)
})
