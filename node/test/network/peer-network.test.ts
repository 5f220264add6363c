import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRAME_BYTES_MAX } from '../../src/core/wire/peer-message.ts'
import type { LinkVerdict, ShapedFrame } from '../../src/host/network/link-shaper.ts'
import { NetworkError } from '../../src/host/network/network-error.ts'
import { PURPOSES, purposeRules } from '../../src/host/network/purpose.ts'
import { STREAM_WINDOW_BYTES_MAX } from '../../src/host/network/bounded-yamux.ts'
import {
  committeesOf,
  peerSeedOf,
  shareAddresses,
  startPeers,
  TestPeer,
  type GotFrame,
} from './fixture.ts'

const SEATS_2 = [0, 1].map((validator) => ({ shard: 0, validator }))
const SEATS_4 = [0, 1, 2, 3].map((validator) => ({ shard: 0, validator }))
const A = { shard: 0, validator: 0 }
const B = { shard: 0, validator: 1 }

test('two validators exchange frames of every purpose and size, in order, with their sender', async () => {
  const [a, b] = await startPeers(committeesOf(1, 4), SEATS_2)
  assert.ok(a && b)
  const sizes = [1, 3, 4, 5, 1000, 65_502, 65_503, 65_504, 65_507, 70_000, 300_000, FRAME_BYTES_MAX]
  for (const purpose of PURPOSES) {
    for (const [i, size] of sizes.entries())
      assert.ok(a.network.send(B, purpose, new Uint8Array(size).fill(i + 1)))
  }
  await b.when(() => b.frames.length === sizes.length * PURPOSES.length)
  for (const purpose of PURPOSES) {
    const frames: readonly GotFrame[] = b.frames.filter((item) => item.purpose === purpose)
    assert.deepEqual(
      frames.map(({ frame }) => frame.length),
      sizes,
      purpose,
    )
    assert.ok(
      frames.every(
        ({ frame, from }, i) => from.validator === 0 && frame.every((byte) => byte === i + 1),
      ),
      purpose,
    )
    assert.equal(a.network.traffic[purpose].framesSent, sizes.length, purpose)
    assert.equal(b.network.traffic[purpose].framesReceived, sizes.length, purpose)
  }
})

test('four validators connect by themselves and each reaches each', async () => {
  const peers = await startPeers(committeesOf(1, 4), SEATS_4)
  for (const [i, peer] of peers.entries()) {
    for (const to of SEATS_4)
      if (to.validator !== i) assert.ok(peer.network.send(to, 'consensus', Uint8Array.of(i)))
  }
  for (const [i, peer] of peers.entries()) {
    await peer.when(() => peer.frames.length === 3)
    const senders = peer.frames.map(({ from, frame }) => [from.validator, frame[0]])
    const others = SEATS_4.filter(({ validator }) => validator !== i).map(({ validator }) => [
      validator,
      validator,
    ])
    assert.deepEqual(
      senders.toSorted(([a = 0], [b = 0]) => a - b),
      others,
    )
    assert.equal(peer.network.peers().filter(({ isConnected }) => isConnected).length, 3)
  }
})

test('a validator of another shard is connected by the first frame to it, not before', async () => {
  const seats = [A, { shard: 1, validator: 2 }]
  const [a, far] = await startPeers(committeesOf(2, 4), seats)
  assert.ok(a && far)
  const statusOfFar = () =>
    a.network.peers().find(({ shard, validator }) => shard === 1 && validator === 2)
  assert.equal(statusOfFar()?.isConnected, false)
  a.network.send({ shard: 1, validator: 2 }, 'crossshard', Uint8Array.of(9))
  await far.when(() => far.frames.length === 1)
  assert.deepEqual(far.frames[0]?.from, A)
  assert.equal(statusOfFar()?.isConnected, true)
})

