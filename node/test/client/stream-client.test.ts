import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocketServer } from 'ws'
import { refusalCode } from '../../src/client/refusal-code.ts'
import { StreamClient, StreamError, type StreamListener } from '../../src/client/stream-client.ts'
import { encodeTransfer, addressOf } from '../../src/core/wire/transaction.ts'
import { NETWORK_ID, startServer, valueOf } from '../rpc/fixture.ts'

/** Keeps what a stream says, in order, as [what, …values]. */
function recorder() {
  const log: unknown[][] = []
  const waiting: (() => void)[] = []
  const note = (...entry: unknown[]): void => {
    log.push(entry)
    for (const wake of waiting.splice(0)) wake()
  }
  const listener: StreamListener = {
    onRefused: (refusals) =>
      note('refused', ...refusals.map(({ reference, code }) => [reference, code])),
    onAcknowledged: (ranges) =>
      note('acknowledged', ...ranges.map(({ firstReference, count }) => [firstReference, count])),
    onBusy: ({ firstReference, count }, retryAfterMs) =>
      note('busy', firstReference, count, retryAfterMs),
    onEvent: (event) => note('event', event.length, event[0]),
    onEventDigest: ({ height, digest }) => note('digest', height, digest),
    onEventMissing: (height) => note('missing', height),
    onClose: (reason) => note('close', reason),
  }
  const when = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  return { log, listener, when }
}

function transactions(count: number): Uint8Array {
  const key = new Uint8Array(32).fill(3)
  const payees = [{ address: addressOf(1, key), amount: 5 }]
  const parts = Array.from({ length: count }, (_, nonce) =>
    encodeTransfer({
      networkId: NETWORK_ID,
      payerSlot: 20_000,
      payerKey: key,
      nonce,
      validUntil: 100,
      fee: 1,
      payees,
      payload: new Uint8Array(nonce % 3),
    }),
  )
  return Buffer.concat(parts)
}

test('an arena reaches the door whole, and every transaction gets its one answer', async () => {
  const { door, address, metrics } = await startServer()
  door.onSubmit = ({ listener, firstReference }) => {
    setImmediate(() => {
      listener.onRefused(firstReference + 1, refusalCode.BAD_SIGNATURE)
      listener.onRefused(firstReference + 4, refusalCode.EXPIRED)
      listener.onAcknowledged(firstReference, 1)
      listener.onAcknowledged(firstReference + 2, 1)
      listener.onAcknowledged(firstReference + 3, 1)
    })
    return { kind: 'taken' }
  }
  const { log, listener, when } = recorder()
  const client = await StreamClient.connect(address, listener)
  assert.deepEqual(client.welcome, {
    kind: 'welcome',
    networkId: NETWORK_ID,
    shard: 1,
    validator: 2,
    height: 0,
  })
  const bytes = transactions(5)
  client.submit(100, bytes)
  await when(() => log.length === 2)
  assert.deepEqual(log, [
    ['refused', [101, refusalCode.BAD_SIGNATURE], [104, refusalCode.EXPIRED]],
    ['acknowledged', [100, 1], [102, 2]],
  ])
  assert.equal(door.submissions[0]?.count, 5)
  assert.deepEqual([...(door.submissions[0]?.bytes ?? [])], [...bytes])
  assert.equal(await valueOf(metrics, 'shardnet_rpc_submitted_transactions_total'), 5)
  assert.equal(await valueOf(metrics, 'shardnet_rpc_refused_transactions_total{code="EXPIRED"}'), 1)
  assert.equal(await valueOf(metrics, 'shardnet_rpc_acknowledged_transactions_total'), 3)
})

