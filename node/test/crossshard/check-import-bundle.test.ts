import assert from 'node:assert/strict'
import { test } from 'node:test'
import blst from '@chainsafe/blst'
import {
  checkImportBundle,
  type BundleRejection,
} from '../../src/core/crossshard/check-import-bundle.ts'
import { decodeWith } from '../../src/core/primitives/byte-reader.ts'
import { ByteWriter } from '../../src/core/primitives/byte-writer.ts'
import { bytesOfHex, hexOf } from '../../src/core/primitives/bytes.ts'
import { hashOfBytes, ZERO_HASH } from '../../src/core/primitives/hash.ts'
import { bitmapOf } from '../../src/core/wire/certificate.ts'
import type { Committee } from '../../src/core/wire/committee.ts'
import {
  importDigestOf,
  readImportBundle,
  writeImportBundle,
  type ImportBundle,
} from '../../src/core/wire/import-bundle.ts'
import { BlsVerifier } from '../../src/host/crypto/bls.ts'
import { seeded, testAccount } from '../ledger/support/world.ts'
import {
  certify,
  committeesOf,
  contextOf,
  creditOf,
  fakeKey,
  fakeSignature,
  makeBundle,
  OURS,
  SHARDS,
  SOURCE,
  type Signer,
} from './support.ts'

const OTHER = hashOfBytes(seeded('other'))

function codeOf(bundle: ImportBundle, context = contextOf()): BundleRejection | 'valid' {
  const verdict = checkImportBundle(bundle, context)
  return verdict.kind === 'valid' ? 'valid' : verdict.code
}

test('a good bundle is valid, with the digest of its content', () => {
  const bundle = makeBundle()
  assert.deepEqual(checkImportBundle(bundle, contextOf()), {
    kind: 'valid',
    digest: importDigestOf(bundle),
  })
})

test('every range of a good outbox makes a valid bundle, also the empty one', () => {
  for (let first = 0; first <= 7; first++) {
    for (let count = 0; first + count <= 7; count++)
      assert.equal(codeOf(makeBundle({ first, count })), 'valid')
  }
})

