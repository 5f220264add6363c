import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import {
  isPossessionProven,
  possessionPreimage,
  provePossession,
} from '../../src/config/possession.ts'
import { Secret } from '../../src/config/secret.ts'
import {
  shardSecretOf,
  validatorKeysOf,
  type ValidatorKeys,
} from '../../src/config/validator-keys.ts'
import { bytesOfHex, hexOf } from '../../src/core/primitives/bytes.ts'
import { domainHash, ZERO_HASH } from '../../src/core/primitives/hash.ts'
import { votePreimage } from '../../src/core/wire/certificate.ts'
import { createCrypto } from '../../src/host/crypto/crypto.ts'

const noble = bls12_381.longSignatures
const DST = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_'
const NETWORK = domainHash('shardnet/test/v1')
const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point

const root = shardSecretOf(new Secret(new Uint8Array(32).fill(9)), 0)
const seats = Array.from({ length: 7 }, (_, seat) => validatorKeysOf(root, 0, seat))
const ports = seats.map((keys) => createCrypto(keys))
const [port] = ports
assert.ok(port !== undefined)
const preimage = votePreimage(
  NETWORK,
  'commit',
  5,
  domainHash('shardnet/test/v1', Uint8Array.of(1)),
)

function keysOf(indices: readonly number[]): string[] {
  return indices.map((index) => seats[index]?.blsKey ?? '')
}

function aggregateOf(indices: readonly number[], message = preimage): Uint8Array {
  const sum = port?.aggregate(
    indices.map((index) => ports[index]?.signVote(message) ?? new Uint8Array()),
  )
  assert.ok(sum instanceof Uint8Array)
  return sum
}

/** Seat with a chosen BLS secret, for published vectors. */
function withBlsSecret(secret: string): ValidatorKeys {
  const [seat] = seats
  assert.ok(seat !== undefined)
  return { ...seat, blsSecret: new Secret(bytesOfHex(secret)) }
}

test('votes sign as the vectors of the Ethereum consensus tests say (same ciphersuite)', () => {
  const vectors = [
    [
      '263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3',
      '56'.repeat(32),
      '882730e5d03f6b42c3abc26d3372625034e1d871b65a8a6b900a56dae22da98abbe1b68f85e49fe7652a55ec3d0591c20767677e33e5cbb1207315c41a9ac03be39c2e7668edc043d6cb1d9fd93033caa8a1c5b0e84bedaeb6c64972503a43eb',
    ],
    [
      '47b8192d77bf871b62e87859d653922725724a5c031afeabc60bcef5ff665138',
      '56'.repeat(32),
      'af1390c3c47acdb37131a51216da683c509fce0e954328a59f93aebda7e4ff974ba208d9a4a2a2389f892a9d418d618418dd7f7a6bc7aa0da999a9d3a5b815bc085e14fd001f6a1948768a3f4afefc8b8240dda329f984cb345c6363272ba4fe',
    ],
    [
      '328388aff0d4a5b7dc9205abd374e7e98f3cd9f3418edb4eafda5fb16473d216',
      'ab'.repeat(32),
      'ae82747ddeefe4fd64cf9cedb9b04ae3e8a43420cd255e3c7cd06a8d88b7c7f8638543719981c5d16fa3527c468c25f0026704a6951bde891360c7e8d12ddee0559004ccdbe6046b55bae1b257ee97f7cdb955773d7cf29adf3ccbb9975e4eb9',
    ],
  ] as const
  for (const [secret, message, signature] of vectors) {
    assert.equal(
      hexOf(createCrypto(withBlsSecret(secret)).signVote(bytesOfHex(message))),
      signature,
    )
  }
})

test('signatures and aggregates are byte for byte those of a second implementation', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.uniqueArray(fc.nat({ max: 6 }), { minLength: 1 }),
      (message, indices) => {
        const hashed = noble.hash(message, DST)
        const theirs = indices.map((index) =>
          noble.sign(hashed, seats[index]?.blsSecret.reveal() ?? new Uint8Array()),
        )
        const sum = noble.aggregateSignatures(theirs).toBytes()
        assert.equal(hexOf(aggregateOf(indices, message)), hexOf(sum))
        assert.equal(port.verifyAggregate(keysOf(indices), message, sum), true)
      },
    ),
    { numRuns: 8 },
  )
})