test('16 MiB of data in the queue do not stand in front of a vote', async () => {
  const [a, b] = await startPeers(committeesOf(1, 4), SEATS_2)
  assert.ok(a && b)
  a.network.send(B, 'consensus', Uint8Array.of(1))
  await b.when(() => b.count('consensus') === 1)
  const body = new Uint8Array(250_000)
  const bodies = Math.floor(purposeRules.data.queueBytesMax / (body.length + 4))
  for (let i = 0; i < bodies; i++) assert.ok(a.network.send(B, 'data', body))
  assert.equal(a.network.send(B, 'data', body), false, 'a full data queue refuses')
  assert.equal(a.network.traffic.data.framesDropped, 1)
  a.network.send(B, 'consensus', Uint8Array.of(2))
  await b.when(() => b.count('consensus') === 2)
  const bytesBefore = b.count('data') * body.length
  assert.ok(bytesBefore < 4_194_304, `${bytesBefore} bytes of data came first`)
  await b.when(() => b.count('data') === bodies)
})

test('a handler that is stuck on data holds a bounded number of bytes, and votes still pass', async () => {
  const [a, b] = await startPeers(committeesOf(1, 4), SEATS_2)
  assert.ok(a && b)
  const stuck = Promise.withResolvers<void>()
  b.work = (purpose) => (purpose === 'data' ? stuck.promise : Promise.resolve())
  const body = new Uint8Array(100_000)
  let taken = 0
  let refused = 0
  // One body a turn, as a validator makes them; a vote now and then shows that the connection moves.
  for (let turn = 0; turn < 400; turn++) {
    if (a.network.send(B, 'data', body)) taken++
    else refused++
    if (turn % 20 === 0) {
      const votes = b.count('consensus')
      a.network.send(B, 'consensus', Uint8Array.of(1))
      await b.when(() => b.count('consensus') === votes + 1)
    } else {
      await new Promise(setImmediate)
    }
  }
  assert.ok(refused > 0, 'the sender is told')
  const held = b.count('data') * body.length
  const heldMax = purposeRules.data.handlingBytesMax + STREAM_WINDOW_BYTES_MAX + body.length
  assert.ok(held <= heldMax, `${held} bytes are in the handler, at most ${heldMax} expected`)
  const onTheWay = (taken - b.count('data')) * body.length
  const onTheWayMax = purposeRules.data.queueBytesMax + STREAM_WINDOW_BYTES_MAX + 131_072
  assert.ok(
    onTheWay <= onTheWayMax,
    `${onTheWay} bytes are on the way, at most ${onTheWayMax} expected`,
  )
  stuck.resolve()
  await b.when(() => b.count('data') === taken)
})

test('a full consensus queue keeps the newest votes', async () => {
  const [a, b] = await startPeers(committeesOf(1, 4), SEATS_2)
  assert.ok(a && b)
  await b.network.stop()
  const votes = 50_000
  for (let vote = 0; vote < votes; vote++) {
    const frame = Buffer.alloc(150)
    frame.writeUInt32BE(vote)
    assert.ok(a.network.send(B, 'consensus', frame))
  }
  assert.ok(a.network.traffic.consensus.framesDropped > 0)
  const again = new TestPeer({ self: B, committees: committeesOf(1, 4) })
  await again.network.start()
  shareAddresses(SEATS_2, [a, again])
  const numberOf = (frame: Uint8Array | undefined): number =>
    frame ? Buffer.from(frame).readUInt32BE() : -1
  await again.when(() => numberOf(again.frames.at(-1)?.frame) === votes - 1)
  const numbers = again.frames.map(({ frame }) => numberOf(frame))
  assert.ok(
    numbers.length > 20_000 &&
      numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0)),
  )
})