/** Changes of one field, with the code that refuses it. */
const mutations: readonly [string, (bundle: ImportBundle) => ImportBundle, BundleRejection][] = [
  ['destination', (b) => ({ ...b, destination: 0 }), 'wrongDestination'],
  ['header.shard to ours', (b) => ({ ...b, header: { ...b.header, shard: OURS } }), 'wrongSource'],
  [
    'header.shard beyond the network',
    (b) => ({ ...b, header: { ...b.header, shard: SHARDS } }),
    'wrongSource',
  ],
  ['header.shard to a third', (b) => ({ ...b, header: { ...b.header, shard: 0 } }), 'badMessage'],
  ['header.epoch', (b) => ({ ...b, header: { ...b.header, epoch: 1 } }), 'unknownCommittee'],
  ['header.context', (b) => ({ ...b, header: { ...b.header, context: OTHER } }), 'wrongContext'],
  ['header.view', (b) => ({ ...b, header: { ...b.header, view: 13 } }), 'wrongCertificate'],
  ['header.height', (b) => ({ ...b, header: { ...b.header, height: 10 } }), 'wrongCertificate'],
  [
    'header.parentHash',
    (b) => ({ ...b, header: { ...b.header, parentHash: OTHER } }),
    'wrongCertificate',
  ],
  [
    'header.parentView',
    (b) => ({ ...b, header: { ...b.header, parentView: 3 } }),
    'wrongCertificate',
  ],
  ['header.proposer', (b) => ({ ...b, header: { ...b.header, proposer: 2 } }), 'wrongCertificate'],
  ['header.timeMs', (b) => ({ ...b, header: { ...b.header, timeMs: 78 } }), 'wrongCertificate'],
  [
    'header.executed.height',
    (b) => ({ ...b, header: { ...b.header, executed: { ...b.header.executed, height: 7 } } }),
    'wrongCertificate',
  ],
  ['header state root', (b) => withRoots(b, { state: OTHER }), 'wrongCertificate'],
  ['header outbox root', (b) => withRoots(b, { outbox: OTHER }), 'badPairPath'],
  ['header result root', (b) => withRoots(b, { result: OTHER }), 'wrongCertificate'],
  [
    'header.lastCommitted',
    (b) => ({ ...b, header: { ...b.header, lastCommitted: { view: 1, hash: OTHER } } }),
    'wrongCertificate',
  ],
  [
    'header.bodyRoot',
    (b) => ({ ...b, header: { ...b.header, bodyRoot: OTHER } }),
    'wrongCertificate',
  ],
  [
    'certificate.kind',
    (b) => ({ ...b, certificate: { ...b.certificate, kind: 'prepare' } }),
    'wrongCertificate',
  ],
  [
    'certificate.view',
    (b) => ({ ...b, certificate: { ...b.certificate, view: 13 } }),
    'wrongCertificate',
  ],
  [
    'certificate.value',
    (b) => ({ ...b, certificate: { ...b.certificate, value: OTHER } }),
    'wrongCertificate',
  ],
  ['certificate.signers, others', (b) => withSigners(b, bitmapOf([1, 2, 3], 4)), 'badSignature'],
  ['certificate.signers, all', (b) => withSigners(b, bitmapOf([0, 1, 2, 3], 4)), 'badSignature'],
  ['certificate.signers, too few', (b) => withSigners(b, bitmapOf([0, 1], 4)), 'noQuorum'],
  ['certificate.signers, none', (b) => withSigners(b, new Uint8Array(1)), 'noQuorum'],
  [
    'certificate.signers, beyond the committee',
    (b) => withSigners(b, Uint8Array.of(0b1_0111)),
    'wrongSigners',
  ],
  ['certificate.signers, too long', (b) => withSigners(b, Uint8Array.of(0b111, 0)), 'wrongSigners'],
  ['certificate.signers, empty', (b) => withSigners(b, new Uint8Array(0)), 'wrongSigners'],
  [
    'certificate.signature',
    (b) => ({
      ...b,
      certificate: { ...b.certificate, signature: flipped(b.certificate.signature, 5) },
    }),
    'badSignature',
  ],
  ['pair.accumulator', (b) => ({ ...b, pair: { ...b.pair, accumulator: OTHER } }), 'badPairPath'],
  ['pair.outSequence', (b) => ({ ...b, pair: { ...b.pair, outSequence: 8 } }), 'badPairPath'],
  ['pair.inNext', (b) => ({ ...b, pair: { ...b.pair, inNext: 6 } }), 'badPairPath'],
  ['pair.totalOut', (b) => ({ ...b, pair: { ...b.pair, totalOut: 1 } }), 'badPairPath'],
  ['pair.totalIn', (b) => ({ ...b, pair: { ...b.pair, totalIn: 1 } }), 'badPairPath'],
  ['pairPath, a sibling', (b) => ({ ...b, pairPath: b.pairPath.with(0, OTHER) }), 'badPairPath'],
  ['pairPath, shorter', (b) => ({ ...b, pairPath: b.pairPath.slice(1) }), 'badPairPath'],
  ['pairPath, longer', (b) => ({ ...b, pairPath: [...b.pairPath, ZERO_HASH] }), 'badPairPath'],
  ['first, later', (b) => ({ ...b, first: 3 }), 'badRangeProof'],
  ['first, earlier', (b) => ({ ...b, first: 1 }), 'badRangeProof'],
  ['first, beyond what was sent', (b) => ({ ...b, first: 5 }), 'badRange'],
  ['first, negative', (b) => ({ ...b, first: -1 }), 'badRange'],
  ['count, less', (b) => ({ ...b, count: 2 }), 'badRange'],
  ['count, more', (b) => ({ ...b, count: 4 }), 'badRange'],
  ['count, none', (b) => ({ ...b, count: 0 }), 'badRange'],
  ['messages, fewer', (b) => ({ ...b, messages: b.messages.subarray(96) }), 'badRange'],
  ['proof, none', (b) => ({ ...b, proof: [] }), 'badRangeProof'],
  ['proof, longer', (b) => ({ ...b, proof: [...b.proof, OTHER] }), 'badRangeProof'],
]

for (const [name, mutate, code] of mutations) {
  test(`a bundle with another ${name} is refused as ${code}`, () => {
    assert.equal(codeOf(mutate(makeBundle())), code)
  })
}

test('no byte of the messages and the proof can be changed', () => {
  const bundle = makeBundle()
  for (let i = 0; i < bundle.messages.length; i++) {
    assert.equal(codeOf({ ...bundle, messages: flipped(bundle.messages, i) }), 'badRangeProof')
  }
  for (const [at, hash] of bundle.proof.entries()) {
    for (let i = 0; i < 32; i++) {
      const proof = bundle.proof.with(at, hashOfBytes(flipped(bytesOfHex(hash), i)))
      assert.equal(codeOf({ ...bundle, proof }), 'badRangeProof')
    }
  }
})

