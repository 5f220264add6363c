import assert from 'node:assert/strict'
import { createConnection } from 'node:net'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { domainHash } from '../../src/core/primitives/hash.ts'
import { FRAME_BYTES_MAX } from '../../src/core/wire/peer-message.ts'
import { FrameReader } from '../../src/host/network/frame-reader.ts'
import { protocolOf, PURPOSES } from '../../src/host/network/purpose.ts'
import { committeesOf, peerSeedOf, startPeers, TestPeer } from './fixture.ts'
import { closed, dial, startRawPeer } from './raw-peer.ts'

const A = { shard: 0, validator: 0 }
const B = { shard: 0, validator: 1 }
const C = { shard: 0, validator: 2 }

async function startPair(): Promise<[TestPeer, TestPeer]> {
  const [a, b] = await startPeers(committeesOf(1, 4), [A, B])
  assert.ok(a && b)
  return [a, b]
}

/** The pair still talks, both ways. */
async function assertAlive(a: TestPeer, b: TestPeer): Promise<void> {
  const before = [a.count('data', B), b.count('data', A)]
  a.network.send(B, 'data', Uint8Array.of(1))
  b.network.send(A, 'data', Uint8Array.of(1))
  await a.when(() => a.count('data', B) === (before[0] ?? 0) + 1)
  await b.when(() => b.count('data', A) === (before[1] ?? 0) + 1)
}

test('a key without a seat is refused after the handshake', async () => {
  const [a, b] = await startPair()
  const stranger = await startRawPeer(randomBytes(32))
  const connection = await dial(stranger, a.address)
  await closed(connection)
  await assert.rejects(connection.newStream(protocolOf('consensus')))
  assert.equal(a.network.refusedConnections, 1)
  await assertAlive(a, b)
  assert.ok(a.frames.every(({ from }) => from.validator === 1))
})

test('the right key in another network fails in the handshake', async () => {
  const [a, b] = await startPair()
  const foreigner = await startRawPeer(
    peerSeedOf(C),
    domainHash('test/other-network', Uint8Array.of(1)),
  )
  await assert.rejects(dial(foreigner, a.address))
  await assertAlive(a, b)
})

test('another validator at the address of a seat does not get its frames', async () => {
  const committees = committeesOf(1, 4)
  const impostor = new TestPeer({ self: C, committees })
  await impostor.network.start()
  const a = new TestPeer({
    self: A,
    committees,
    addressBook: [{ ...B, address: impostor.address }],
  })
  await a.network.start()
  a.network.send(B, 'consensus', Uint8Array.of(7))
  const statusOfB = () => a.network.peers().find(({ validator }) => validator === 1)
  while (statusOfB()?.lastError === null) await new Promise(setImmediate)
  assert.match(statusOfB()?.lastError ?? '', /identity/i)
  assert.equal(impostor.frames.length, 0)
  // The right validator at the right place gets what waited.
  const b = new TestPeer({ self: B, committees })
  await b.network.start()
  a.network.updateAddressBook([{ ...B, address: b.address }])
  await b.when(() => b.frames.length === 1)
  assert.equal(impostor.frames.length, 0)
})

test('garbage on the TCP port harms nobody', async () => {
  const [a, b] = await startPair()
  const { host, port } = a.network.listenAddress
  const greetings = [
    Buffer.alloc(0),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0x13, ...Buffer.from('/multistream/1.0.0\n'), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    Buffer.concat([
      Buffer.from([0x13]),
      Buffer.from('/multistream/1.0.0\n'),
      Buffer.from([7]),
      Buffer.from('/noise\n'),
      randomBytes(4096),
    ]),
    ...Array.from({ length: 20 }, () => randomBytes(10_000)),
  ]
  await Promise.all(
    greetings.map(async (greeting) => {
      const socket = createConnection({ host, port })
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      const ended = new Promise((resolve) => socket.once('close', resolve))
      socket.end(greeting)
      socket.resume()
      await ended
    }),
  )
  await assertAlive(a, b)
})