test('an aggregate holds for exactly its signers and its message', () => {
  const signers = [0, 2, 3, 5, 6]
  const sum = aggregateOf(signers)
  assert.equal(port.verifyAggregate(keysOf(signers), preimage, sum), true)
  assert.equal(port.verifyAggregate(keysOf(signers.toReversed()), preimage, sum), true)
  for (const wrong of [
    [],
    [0],
    [0, 2, 3, 5],
    [0, 1, 2, 3, 5, 6],
    [0, 2, 3, 5, 5, 6],
    [1, 2, 3, 5, 6],
  ]) {
    assert.equal(port.verifyAggregate(keysOf(wrong), preimage, sum), false, wrong.join())
  }
  for (let at = 0; at < preimage.length; at += 7) {
    const changed = preimage.map((byte, index) => (index === at ? byte ^ 1 : byte))
    assert.equal(port.verifyAggregate(keysOf(signers), changed, sum), false)
  }
  assert.equal(
    port.verifyAggregate(keysOf(signers), votePreimage(NETWORK, 'prepare', 5, ZERO_HASH), sum),
    false,
  )
})

test('bytes that are no signature are refused: random, short, uncompressed, zero, outside of the subgroup', () => {
  const good = aggregateOf([0, 1, 2])
  const strangers: [string, Uint8Array][] = [
    ['empty', new Uint8Array()],
    ['short', good.subarray(1)],
    ['zero bytes', new Uint8Array(96)],
    ['zero point', G2.ZERO.toBytes(true)],
    ['uncompressed', G2.fromHex(hexOf(good)).toBytes(false)],
    ['no subgroup', pointOutsideOfG2()],
    ['random', new Uint8Array(96).fill(0xab)],
  ]
  for (const [name, bytes] of strangers) {
    assert.equal(port.verifyAggregate(keysOf([0, 1, 2]), preimage, bytes), false, name)
    assert.equal(port.aggregate([bytes]), null, name)
    assert.equal(port.aggregate([good, bytes]), null, name)
  }
  assert.equal(port.aggregate([]), null)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 96, maxLength: 96 }), (bytes) => {
      assert.equal(port.verifyAggregate(keysOf([0]), preimage, bytes), false)
    }),
  )
})

test('keys that are none are refused: zero, outside of the subgroup, another length', () => {
  const good = aggregateOf([0])
  const zero = G1.ZERO.toHex(true)
  for (const key of ['', 'ab', 'zz'.repeat(48), '00'.repeat(48), zero, hexOf(pointOutsideOfG1())]) {
    assert.equal(port.verifyAggregate([key], preimage, good), false, key)
    assert.equal(port.verifyAggregate([...keysOf([0]), key], preimage, good), false, key)
  }
  // The sum of these keys is zero: whoever takes it as a key accepts the zero signature for every message.
  const opposite = G1.fromHex(keysOf([0])[0] ?? '')
    .negate()
    .toHex(true)
  assert.equal(
    port.verifyAggregate([...keysOf([0]), opposite], preimage, G2.ZERO.toBytes(true)),
    false,
  )
})

/** The first x whose point is on the curve but, as the second implementation finds, not in the group. */
function pointOutsideOfG1(): Uint8Array {
  return pointOutside(48, (bytes) => G1.fromBytes(bytes))
}

function pointOutsideOfG2(): Uint8Array {
  return pointOutside(96, (bytes) => G2.fromBytes(bytes))
}

function pointOutside(length: number, decode: (bytes: Uint8Array) => unknown): Uint8Array {
  for (let x = 1; x < 200; x++) {
    const bytes = new Uint8Array(length)
    bytes[0] = 0x80
    bytes[length - 1] = x
    try {
      decode(bytes)
    } catch (error) {
      if (error instanceof Error && error.message.includes('subgroup')) return bytes
    }
  }
  throw new Error('no point found')
}