test('no byte of an encoded bundle can be changed', () => {
  const writer = new ByteWriter(2048)
  writeImportBundle(writer, makeBundle({ count: 1 }))
  const bytes = writer.finish()
  assert.equal(decodeWith(bytes, readImportBundle).kind, 'value')
  for (let i = 0; i < bytes.length; i++) {
    const decoded = decodeWith(flipped(bytes, i), readImportBundle)
    if (decoded.kind === 'value') assert.notEqual(codeOf(decoded.value), 'valid', `byte ${i}`)
  }
})

test('an acknowledgement with a proof or messages is refused', () => {
  const bundle = makeBundle({ count: 0 })
  assert.equal(codeOf({ ...bundle, proof: [OTHER] }), 'badRangeProof')
  assert.equal(codeOf({ ...bundle, messages: creditOf(1) }), 'badRange')
})

/** What only a captured committee can certify. */
const forgedMessages: readonly [string, Uint8Array][] = [
  ['of another source', creditOf(0, { source: 0 })],
  ['to an account of another shard', creditOf(0, { payee: testAccount(0, SHARDS, 0).address })],
  ['of nothing', creditOf(0, { amount: 0 })],
  ['of an unknown kind', flipped(creditOf(0), 0)],
  ['with a reserved byte set', flipped(creditOf(0), 5)],
  ['of more than 2^53', flipped(creditOf(0), 88)],
]

for (const [name, message] of forgedMessages) {
  test(`a certified message ${name} spoils its bundle`, () => {
    const messages = [creditOf(1), message, creditOf(2)]
    assert.equal(codeOf(makeBundle({ messages, first: 0, count: 3 })), 'badMessage')
    assert.equal(codeOf(makeBundle({ messages, first: 2, count: 1 })), 'valid')
  })
}

test('a bundle for another network, or by another committee, is refused', () => {
  const bundle = makeBundle()
  assert.equal(codeOf(bundle, { ...contextOf(), networkId: OTHER }), 'wrongContext')
  const strangers = committeesOf((shard, index) => fakeKey(shard + 7, index))
  assert.equal(codeOf(bundle, contextOf(strangers)), 'wrongContext')
})

test('n - f signers are needed: 4 of 5 and 5 of 6, not 2f + 1 = 3', () => {
  for (const size of [5, 6]) {
    const committees = committeesOf(fakeKey, size)
    const bundle = makeBundle({ committees })
    assert.equal(codeOf(bundle, contextOf(committees)), 'valid')
    const certificate = certify(bundle.header, committees, fakeSignature, [0, 1, 2])
    assert.equal(codeOf({ ...bundle, certificate }, contextOf(committees)), 'noQuorum')
  }
})

test('a real BLS certificate is verified, and one by fewer keys than it names is not', () => {
  const secrets = new Map<string, blst.SecretKey>()
  const committees: readonly Committee[] = committeesOf((shard, index) => {
    const secret = blst.SecretKey.fromKeygen(seeded(`bls secret ${shard} ${index}`))
    const key = hexOf(secret.toPublicKey().toBytes())
    secrets.set(key, secret)
    return key
  })
  const sign: Signer = (keys, preimage) => {
    const signatures = keys.flatMap((key) => secrets.get(key)?.sign(preimage) ?? [])
    return blst.aggregateSignatures(signatures).toBytes()
  }
  const verifier = new BlsVerifier()
  const context = {
    ...contextOf([...committees]),
    verifyAggregate: verifier.verifyAggregate.bind(verifier),
  }
  const bundle = makeBundle({ committees, sign })
  assert.equal(codeOf(bundle, context), 'valid')
  const short = certify(bundle.header, committees, (keys, preimage) =>
    sign(keys.slice(1), preimage),
  )
  assert.equal(codeOf({ ...bundle, certificate: short }, context), 'badSignature')
  assert.equal(bundle.header.shard, SOURCE)
})

function withRoots(
  bundle: ImportBundle,
  roots: Partial<ImportBundle['header']['executed']['roots']>,
): ImportBundle {
  const { executed } = bundle.header
  return {
    ...bundle,
    header: { ...bundle.header, executed: { ...executed, roots: { ...executed.roots, ...roots } } },
  }
}

function withSigners(bundle: ImportBundle, signers: Uint8Array): ImportBundle {
  return { ...bundle, certificate: { ...bundle.certificate, signers } }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ 0x20
  return copy
}
