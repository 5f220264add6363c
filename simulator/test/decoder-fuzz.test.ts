import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeWith,
  encodeLogRecord,
  encodePeerMessage,
  hashOfBytes,
  readLogRecord,
  readPeerMessage,
  type LogRecord,
  type PeerMessage,
} from '@shardnet/node/parts'
import { createWorld } from '../src/adversary/lying-world.ts'
import { Random } from '../src/world/random.ts'
import { drawWorldPlan } from '../src/world/world-plan.ts'

const INPUTS = 1_000_000
const SEED = Number(process.env['SHARDNET_SEED'] ?? Date.now() % 1_000_000)
const GROWTH_BYTES_MAX = 256 * 1_048_576
/** Enough of each kind to splice, few enough to stay in the processor's cache. */
const PER_KIND = 40

/** Messages of worlds with restarts, lies and transfers between shards: every kind that validators send. */
function messages(): PeerMessage[] {
  const byKind = new Map<PeerMessage['kind'], PeerMessage[]>()
  for (let seed = 1; seed <= 30; seed++) {
    const plan = drawWorldPlan(seed, { kind: 'liveness', shards: 2, size: 4, heightsAim: 30 })
    const world = createWorld({ ...plan, liars: seed % 2 === 0 ? 'twins' : 'none' })
    const send = world.send.bind(world)
    world.send = (from, to, frame) => {
      const decoded = frame.decode()
      if (decoded.kind === 'value') {
        const known = byKind.get(decoded.value.kind) ?? []
        if (known.length < PER_KIND) byKind.set(decoded.value.kind, [...known, decoded.value])
      }
      send(from, to, frame)
    }
    world.run()
  }
  assert.equal(byKind.size, 14, [...byKind.keys()].join())
  return [...byKind.values()].flat()
}

/** The records of a log that are no messages: a birth, and evidence of each kind of lie. */
function ownRecords(random: Random): LogRecord[] {
  const hash = () => hashOfBytes(random.bytes(32))
  const evidence = (['prepare', 'commit', 'skip', 'proposal', 'batch'] as const).map((kind) => {
    const side = () => ({
      kind,
      value: hash(),
      signature: random.bytes(kind === 'proposal' || kind === 'batch' ? 64 : 96),
      header: random.bytes(kind === 'proposal' ? 300 : kind === 'batch' ? 92 : 0),
    })
    const [first, second] = [side(), side()]
    return {
      kind: 'evidence',
      validator: random.below(10),
      view: random.below(1_000),
      first,
      second,
    } as const
  })
  return [{ kind: 'birth', networkId: hash(), shard: 1, validator: 2, epoch: 0 }, ...evidence]
}

function recordsOf(message: PeerMessage): LogRecord[] {
  const isLogged =
    message.kind === 'vote' ||
    message.kind === 'proposal' ||
    message.kind === 'certificate' ||
    message.kind === 'batch' ||
    message.kind === 'import'
  return isLogged ? [message] : []
}

/** Bytes that were meant to be something, until chance had its way with them. */
function distorted(random: Random, pool: readonly Uint8Array[]): Uint8Array {
  const base = random.pick(pool)
  switch (random.below(5)) {
    case 0:
      return random.bytes(random.below(200))
    case 1:
      return base.slice(0, random.below(base.length + 1))
    case 2: {
      const bytes = base.slice()
      for (let flips = 1 + random.below(8); flips > 0; flips--) {
        const at = random.below(bytes.length)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
      }
      return bytes
    }
    case 3: {
      const other = random.pick(pool)
      const [end, start] = [random.below(base.length), random.below(other.length)]
      const bytes = new Uint8Array(end + other.length - start)
      bytes.set(base.subarray(0, end))
      bytes.set(other.subarray(start), end)
      return bytes
    }
    default: {
      // A length, or whatever else stands there, that is as large as it can be.
      const bytes = base.slice()
      bytes.fill(0xff, random.below(bytes.length), random.below(bytes.length) + 4)
      return bytes
    }
  }
}

test('a million distorted messages and records: each is refused, or is the one encoding of what it says', () => {
  const random = new Random(SEED, 'fuzz')
  const all = messages()
  const formats = [
    {
      pool: all.map(encodePeerMessage),
      again: (bytes: Uint8Array) => {
        const decoded = decodeWith(bytes, readPeerMessage)
        return decoded.kind === 'value' ? encodePeerMessage(decoded.value) : null
      },
    },
    {
      pool: [...ownRecords(random), ...all.flatMap(recordsOf)].map(encodeLogRecord),
      again: (bytes: Uint8Array) => {
        const decoded = decodeWith(bytes, readLogRecord)
        return decoded.kind === 'value' ? encodeLogRecord(decoded.value) : null
      },
    },
  ]
  for (const { pool, again } of formats)
    for (const bytes of pool) assert.deepEqual(again(bytes), bytes, 'what is written can be read')
  const before = process.memoryUsage().rss
  let values = 0
  for (let input = 0; input < INPUTS; input++) {
    const { pool, again } = random.pick(formats)
    const bytes = distorted(random, pool)
    const encoded = again(bytes)
    if (encoded === null) continue
    values++
    const isSame =
      encoded.length === bytes.length && encoded.every((byte, at) => byte === bytes[at])
    if (!isSame) assert.deepEqual(encoded, bytes, `seed ${SEED}, input ${input}`)
  }
  assert.ok(values > INPUTS / 20 && values < INPUTS / 2, `${values} inputs still meant something`)
  const growth = process.memoryUsage().rss - before
  assert.ok(growth < GROWTH_BYTES_MAX, `seed ${SEED}: ${growth} bytes more`)
})