test('a validator that restarts on its port is found again, in both directions', async () => {
  for (const restarted of [0, 1]) {
    const peers = await startPeers(committeesOf(1, 4), SEATS_2)
    const other = peers[1 - restarted]
    const before = peers[restarted]
    const self = SEATS_2[restarted]
    const otherSeat = SEATS_2[1 - restarted]
    assert.ok(other && before && self && otherSeat)
    other.network.send(self, 'data', Uint8Array.of(1))
    await before.when(() => before.frames.length === 1)
    const addressBook = SEATS_2.map((seat, i) => ({ ...seat, address: peers[i]?.address ?? '' }))
    const listen = before.network.listenAddress
    await before.network.stop()
    const after = new TestPeer({ self, committees: committeesOf(1, 4), listen, addressBook })
    await after.network.start()
    // What was handed to the dying connection is lost, so both repeat themselves, as replicas do.
    const repeat = setInterval(() => {
      other.network.send(self, 'data', Uint8Array.of(2))
      after.network.send(otherSeat, 'data', Uint8Array.of(3))
    }, 10)
    await after.when(() => after.frames.some(({ frame }) => frame[0] === 2))
    await other.when(() => other.frames.some(({ frame }) => frame[0] === 3))
    clearInterval(repeat)
  }
})

test('the link shaper sees every frame, and what it drops or delays is dropped or delayed', async () => {
  const committees = committeesOf(1, 4)
  const verdicts: LinkVerdict[] = ['drop', 'later', 'refuse', 'pass']
  const seen: number[] = []
  const shaper = {
    shape: ({ bytes, deliver }: ShapedFrame): LinkVerdict => {
      const verdict = verdicts[seen.push(bytes) - 1] ?? 'pass'
      if (verdict === 'later') setImmediate(deliver)
      return verdict
    },
  }
  const a = new TestPeer({ self: A, committees, shaper })
  const b = new TestPeer({ self: B, committees })
  for (const peer of [a, b]) await peer.network.start()
  shareAddresses(SEATS_2, [a, b])
  const taken = [1, 2, 3, 4].map((size) => a.network.send(B, 'data', new Uint8Array(size)))
  assert.deepEqual(taken, [true, true, false, true])
  await b.when(() => b.frames.length === 2)
  assert.deepEqual(seen, [1, 2, 3, 4])
  assert.deepEqual(
    b.frames.map(({ frame }) => frame.length).toSorted((x, y) => x - y),
    [2, 4],
  )
  assert.equal(a.network.traffic.data.framesShaped, 1)
  assert.equal(a.network.traffic.data.framesDropped, 1)
})

test('an inbound shaper stands before the handler, with the identity that the channel proved', async () => {
  const committees = committeesOf(1, 4)
  const held: (() => void)[] = []
  const shaper = {
    shape: ({ direction, peer, bytes, deliver }: ShapedFrame): LinkVerdict => {
      if (direction === 'outbound' || peer.validator !== A.validator) return 'pass'
      if (bytes === 2) held.push(deliver)
      return bytes === 1 ? 'drop' : bytes === 2 ? 'later' : 'pass'
    },
  }
  const a = new TestPeer({ self: A, committees })
  const b = new TestPeer({ self: B, committees, shaper })
  for (const peer of [a, b]) await peer.network.start()
  shareAddresses(SEATS_2, [a, b])
  for (const size of [1, 2, 3]) assert.ok(a.network.send(B, 'data', new Uint8Array(size)))
  await b.when(() => b.frames.length === 1)
  assert.equal(b.frames[0]?.frame.length, 3)
  for (const deliver of held) deliver()
  await b.when(() => b.frames.length === 2)
  assert.equal(b.network.traffic.data.framesShaped, 1)
})

test('a p2p port in use is one clear error', async () => {
  const [a] = await startPeers(committeesOf(1, 4), [A])
  assert.ok(a)
  const second = new TestPeer({
    self: B,
    committees: committeesOf(1, 4),
    listen: a.network.listenAddress,
  })
  await assert.rejects(second.network.start(), (error) => {
    assert.ok(error instanceof NetworkError)
    assert.equal(error.code, 'addressInUse')
    assert.match(error.message, /^the p2p port 127\.0\.0\.1:\d+ is in use/)
    return true
  })
})

test('a peer key that is not the one of the seat cannot start', async () => {
  const peer = new TestPeer({ self: A, peerSeed: peerSeedOf(B), committees: committeesOf(1, 4) })
  await assert.rejects(
    peer.network.start(),
    (error) => error instanceof NetworkError && error.code === 'notInCommittee',
  )
})
