import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  REFUSAL_NAMES,
  refusalCode,
  refusalNameOf,
  type RefusalCode,
} from '../../src/client/refusal-code.ts'
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
  type ClientFrame,
  type ServerFrame,
} from '../../src/client/stream-protocol.ts'
import { hexOf } from '../../src/core/primitives/bytes.ts'
import { hashOfBytes } from '../../src/core/primitives/hash.ts'

const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const height = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hashOfBytes)
// Every byte from 1 to 15 is a refusal.
const code = fc.integer({ min: 1, max: REFUSAL_NAMES.length }).map((byte) => byte as RefusalCode)

const clientFrames: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('subscribe' as const),
    detail: fc.constantFrom('none', 'digests', 'full'),
    fromHeight: height,
  }),
  fc.record({
    kind: fc.constant('submit' as const),
    firstReference: u32,
    transactions: fc.uint8Array({ maxLength: 500 }),
  }),
  fc.record({ kind: fc.constant('eventRequest' as const), height }),
)
const serverFrames: fc.Arbitrary<ServerFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('welcome' as const),
    networkId: hash,
    shard: u16,
    validator: u16,
    height,
  }),
  fc.record({
    kind: fc.constant('refused' as const),
    refusals: fc.array(fc.record({ reference: u32, code }), { maxLength: 50 }),
  }),
  fc.record({
    kind: fc.constant('acknowledged' as const),
    ranges: fc.array(fc.record({ firstReference: u32, count: u32 }), { maxLength: 50 }),
  }),
  fc.record({ kind: fc.constant('event' as const), event: fc.uint8Array({ maxLength: 500 }) }),
  fc.record({ kind: fc.constant('eventDigest' as const), height, blockHash: hash, digest: hash }),
  fc.record({
    kind: fc.constant('busy' as const),
    firstReference: u32,
    count: u32,
    retryAfterMs: u32,
  }),
  fc.record({ kind: fc.constant('eventMissing' as const), height }),
)

/** Arrays of whatever class compare by content. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) =>
      item instanceof Uint8Array ? hexOf(item) : item,
    ),
  )
}

test('every frame comes back as it was', () => {
  fc.assert(
    fc.property(clientFrames, (frame) => {
      const decoded = decodeClientFrame(encodeClientFrame(frame))
      assert.ok(decoded.kind === 'value')
      assert.deepEqual(plain(decoded.value), plain(frame))
    }),
  )
  fc.assert(
    fc.property(serverFrames, (frame) => {
      const decoded = decodeServerFrame(encodeServerFrame(frame))
      assert.ok(decoded.kind === 'value')
      assert.deepEqual(plain(decoded.value), plain(frame))
    }),
  )
})

test('what decodes has exactly one encoding, and nothing throws', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 99),
      (tail, type) => {
        const bytes = Uint8Array.of(type, ...tail)
        const client = decodeClientFrame(bytes)
        if (client.kind === 'value')
          assert.deepEqual([...encodeClientFrame(client.value)], [...bytes])
        const server = decodeServerFrame(bytes)
        if (server.kind === 'value')
          assert.deepEqual([...encodeServerFrame(server.value)], [...bytes])
        assert.ok(client.kind === 'malformed' || server.kind === 'malformed', 'no byte means both')
      },
    ),
    { numRuns: 2000 },
  )
})

test('a frame cut short or with a byte too many is malformed, except where the rest is content', () => {
  fc.assert(
    fc.property(serverFrames, fc.nat(), (frame, at) => {
      if (frame.kind === 'event') return
      const bytes = encodeServerFrame(frame)
      assert.equal(decodeServerFrame(bytes.subarray(0, at % bytes.length)).kind, 'malformed')
      assert.equal(decodeServerFrame(Uint8Array.of(...bytes, 0)).kind, 'malformed')
    }),
  )
})

test('the bytes are those of docs/wire-format.md', () => {
  const hexOfClient = (frame: ClientFrame): string => hexOf(encodeClientFrame(frame))
  assert.equal(
    hexOfClient({ kind: 'subscribe', detail: 'digests', fromHeight: 258 }),
    '01010000000000000102',
  )
  assert.equal(
    hexOfClient({ kind: 'submit', firstReference: 7, transactions: Uint8Array.of(1, 2) }),
    '02000000070102',
  )
  assert.equal(hexOfClient({ kind: 'eventRequest', height: 1 }), '030000000000000001')
  const refusals = [{ reference: 9, code: refusalCode.OUTBOX_FULL }]
  assert.equal(hexOf(encodeServerFrame({ kind: 'refused', refusals })), '110001000000090f')
  const ranges = [{ firstReference: 1, count: 2 }]
  assert.equal(hexOf(encodeServerFrame({ kind: 'acknowledged', ranges })), '1200010000000100000002')
  assert.equal(
    hexOf(encodeServerFrame({ kind: 'busy', firstReference: 1, count: 2, retryAfterMs: 3 })),
    '15000000010000000200000003',
  )
})

test('refusal codes are 1 to 15 and name themselves', () => {
  assert.deepEqual(
    Object.values(refusalCode),
    Array.from({ length: 15 }, (_, i) => i + 1),
  )
  for (const name of REFUSAL_NAMES) assert.equal(refusalNameOf(refusalCode[name]), name)
  assert.equal(refusalNameOf(0), null)
  assert.equal(refusalNameOf(16), null)
})
