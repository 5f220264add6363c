import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { SignatureKernel } from '../../src/host/signatures/kernel.ts'
import { jobOf, nobleVerdict, PREFIX, signedRows } from './signed-rows.ts'
import type { SignedRow } from './signed-rows.ts'

const { Point } = ed25519
const FIELD = Point.Fp.ORDER
const ORDER = Point.Fn.ORDER
const MESSAGE = new TextEncoder().encode('Zcash')
const kernel = SignatureKernel.load()
const torsion = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex))

/** 32 bytes, little end first, of a number below 2^256. */
function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n))
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

function rowOf(key: Uint8Array, commitment: Uint8Array, response: bigint): SignedRow {
  const signature = Buffer.concat([commitment, littleEndian(response)])
  return { key, signature: new Uint8Array(signature), message: MESSAGE }
}

/** Every encoding of a point of small order: y, or y + p where that still fits, each with both signs, if it decodes. */
function smallOrderEncodings(): Uint8Array[] {
  const ys = new Set(torsion.map((point) => point.toAffine().y))
  const representatives = [...ys].flatMap((y) => (y + FIELD < 1n << 255n ? [y, y + FIELD] : [y]))
  return representatives.flatMap((y) => [y, y | (1n << 255n)]).map(littleEndian)
}

/** k of RFC 8032, over the bytes as they came. */
function challenge(row: Omit<SignedRow, 'signature'>, commitment: Uint8Array): bigint {
  const hash = sha512(Buffer.concat([commitment, row.key, PREFIX, row.message]))
  return fromLittleEndian(hash) % ORDER
}

/** A signature whose key and commitment each carry a part of small order: right by ZIP-215, wrong without the cofactor. */
function mixedOrderRow(index: number, keyTorsion: number, commitmentTorsion: number): SignedRow {
  const secret = 1_000_003n * BigInt(index + 1)
  const nonce = 7_919n * BigInt(index + 1)
  const at = (which: number) => torsion[which] ?? Point.ZERO
  const key = Point.BASE.multiply(secret).add(at(keyTorsion)).toBytes()
  const commitment = Point.BASE.multiply(nonce).add(at(commitmentTorsion)).toBytes()
  const k = challenge({ key, message: MESSAGE }, commitment)
  return rowOf(key, commitment, (nonce + k * secret) % ORDER)
}

/** One by one, all in one batch, and in batches among honest rows: the verdicts must be those of noble each time. */
function assertLikeNoble(rows: readonly SignedRow[]): number[] {
  const truth = rows.map((row) => nobleVerdict(row))
  assert.deepEqual([...kernel.verifyRows(jobOf(rows))], truth, 'in one batch')
  const single = rows.map((row) => kernel.verifyRows(jobOf([row]))[0])
  assert.deepEqual(single, truth, 'one by one')
  const honest = signedRows(rows.length)
  const mixed = rows.flatMap((row, index) => [row, honest[index] ?? row])
  const expected = truth.flatMap((verdict) => [verdict, 1])
  assert.deepEqual([...kernel.verifyRows(jobOf(mixed))], expected, 'among honest rows')
  return truth
}

test('all 14 x 14 pairs of small-order keys and commitments are accepted with s = 0', () => {
  const encodings = smallOrderEncodings()
  assert.equal(encodings.length, 14)
  const rows = encodings.flatMap((key) => encodings.map((commitment) => rowOf(key, commitment, 0n)))
  const truth = assertLikeNoble(rows)
  assert.ok(truth.every((verdict) => verdict === 1))
})

test('small-order pairs with s = 1 are refused, and so is any s at or above the group order', () => {
  const encodings = smallOrderEncodings()
  const ones = encodings.map((encoding) => rowOf(encoding, encoding, 1n))
  const large = [ORDER, ORDER + 1n, 2n * ORDER, 8n * ORDER, (1n << 253n) - 1n, (1n << 256n) - 1n]
  const beyond = large.flatMap((s) =>
    encodings.slice(0, 4).map((encoding) => rowOf(encoding, encoding, s)),
  )
  const truth = assertLikeNoble([...ones, ...beyond])
  assert.ok(truth.every((verdict) => verdict === 0))
})

