import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Backoff } from '../../src/host/network/backoff.ts'
import { FrameHeaderWatch, STREAM_WINDOW_BYTES_MAX } from '../../src/host/network/bounded-yamux.ts'
import { FrameQueue } from '../../src/host/network/frame-queue.ts'
import { FrameReader } from '../../src/host/network/frame-reader.ts'
import { parseHostPort } from '../../src/host/network/peer-address.ts'

const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 40 })

/** Everything that a queue still gives, in chunks of the given size. */
function drain(queue: FrameQueue, chunkBytes: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let chunk = queue.take(chunkBytes); chunk !== null; chunk = queue.take(chunkBytes))
    chunks.push(chunk)
  return chunks
}

function readAll(reader: FrameReader, parts: Iterable<Uint8Array>): Uint8Array[] {
  const got: Uint8Array[] = []
  assert.ok(reader.read(parts, (frame) => got.push(frame)))
  return got
}

test('what goes into a queue comes out of a reader, however it is cut', () => {
  fc.assert(
    fc.property(
      frames,
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 50 }),
      (sent, chunkBytes, readBytes) => {
        const queue = new FrameQueue(1_000_000, 'refuse')
        for (const frame of sent) assert.deepEqual(queue.push(frame), { queued: true, lost: 0 })
        const chunks = drain(queue, chunkBytes)
        assert.ok(chunks.every(({ length }, i) => length === chunkBytes || i === chunks.length - 1))
        assert.equal(queue.bytes, 0)
        const stream = Buffer.concat(chunks)
        const pieces = Array.from({ length: Math.ceil(stream.length / readBytes) }, (_, i) =>
          stream.subarray(i * readBytes, (i + 1) * readBytes),
        )
        assert.deepEqual(
          readAll(new FrameReader(300), pieces).map((frame) => [...frame]),
          sent.map((frame) => [...frame]),
        )
      },
    ),
  )
})

test('a broken stream resends the frame that it had in part, and only that', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 2000 }), (sent, taken) => {
      const queue = new FrameQueue(1_000_000, 'refuse')
      for (const frame of sent) queue.push(frame)
      const total = queue.bytes
      const first = queue.take(taken) ?? new Uint8Array(0)
      let whole = 0
      let wholeBytes = 0
      for (const frame of sent) {
        if (wholeBytes + frame.length + 4 > first.length) break
        wholeBytes += frame.length + 4
        whole++
      }
      queue.rewind()
      assert.equal(queue.bytes, total - wholeBytes)
      const resent = readAll(new FrameReader(300), drain(queue, 64))
      assert.deepEqual(
        resent.map((frame) => [...frame]),
        sent.slice(whole).map((frame) => [...frame]),
      )
    }),
  )
})

/** More than a queue of 620 bytes holds, in frames that no two are alike. */
const manyFrames = fc
  .array(fc.integer({ min: 20, max: 300 }), { minLength: 10, maxLength: 40 })
  .map((lengths) => lengths.map((length, i) => new Uint8Array(length).fill(i)))

test('dropOldest never holds more than its bytes, loses the oldest, and never a frame in part', () => {
  fc.assert(
    fc.property(manyFrames, fc.nat({ max: 120 }), (sent, taken) => {
      // Room for a frame that is half sent and any other.
      const queue = new FrameQueue(620, 'dropOldest')
      const chunks: Uint8Array[] = []
      let lost = 0
      for (const frame of sent) {
        lost += queue.push(frame).lost
        assert.ok(queue.bytes <= 620)
        const chunk = taken === 0 ? null : queue.take(taken)
        if (chunk !== null) chunks.push(chunk)
      }
      chunks.push(...drain(queue, 64))
      const got = readAll(new FrameReader(300), chunks).map((frame) => [
        frame[0] ?? -1,
        frame.length,
      ])
      assert.equal(got.length + lost, sent.length)
      assert.ok(got.every(([place = 0, length]) => length === sent[place]?.length))
      assert.ok(got.every(([place = 0], i) => i === 0 || place > (got[i - 1]?.[0] ?? 0)))
      assert.equal(got.at(-1)?.[0], sent.length - 1, 'the newest stays')
    }),
  )
})

