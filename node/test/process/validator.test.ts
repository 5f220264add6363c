import assert from 'node:assert/strict'
import { createPrivateKey, sign } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { accountSeed, accountSlot } from '../../src/config/accounts.ts'
import { networkIdOf } from '../../src/config/genesis.ts'
import { refusalNameOf } from '../../src/client/refusal-code.ts'
import { StreamClient } from '../../src/client/stream-client.ts'
import { joinBytes } from '../../src/core/primitives/bytes.ts'
import { bytesOfHash } from '../../src/core/primitives/hash.ts'
import { encodeTransfer, SIGNATURE_BYTES } from '../../src/core/wire/transaction.ts'
import { ask, ProcessTestnet, type Seat } from './testnet.ts'

const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const ACCOUNTS = 400

let parent = ''
let testnet: ProcessTestnet

before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'shardnet-process-'))
  testnet = await ProcessTestnet.create(parent, {
    shards: 1,
    validatorsPerShard: 4,
    accountsPerShard: ACCOUNTS,
  })
  await testnet.startAll()
})

after(async () => {
  await testnet.end()
  await rm(parent, { recursive: true, force: true })
})

/** A signed transfer of one unit from an account to the next. */
function transferBy(index: number, nonce: number): Uint8Array {
  const networkId = networkIdOf(testnet.genesis)
  const row = testnet.accountTable.subarray(64 * index, 64 * (index + 1))
  const next = testnet.accountTable.subarray(64 * ((index + 1) % ACCOUNTS))
  const transaction = encodeTransfer({
    networkId,
    payerSlot: accountSlot(0, 1, index),
    payerKey: row.subarray(0, 32),
    nonce,
    validUntil: 5_000,
    fee: 1,
    payees: [{ address: next.subarray(32, 64), amount: 1 }],
    payload: new Uint8Array(0),
  })
  const der = Buffer.concat([SEED_PREFIX, accountSeed('test', 0, index)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const signed = joinBytes([bytesOfHash(networkId), transaction.subarray(0, -SIGNATURE_BYTES)])
  transaction.set(sign(null, signed, key), transaction.length - SIGNATURE_BYTES)
  return transaction
}

/** Sends transactions to a validator and waits until each was acknowledged or refused. */
async function submit(seat: Seat, transactions: readonly Uint8Array[]) {
  const acknowledged = new Set<number>()
  const refused = new Map<number, string>()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const settle = (): void => {
    if (acknowledged.size + refused.size === transactions.length) resolve()
  }
  const client = await StreamClient.connect(seat.http, {
    onRefused: (refusals) => {
      for (const { reference, code } of refusals) refused.set(reference, refusalNameOf(code) ?? '?')
      settle()
    },
    onAcknowledged: (ranges) => {
      for (const { firstReference, count } of ranges) {
        for (let i = 0; i < count; i++) acknowledged.add(firstReference + i)
      }
      settle()
    },
    onBusy: () => reject(new Error('busy')),
    onEvent: () => undefined,
    onEventDigest: () => undefined,
    onEventMissing: () => undefined,
    onClose: (reason) => reject(new Error(reason)),
  })
  client.submit(0, joinBytes(transactions))
  await promise
  client.close()
  return { acknowledged, refused }
}

describe('a running validator', () => {
  test('refuses exactly the forged ones of a stream with 1,000 forged signatures, and goes on', async () => {
    const transactions = Array.from({ length: 2_000 }, (_, i) =>
      transferBy(i % ACCOUNTS, Math.floor(i / ACCOUNTS)),
    )
    const forged = new Set<number>()
    for (let i = 0; i < 2_000; i += 2) {
      const bytes = transactions[i + ((i >> 1) & 1)]
      assert(bytes)
      forged.add(i + ((i >> 1) & 1))
      // Another byte each time: key, nonce, amount and signature all spoil it.
      const at = [50, 70, 102, bytes.length - 1, bytes.length - 40][i % 5] ?? 50
      bytes[at] = (bytes[at] ?? 0) ^ (at === 50 || at === 70 ? 0 : 1)
      bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 4
    }
    const { acknowledged, refused } = await submit(testnet.seat(0, 0), transactions)
    assert.deepEqual(
      [...refused.keys()].sort((a, b) => a - b),
      [...forged].sort((a, b) => a - b),
    )
    assert.deepEqual(new Set(refused.values()), new Set(['BAD_SIGNATURE']))
    assert.equal(acknowledged.size, 1_000)
    assert.equal((await ask(testnet.seat(0, 0), 'shardnet_status'))['notReady'], null)
    const metrics = await (await fetch(`http://${testnet.seat(0, 0).http}/metrics`)).text()
    assert.match(
      metrics,
      /shardnet_rpc_refused_transactions_total\{[^}]*code="BAD_SIGNATURE"[^}]*\} 1000/,
    )
  })

  test('refuses a replay, another network, another shard and rubbish with a code each', async () => {
    const good = transferBy(7, 40)
    const again = transferBy(7, 40)
    const foreign = transferBy(8, 40)
    foreign[4] = (foreign[4] ?? 0) ^ 1
    const late = transferBy(9, 200)
    const strange = transferBy(10, 40)
    strange[1] = 99
    const { refused } = await submit(testnet.seat(0, 1), [good, again, foreign, late, strange])
    assert.deepEqual(Object.fromEntries(refused), {
      1: 'NONCE_TAKEN',
      2: 'WRONG_NETWORK',
      3: 'NONCE_AHEAD',
      4: 'UNSUPPORTED_KIND',
    })
  })

  test('killed and started again, it goes on from its own disk', async () => {
    const seat = testnet.seat(0, 3)
    await testnet.kill(seat)
    await testnet.start(seat)
    const { executedHeight } = await ask(seat, 'shardnet_status')
    assert(typeof executedHeight === 'number' && executedHeight > 0)
    assert.match(testnet.logOf(seat), /"votes":true/)
  })
})