test('a committee member who sends a length that no frame has loses its stream, not our node', async () => {
  const [a, b] = await startPair()
  const byzantine = await startRawPeer(peerSeedOf(C))
  const connection = await dial(byzantine, a.address)
  for (const length of [FRAME_BYTES_MAX + 1, 0xffff_ffff, 0]) {
    const stream = await connection.newStream(protocolOf('data'))
    const good = Buffer.from([0, 0, 0, 2, 5, 5])
    const bad = Buffer.alloc(1004)
    bad.writeUInt32BE(length)
    const ended = new Promise((resolve) =>
      stream.addEventListener('close', resolve, { once: true }),
    )
    stream.send(Buffer.concat([good, bad]))
    await ended
  }
  assert.equal(a.network.traffic.data.streamsRefused, 3)
  assert.equal(a.count('data', C), 3, 'the frames before the bad length count')
  await assertAlive(a, b)
})

test('a committee member whose muxer announces 4 GiB is cut off before they are gathered', async () => {
  const [a, b] = await startPair()
  const byzantine = await startRawPeer(peerSeedOf(C))
  const connection = await dial(byzantine, a.address)
  const header = Buffer.alloc(12)
  header.writeUInt32BE(1, 4)
  header.writeUInt32BE(0xffff_ffff, 8)
  // The encrypted stream below the muxer: the one place from which a raw muxer header can be sent.
  const { muxer } = connection as unknown as {
    muxer: { maConn: { send(bytes: Uint8Array): boolean } }
  }
  muxer.maConn.send(header)
  await closed(connection)
  await assertAlive(a, b)
})

test('a committee member who opens stream after stream keeps the newest of each purpose', async () => {
  const [a, b] = await startPair()
  const byzantine = await startRawPeer(peerSeedOf(C))
  const connection = await dial(byzantine, a.address)
  const first = await connection.newStream(protocolOf('sync'))
  const replaced = new Promise((resolve) =>
    first.addEventListener('close', resolve, { once: true }),
  )
  const frame = Buffer.from([0, 0, 0, 1, 7])
  first.send(frame)
  await a.when(() => a.count('sync', C) === 1)
  const second = await connection.newStream(protocolOf('sync'))
  second.send(frame)
  await a.when(() => a.count('sync', C) === 2)
  await replaced
  assert.equal(second.status, 'open')
  const more = await Promise.allSettled(
    Array.from({ length: 60 }, () =>
      connection.newStream(protocolOf('sync'), { maxOutboundStreams: 1000 }),
    ),
  )
  assert.ok(more.some(({ status }) => status === 'rejected'))
  await assertAlive(a, b)
})

test('a stream that the peer resets is opened again, and the frame that it had in part goes out whole', async () => {
  const other = await startRawPeer(peerSeedOf(B))
  const frame = new Uint8Array(FRAME_BYTES_MAX).fill(9)
  const received = Promise.withResolvers<Uint8Array>()
  let streams = 0
  // All purposes are served, so that no retry of another one helps.
  for (const purpose of PURPOSES) {
    if (purpose !== 'data') await other.handle(protocolOf(purpose), () => undefined)
  }
  await other.handle(protocolOf('data'), (stream) => {
    const isFirst = ++streams === 1
    const reader = new FrameReader(FRAME_BYTES_MAX)
    stream.addEventListener('message', ({ data }) => {
      if (isFirst) stream.abort(new Error('not this one'))
      else reader.read(data, received.resolve)
    })
  })
  const port = other
    .getMultiaddrs()[0]
    ?.getComponents()
    .find(({ name }) => name === 'tcp')?.value
  const addressBook = [{ ...B, address: `127.0.0.1:${port}` }]
  const a = new TestPeer({ self: A, committees: committeesOf(1, 4), addressBook })
  await a.network.start()
  a.network.send(B, 'data', frame)
  assert.deepEqual(Buffer.compare(await received.promise, frame), 0)
  assert.equal(streams, 2)
  assert.equal(a.network.peers().find(({ validator }) => validator === 1)?.isConnected, true)
})