test('refuse never holds more than its bytes and loses nothing that it took', () => {
  fc.assert(
    fc.property(manyFrames, fc.nat({ max: 120 }), (sent, taken) => {
      const queue = new FrameQueue(500, 'refuse')
      const chunks: Uint8Array[] = []
      const accepted: number[] = []
      for (const [place, frame] of sent.entries()) {
        const fits = queue.bytes + frame.length + 4 <= 500
        assert.deepEqual(queue.push(frame), { queued: fits, lost: fits ? 0 : 1 })
        if (fits) accepted.push(place)
        assert.ok(queue.bytes <= 500)
        const chunk = taken === 0 ? null : queue.take(taken)
        if (chunk !== null) chunks.push(chunk)
      }
      chunks.push(...drain(queue, 64))
      assert.deepEqual(
        readAll(new FrameReader(300), chunks).map((frame) => frame[0]),
        accepted,
      )
    }),
  )
})

const noFrame = (): void => assert.fail('no frame is complete')

test('a reader refuses length 0 and lengths above the maximum, and holds little for a promise', () => {
  for (const length of [0, 301, 0xffff_ffff]) {
    const prefix = Buffer.alloc(4)
    prefix.writeUInt32BE(length)
    assert.equal(new FrameReader(300).read(prefix, noFrame), false)
  }
  const reader = new FrameReader(2_097_152)
  assert.ok(reader.read(Buffer.from([0, 32, 0, 0, 1]), noFrame))
  assert.equal(reader.heldBytes, 262_144)
})

test('the muxer watch follows headers however they are cut and stops at a frame larger than any window', () => {
  const header = (type: number, length: number): Buffer => {
    const bytes = Buffer.alloc(12)
    bytes.writeUInt8(type, 1)
    bytes.writeUInt32BE(length, 8)
    return bytes
  }
  const honest = Buffer.concat([
    header(0, 30),
    Buffer.alloc(30, 0xff),
    header(1, 0xffff_ffff),
    header(0, 0),
    header(2, 77),
  ])
  for (let cut = 1; cut < honest.length; cut++) {
    const watch = new FrameHeaderWatch()
    for (let at = 0; at < honest.length; at += cut) watch.see(honest.subarray(at, at + cut))
    watch.see(header(0, STREAM_WINDOW_BYTES_MAX))
    const liar = new FrameHeaderWatch()
    liar.see(honest)
    assert.throws(() => liar.see(header(0, STREAM_WINDOW_BYTES_MAX + 1)))
  }
})

test('the pause doubles to its maximum, with jitter, and only a lasting success resets it', () => {
  const backoff = new Backoff({ firstMs: 100, maxMs: 1000, settledMs: 500 })
  const pauses = Array.from({ length: 6 }, () => backoff.nextDelayMs(0, 0.999_999))
  assert.deepEqual(pauses, [100, 200, 400, 800, 1000, 1000])
  backoff.succeeded(1000)
  assert.equal(backoff.nextDelayMs(1400, 0), 500, 'hung up on after 400 ms')
  backoff.succeeded(2000)
  assert.equal(backoff.nextDelayMs(2500, 0), 50)
})

test('addresses are host:port and nothing else', () => {
  assert.deepEqual(parseHostPort('127.0.0.1:9000'), { host: '127.0.0.1', port: 9000 })
  assert.deepEqual(parseHostPort('[::1]:1'), { host: '::1', port: 1 })
  assert.deepEqual(parseHostPort('node-0.shard-1.svc:26656'), {
    host: 'node-0.shard-1.svc',
    port: 26_656,
  })
  for (const bad of [
    '',
    'host',
    ':1',
    'host:',
    'host:65536',
    '::1:9',
    'a b:1',
    'host:1/2',
    'http://host:1',
  ]) {
    assert.throws(() => parseHostPort(bad), bad)
  }
})
