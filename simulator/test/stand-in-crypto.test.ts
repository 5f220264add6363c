import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../src/world/random.ts'
import { createStandInCrypto, standInKeysOf } from '../src/world/stand-in-crypto.ts'

const random = new Random(1, 'keys')
const keys = Array.from({ length: 4 }, () => standInKeysOf(() => random.uint32()))
const ports = keys.map(createStandInCrypto)
const [port] = ports
assert.ok(port)
const message = new Uint8Array(89).map((_, at) => at * 7)
const blsKeys = keys.map(({ blsKey }) => blsKey)

function sumOf(indices: readonly number[], bytes = message): Uint8Array {
  const sum = port?.aggregate(indices.map((index) => ports[index]?.signVote(bytes) ?? bytes))
  assert.ok(sum)
  return sum
}

test('a sum of votes verifies under the keys of exactly those who voted', () => {
  assert.ok(port.verifyAggregate(blsKeys, message, sumOf([0, 1, 2, 3])))
  assert.ok(!port.verifyAggregate(blsKeys.slice(0, 3), message, sumOf([0, 1, 2, 3])))
  assert.ok(!port.verifyAggregate(blsKeys, message, sumOf([0, 1, 2])))
  assert.ok(!port.verifyAggregate(blsKeys, message, sumOf([0, 1, 2, 2])), 'one counted twice')
})

test('a signature is over these bytes and no others', () => {
  for (let at = 0; at < message.length; at++) {
    const changed = message.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.ok(!port.verifyAggregate(blsKeys, changed, sumOf([0, 1, 2, 3])), `byte ${at}`)
  }
})

test('bytes that encode no element are refused: another length, something behind the lanes, a lane beyond the prime, zero', () => {
  const good = sumOf([0])
  const key = blsKeys.slice(0, 1)
  assert.ok(port.verifyAggregate(key, message, good))
  const behind = good.slice()
  behind[95] = 1
  const beyond = good.slice().fill(0xff, 0, 4)
  for (const bytes of [good.subarray(1), behind, beyond, new Uint8Array(96)]) {
    assert.ok(!port.verifyAggregate(key, message, bytes))
    assert.equal(port.aggregate([bytes]), null)
  }
})

test('a peer signature is by one key over one message', () => {
  const [first, second] = keys
  assert.ok(first && second)
  const signature = port.signPeer(message)
  assert.ok(port.verifyPeer(first.peerKey, message, signature))
  assert.ok(!port.verifyPeer(second.peerKey, message, signature))
  assert.ok(!port.verifyPeer(first.peerKey, message.subarray(1), signature))
  const changed = signature.slice()
  changed[63] = 1
  assert.ok(!port.verifyPeer(first.peerKey, message, changed))
})