test('an honest signature with s + L in place of s is refused, alone and in a batch', () => {
  const rows = signedRows(12).map((row): SignedRow => {
    const s = fromLittleEndian(row.signature.subarray(32)) + ORDER
    const signature = Buffer.concat([row.signature.subarray(0, 32), littleEndian(s)])
    return { ...row, signature: new Uint8Array(signature) }
  })
  assert.ok(assertLikeNoble(rows).every((verdict) => verdict === 0))
})

test('keys and commitments with a part of small order: every pair of parts is accepted', () => {
  const pairs = torsion.flatMap((_, key) =>
    torsion.map((_, commitment) => [key, commitment] as const),
  )
  const rows = pairs.map(([key, commitment], index) => mixedOrderRow(index, key, commitment))
  assert.ok(assertLikeNoble(rows).every((verdict) => verdict === 1))
  const before = kernel.singleChecks
  // The parts of small order add up to nothing once in eight times by chance.
  for (let round = 0; round < 20; round++) kernel.verifyRows(jobOf(rows))
  assert.equal(kernel.singleChecks, before, 'the batch equation has the cofactor too')
})

test('a key and its negative, which differ in one bit, stay two keys', () => {
  const rows = [5n, ORDER - 5n].map((secret, index) => {
    const key = Point.BASE.multiply(secret).toBytes()
    const commitment = Point.BASE.multiply(BigInt(index + 2)).toBytes()
    const k = challenge({ key, message: MESSAGE }, commitment)
    return rowOf(key, commitment, (BigInt(index + 2) + k * secret) % ORDER)
  })
  assert.deepEqual(assertLikeNoble(rows), [1, 1])
})

test('errors of small order do not hide an error of large order beside them', () => {
  const rows = torsion.map((_, index) => {
    const row = mixedOrderRow(index, index, 3)
    return index % 2 === 0 ? row : { ...row, message: new Uint8Array([index]) }
  })
  assert.deepEqual(assertLikeNoble(rows), [1, 0, 1, 0, 1, 0, 1, 0])
})

test('every non-canonical y, as key and as commitment, is read as noble reads it', () => {
  const ys = Array.from({ length: 19 }, (_, index) => FIELD + BigInt(index))
  const encodings = ys.flatMap((y) => [y, y | (1n << 255n)]).map(littleEndian)
  const identity = littleEndian(1n)
  const rows = encodings.flatMap((encoding) => [
    rowOf(encoding, identity, 0n),
    rowOf(identity, encoding, 0n),
  ])
  const truth = assertLikeNoble(rows)
  assert.ok(truth.includes(0) && truth.includes(1), 'some decode to small order, some do not')
})

test('a non-canonical commitment enters the challenge as it came', () => {
  // R is the neutral point in two spellings, so that s = k a signs; k is over the spelling.
  const secret = 4_242n
  const key = Point.BASE.multiply(secret).toBytes()
  const spellings = [littleEndian(1n), littleEndian(FIELD + 1n)]
  const responses = spellings.map(
    (spelling) => (challenge({ key, message: MESSAGE }, spelling) * secret) % ORDER,
  )
  const rows = spellings.flatMap((spelling) =>
    responses.map((response) => rowOf(key, spelling, response)),
  )
  assert.deepEqual(assertLikeNoble(rows), [1, 0, 0, 1])
})

test('an honest row with other bytes for its key or commitment is refused, be they a point or not', () => {
  const candidates = Array.from({ length: 64 }, (_, index) => littleEndian(BigInt(index)))
  const [honest] = signedRows(1)
  assert.ok(honest !== undefined)
  const rows = candidates.flatMap((bytes): SignedRow[] => [
    { ...honest, key: bytes },
    { ...honest, signature: new Uint8Array([...bytes, ...honest.signature.subarray(32)]) },
  ])
  assert.ok(assertLikeNoble(rows).every((verdict) => verdict === 0))
})