describe('a validator that cannot start says why in one sentence', () => {
  test('a port in use', async () => {
    const seat = testnet.seat(0, 2)
    await testnet.stop(seat)
    const [host, port] = seat.http.split(':')
    const server = createServer().listen(Number(port), host)
    await once(server, 'listening')
    await assert.rejects(testnet.start(seat), /port .*in use/)
    await new Promise((resolve) => server.close(resolve))
    await testnet.start(seat)
  })

  test('a data folder of another network', async () => {
    const other = await ProcessTestnet.create(parent, {
      shards: 1,
      validatorsPerShard: 4,
      accountsPerShard: 50,
    })
    const [theirs, ours] = [other.seat(0, 0), testnet.seat(0, 0)]
    const name = '00000001.log'
    const file = join('log', (await firstSegmentOf(ours)) ?? name)
    await copyFile(join(ours.dataDirectory, file), join(theirs.dataDirectory, file))
    await rm(join(theirs.dataDirectory, 'log', 'shutdown'), { force: true })
    await assert.rejects(other.start(theirs), /belongs to network/)
    await other.end()
  })

  test('keys of another seat', async () => {
    const seat = testnet.seat(0, 2)
    await testnet.stop(seat)
    const keyFile = join(seat.configFile, '..', 'validator.key')
    const own = await readFile(keyFile)
    await writeFile(
      keyFile,
      await readFile(join(testnet.seat(0, 1).configFile, '..', 'validator.key')),
    )
    await assert.rejects(
      testnet.start(seat),
      /keyFile: expected the keys of validator 2 of shard 0/,
    )
    await writeFile(keyFile, own)
    await testnet.start(seat)
  })
})

async function firstSegmentOf(seat: Seat): Promise<string | undefined> {
  const { readdir } = await import('node:fs/promises')
  return (await readdir(join(seat.dataDirectory, 'log')))
    .sort()
    .find((file) => /^\D*0*1\D/.test(file))
}