test('a rogue key forges an aggregate, and its proof of possession is what refuses it', () => {
  const [honest, attacker] = seats
  assert.ok(honest !== undefined && attacker !== undefined)
  // The attacker publishes key - honest key, so that both together are a key of its own.
  const rogueKey = G1.fromHex(attacker.blsKey).subtract(G1.fromHex(honest.blsKey)).toHex(true)
  const forged = createCrypto(attacker).signVote(preimage)
  assert.equal(
    port.verifyAggregate([honest.blsKey, rogueKey], preimage, forged),
    true,
    'the attack is real',
  )

  const seat = { blsKey: rogueKey, peerKey: attacker.peerKey }
  const attempts = [
    provePossession(NETWORK, seat, attacker.blsSecret),
    provePossession(NETWORK, { ...seat, blsKey: attacker.blsKey }, attacker.blsSecret),
    provePossession(NETWORK, honest, honest.blsSecret),
    G2.fromHex(hexOf(provePossession(NETWORK, seat, attacker.blsSecret)))
      .subtract(G2.fromHex(hexOf(provePossession(NETWORK, honest, honest.blsSecret))))
      .toBytes(true),
  ]
  for (const proof of attempts) assert.equal(isPossessionProven(NETWORK, seat, proof), false)
})

test('a proof of possession holds for one network, one BLS key and one peer key', () => {
  const [seat, other] = seats
  assert.ok(seat !== undefined && other !== undefined)
  const proof = provePossession(NETWORK, seat, seat.blsSecret)
  assert.equal(isPossessionProven(NETWORK, seat, proof), true)
  assert.equal(isPossessionProven(domainHash('shardnet/test/v2'), seat, proof), false)
  assert.equal(isPossessionProven(NETWORK, { ...seat, peerKey: other.peerKey }, proof), false)
  assert.equal(isPossessionProven(NETWORK, { ...seat, blsKey: other.blsKey }, proof), false)
})

test('no vote is a proof of possession, and no proof is a vote', () => {
  const [seat] = seats
  assert.ok(seat !== undefined)
  const proof = provePossession(NETWORK, seat, seat.blsSecret)
  assert.equal(port.verifyAggregate([seat.blsKey], preimage, proof), false)
  assert.equal(isPossessionProven(NETWORK, seat, port.signVote(preimage)), false)
  const vote = votePreimage(NETWORK, 'prepare', 0, ZERO_HASH)
  const proven = possessionPreimage(NETWORK, seat)
  assert.notEqual(hexOf(vote.subarray(0, 16)), hexOf(proven.subarray(0, 16)))
})

test('peer signatures follow RFC 8032 and hold for one key and one message', () => {
  // RFC 8032, section 7.1, tests 1 to 3.
  const vectors = [
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ] as const
  const [seat] = seats
  assert.ok(seat !== undefined)
  for (const [seed, key, message, signature] of vectors) {
    const signer = createCrypto({ ...seat, peerSeed: new Secret(bytesOfHex(seed)) })
    assert.equal(hexOf(signer.signPeer(bytesOfHex(message))), signature)
    assert.equal(port.verifyPeer(key, bytesOfHex(message), bytesOfHex(signature)), true)
    assert.equal(port.verifyPeer(key, bytesOfHex(`${message}00`), bytesOfHex(signature)), false)
    assert.equal(port.verifyPeer(seat.peerKey, bytesOfHex(message), bytesOfHex(signature)), false)
  }
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (message, seed) => {
        const signature = ed25519.sign(message, seed)
        assert.equal(port.verifyPeer(hexOf(ed25519.getPublicKey(seed)), message, signature), true)
      },
    ),
    { numRuns: 30 },
  )
})

test('malformed peer keys and signatures are false, never an exception', () => {
  const signature = port.signPeer(preimage)
  const key = seats[0]?.peerKey ?? ''
  assert.equal(port.verifyPeer(key, preimage, signature), true)
  for (const bad of ['', 'ab', key.toUpperCase(), `${key}00`, 'zz'.repeat(32), 'ff'.repeat(32)]) {
    assert.equal(port.verifyPeer(bad, preimage, signature), false, bad)
  }
  for (const bad of [
    new Uint8Array(),
    signature.subarray(1),
    new Uint8Array(65),
    new Uint8Array(64).fill(255),
  ]) {
    assert.equal(port.verifyPeer(key, preimage, bad), false)
  }
})
