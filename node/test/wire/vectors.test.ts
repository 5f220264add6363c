import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import blst from '@chainsafe/blst'
import { bytesOfHex, equalBytes, hexOf } from '../../src/core/primitives/bytes.ts'
import { possessionPreimage, isPossessionProven } from '../../src/config/possession.ts'
import { networkIdOf, parseGenesis } from '../../src/config/genesis.ts'
import { must } from '../../src/core/errors.ts'
import { allVectors, vectorText } from './support/all-vectors.ts'
import { codecs, type Codec } from './support/codecs.ts'
import { jsonOf } from './support/json-form.ts'
import type { SignatureVector, VectorFile } from './support/vector-file.ts'

const folder = new URL('../../../docs/vectors/', import.meta.url)

/** A committed file, read without the code that made it. */
function committed(name: string): VectorFile {
  // The test of fresh files proves its shape.
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as VectorFile
}

const names = readdirSync(folder).filter((name) => name.endsWith('.json'))

test('the committed vectors are what the code makes today', () => {
  const made = allVectors()
  assert.deepEqual(names, Object.keys(made))
  for (const name of names)
    assert.equal(
      readFileSync(new URL(name, folder), 'utf8'),
      vectorText(must(made[name], name)),
      `docs/vectors/${name}: run npm run generate; a change here breaks every testnet`,
    )
})

for (const name of names) {
  const file = committed(name)

  test(`${name}: bytes stand for the fields, and the fields for the bytes`, () => {
    for (const { name: vector, format, bytes, fields } of file.vectors) {
      // Each format's own codec reads and writes again what it read.
      const codec = codecs[format] as Codec<unknown>
      const decoded = codec.decode(bytesOfHex(bytes))
      assert.ok(decoded.kind === 'value', `${vector} is read`)
      assert.deepEqual(jsonOf(decoded.value), fields, vector)
      assert.equal(hexOf(codec.encode(decoded.value)), bytes, vector)
    }
  })

  test(`${name}: digests are SHA-256 of their preimages`, () => {
    for (const { name: vector, preimage, digest } of file.digests) {
      const full = createHash('sha256').update(preimage, 'hex').digest('hex')
      // An address takes the first 30 bytes.
      const length = vector.startsWith('address') ? 60 : 64
      assert.equal(digest, full.slice(0, length), vector)
    }
  })

  test(`${name}: signatures hold, and none over other bytes`, () => {
    for (const signature of file.signatures) {
      assert.ok(isSigned(signature), signature.name)
      assert.ok(!isSigned({ ...signature, message: `${signature.message}00` }), signature.name)
    }
  })

  test(`${name}: with any byte changed, bytes are refused or stand for exactly one value`, () => {
    for (const { name: vector, format, bytes } of file.vectors) {
      const codec = codecs[format] as Codec<unknown>
      const changed = bytesOfHex(bytes)
      for (const [at, byte] of changed.entries()) {
        for (const flip of [0x01, 0x80]) {
          changed[at] = byte ^ flip
          const decoded = codec.decode(changed)
          if (decoded.kind === 'value')
            assert.ok(equalBytes(codec.encode(decoded.value), changed), `${vector}, byte ${at}`)
        }
        changed[at] = byte
      }
    }
  })

  test(`${name}: what must be refused is refused`, () => {
    for (const { name: vector, format, bytes } of file.refused)
      assert.equal(codecs[format].decode(bytesOfHex(bytes)).kind, 'malformed', vector)
  })
}

test('peer-message.json, log-record.json and client-stream.json have every kind once', () => {
  const kindsOf = (name: string): unknown[] =>
    committed(name).vectors.map(({ fields }) => Object(fields).kind)
  assert.equal(new Set(kindsOf('peer-message.json')).size, 14)
  assert.equal(new Set(kindsOf('log-record.json')).size, 7)
  assert.equal(new Set(kindsOf('client-stream.json')).size, 10)
})

test('genesis.json: the genesis is taken, and its hash is the network id that every vector names', () => {
  const file = committed('genesis.json')
  const text = String(Object(file).genesis)
  const genesis = parseGenesis(text)
  const networkId = networkIdOf(genesis)
  assert.equal(
    must(
      file.digests.find(({ name }) => name === 'network id'),
      'it',
    ).digest,
    networkId,
  )
  const member = must(genesis.committees[0]?.members[0], 'a seat')
  const proof = bytesOfHex(member.proofOfPossession)
  assert.ok(isPossessionProven(networkId, member, proof))
  const [vector] = file.signatures
  assert.equal(vector?.message, hexOf(possessionPreimage(networkId, member)))
})

/** Checks with node:crypto and blst directly, not through the validator's port. */
function isSigned({ scheme, keys, message, signature }: SignatureVector): boolean {
  const bytes = bytesOfHex(message)
  if (scheme === 'bls12-381') {
    const points = keys.map((key) => blst.PublicKey.fromHex(key, true))
    const sum = points.length === 1 ? must(points[0], 'a key') : blst.aggregatePublicKeys(points)
    return blst.verify(bytes, sum, blst.Signature.fromHex(signature, true))
  }
  const [key = ''] = keys
  const der = Buffer.from(`302a300506032b6570032100${key}`, 'hex')
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return verify(null, bytes, publicKey, bytesOfHex(signature))
}