test('a full door is BUSY for the whole range, and a tail that is no transaction is MALFORMED', async () => {
  const { door, address } = await startServer()
  door.onSubmit = () => ({ kind: 'full', retryAfterMs: 70 })
  const { log, listener, when } = recorder()
  const client = await StreamClient.connect(address, listener)
  client.submit(0xffff_fffe, Buffer.concat([transactions(3), new Uint8Array(10)]))
  await when(() => log.length === 2)
  assert.deepEqual(
    log.toSorted(([a], [b]) => String(a).localeCompare(String(b))),
    [
      ['busy', 0xffff_fffe, 3, 70],
      ['refused', [1, refusalCode.MALFORMED]],
    ],
  )
  client.submit(9, new Uint8Array(3))
  await when(() => log.length === 3)
  assert.deepEqual(log[2], ['refused', [9, refusalCode.MALFORMED]])
  assert.equal(door.submissions.length, 1)
})

test('events come in full or as digests, from the height asked for, without a gap', async () => {
  const { door, address } = await startServer()
  const notices = Array.from({ length: 20 }, () => door.commit())
  const full = recorder()
  const digests = recorder()
  const first = await StreamClient.connect(address, full.listener)
  const second = await StreamClient.connect(address, digests.listener)
  assert.equal(first.welcome.height, 20)
  first.subscribe('full', 11)
  second.subscribe('digests', 1)
  await full.when(() => full.log.length === 10)
  await digests.when(() => digests.log.length === 20)
  notices.push(door.commit())
  await full.when(() => full.log.length === 11)
  await digests.when(() => digests.log.length === 21)
  assert.deepEqual(
    full.log,
    notices.slice(10).map(({ height, event }) => ['event', event.length, height]),
  )
  assert.deepEqual(
    digests.log,
    notices.map(({ height, digest }) => ['digest', height, digest]),
  )
  second.requestEvent(5)
  second.requestEvent(99)
  await digests.when(() => digests.log.length === 23)
  assert.deepEqual(digests.log.slice(21), [
    ['event', 100, 5],
    ['missing', 99],
  ])
})

test('a subscriber gets what the ring still has, and a new subscription replaces the old one', async () => {
  const { door, address } = await startServer()
  for (let i = 0; i < 150; i++) door.commit(10)
  const { log, listener, when } = recorder()
  const client = await StreamClient.connect(address, listener)
  client.subscribe('digests', 1)
  await when(() => log.length === 100)
  assert.equal(log[0]?.[1], 51)
  client.subscribe('none')
  client.requestEvent(150)
  await when(() => log.length === 101)
  door.commit(10)
  client.requestEvent(151)
  await when(() => log.length === 102)
  assert.deepEqual(log.slice(100), [
    ['event', 10, 150],
    ['event', 10, 151],
  ])
})

test('the owner hears once that the stream ended', async () => {
  const { address, server } = await startServer()
  const { log, listener, when } = recorder()
  const client = await StreamClient.connect(address, listener)
  await server.stop()
  await when(() => log.length > 0)
  assert.equal(log.length, 1)
  assert.equal(log[0]?.[0], 'close')
  assert.equal(client.isOpen, false)
  client.submit(1, new Uint8Array(0))
})

test('connect fails clearly: nobody there, silence, something else', async () => {
  const { listener } = recorder()
  const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const other = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  other.on('connection', (socket) => socket.send('hello'))
  await once(other, 'listening')
  const portOf = (server: { address(): unknown }): number =>
    (server.address() as { port: number }).port
  const silentAddress = `127.0.0.1:${portOf(silent)}`
  await assert.rejects(
    StreamClient.connect(silentAddress, listener, { timeoutMs: 30 }),
    (error) => {
      assert.ok(error instanceof StreamError)
      assert.equal(error.message, `${silentAddress}: no answer in time`)
      return true
    },
  )
  await assert.rejects(
    StreamClient.connect(`127.0.0.1:${portOf(other)}`, listener),
    /does not speak the stream protocol/,
  )
  silent.close()
  other.close()
  await once(silent, 'close')
  await assert.rejects(StreamClient.connect(silentAddress, listener), StreamError)
  const controller = new AbortController()
  controller.abort()
  await assert.rejects(
    StreamClient.connect(silentAddress, listener, { signal: controller.signal }),
    /aborted/,
  )
})
