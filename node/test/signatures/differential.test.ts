import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { SignatureKernel } from '../../src/host/signatures/kernel.ts'
import {
  jobOf,
  nobleVerdict,
  PREFIX,
  replaced,
  seedOf,
  signedRow,
  signedRows,
  tampered,
} from './signed-rows.ts'
import type { SignedRow } from './signed-rows.ts'

const kernel = SignatureKernel.load()
const PARTS = ['key', 'signature', 'message'] as const

/** Rows of 64 different fates: honest, with one bit turned over in any part, or under another row's key. */
function mixedRows(): SignedRow[] {
  return signedRows(64, 20).map((row, index, rows) => {
    if (index % 3 === 0) return row
    if (index % 7 === 0) return replaced(row, 'key', rows[index - 1]?.key ?? row.key)
    const part = PARTS[index % 3] ?? 'key'
    return row[part].length === 0 ? row : tampered(row, part, index * 29)
  })
}

/** The signature with s moved by a step; s is read and written as a little-endian number. */
function steppedResponse(signature: Uint8Array, step: bigint): Uint8Array {
  const stepped = Buffer.from(signature)
  stepped.writeBigUInt64LE((stepped.readBigUInt64LE(32) + step) & 0xffff_ffff_ffff_ffffn, 32)
  return new Uint8Array(stepped)
}

test('batches of 1 to 300 rows: with and without one forged row, exactly that one is refused', () => {
  const rows = signedRows(300, 200)
  for (let size = 1; size <= rows.length; size++) {
    const batch = rows.slice(0, size)
    assert.deepEqual([...kernel.verifyRows(jobOf(batch))], Array(size).fill(1), `${size} honest`)
    const forged = (size * 13) % size
    const spoiled = batch.map((row, at) => (at === forged ? tampered(row, 'signature', size) : row))
    const expected = spoiled.map((_, at) => (at === forged ? 0 : 1))
    assert.deepEqual([...kernel.verifyRows(jobOf(spoiled))], expected, `${size}, one forged`)
  }
})

test('of 1,000 forged signatures among 5,000 honest ones exactly those are refused', () => {
  const honest = signedRows(5_000, 700)
  const isForged = honest.map((_, at) => at % 5 === 2)
  const rows = honest.map((row, at) => {
    if (!isForged[at]) return row
    // Half of them are true signatures of the sender, over another message.
    return at % 2 === 0 ? replaced(row, 'message', randomBytes(40)) : tampered(row, 'signature', at)
  })
  const expected = isForged.map((forged) => (forged ? 0 : 1))
  assert.deepEqual([...kernel.verifyRows(jobOf(rows))], expected)
  assert.equal(expected.filter((verdict) => verdict === 0).length, 1_000)
})

test('rows whose errors cancel out without random coefficients are refused', () => {
  const rows = signedRows(8)
  const spoiled = rows.map((row, at) => {
    // One more in one s and one less in the next: the plain sum of both equations still holds.
    if (at < 2)
      return replaced(row, 'signature', steppedResponse(row.signature, at === 0 ? 1n : -1n))
    return row
  })
  assert.deepEqual([...kernel.verifyRows(jobOf(spoiled))], [0, 0, 1, 1, 1, 1, 1, 1])
})

test('an honest batch is one equation, and a forged row is found by halving', () => {
  const rows = signedRows(1_024, 300)
  const checksOf = (batch: readonly SignedRow[]): number => {
    const before = kernel.singleChecks
    kernel.verifyRows(jobOf(batch))
    return kernel.singleChecks - before
  }
  for (const size of [3, 4, 17, 100, 200, 1_024]) assert.equal(checksOf(rows.slice(0, size)), 0)
  for (const at of [0, 511, 512, 700, 1_023]) {
    assert.equal(checksOf(rows.with(at, tampered(signedRow(at, PREFIX), 'message', 3))), 4)
  }
})

test('with the verdict for all, one wrong row refuses every row and costs no search', () => {
  const rows = signedRows(5_000, 400)
  const verdictOf = (batch: readonly SignedRow[]): Uint8Array =>
    kernel.verifyRows({ ...jobOf(batch), verdict: 'all' })
  assert.ok(verdictOf(rows).every((verdict) => verdict === 1))
  const before = kernel.singleChecks
  for (const at of [0, 2_000, 4_095, 4_096, 4_999]) {
    for (const part of PARTS) {
      const spoilt = rows.with(at, tampered(signedRow(at, PREFIX), part, at))
      assert.ok(verdictOf(spoilt).every((verdict) => verdict === 0))
    }
  }
  assert.equal(kernel.singleChecks, before)
  for (const size of [1, 2, 3]) {
    assert.deepEqual([...verdictOf(rows.slice(0, size))], Array(size).fill(1))
    const spoilt = rows.slice(0, size).with(size - 1, tampered(signedRow(1, PREFIX), 'message', 0))
    assert.deepEqual([...verdictOf(spoilt)], Array(size).fill(0))
  }
})

test('rows of several equations with thousands of senders, twice: the cache of keys changes nothing', () => {
  const seeds = Buffer.concat(Array.from({ length: 20_000 }, (_, n) => seedOf(n)))
  const keys = kernel.derivePublicKeys(seeds)
  // The kernel files a key under 12 bits of its bytes 4 and 5: take senders that crowd in few places.
  const crowded = Array.from({ length: 20_000 }, (_, n) => n).filter((n) => {
    return ((keys[n * 32 + 4] ?? 0) & 0xe0) === 0 && ((keys[n * 32 + 5] ?? 0) & 0x0f) === 0
  })
  assert.ok(crowded.length > 100, 'many senders for 32 places of four')
  const rows = crowded.map((n) => signedRow(n, PREFIX))
  for (let round = 0; round < 3; round++) {
    assert.deepEqual([...kernel.verifyRows(jobOf(rows))], Array(rows.length).fill(1))
    const wrong = rows.map((row, at) => replaced(row, 'key', rows[at ^ 1]?.key ?? PREFIX))
    assert.ok(kernel.verifyRows(jobOf(wrong)).every((verdict) => verdict === 0))
  }
})

test('what noble says, the kernel says: 64 rows of many fates', () => {
  const rows = mixedRows()
  const truth = rows.map((row) => nobleVerdict(row))
  assert.ok(truth.includes(0) && truth.includes(1))
  assert.deepEqual([...kernel.verifyRows(jobOf(rows))], truth)
})

test('property: a verdict depends neither on the other rows of the batch nor on their order', () => {
  const rows = mixedRows()
  const truth = rows.map((row) => nobleVerdict(row))
  const pick = fc.array(fc.nat({ max: rows.length - 1 }), { minLength: 1, maxLength: 120 })
  fc.assert(
    fc.property(pick, (picked) => {
      const batch = picked.flatMap((at) => rows[at] ?? [])
      const expected = picked.map((at) => truth[at])
      assert.deepEqual([...kernel.verifyRows(jobOf(batch))], expected)
    }),
    { numRuns: 150 },
  )
})

test('property: any turned bit gets the verdict that noble gives', () => {
  const [row] = signedRows(1).map(() => signedRow(3, new Uint8Array(40).fill(9)))
  assert.ok(row !== undefined)
  fc.assert(
    fc.property(fc.constantFrom(...PARTS), fc.nat({ max: 2_047 }), (part, bit) => {
      const turned = tampered(row, part, bit)
      assert.deepEqual([...kernel.verifyRows(jobOf([turned]))], [nobleVerdict(turned)])
    }),
    { numRuns: 100 },
  )
})

test('another prefix refuses every row: a signature is bound to its network', () => {
  const other = new Uint8Array(PREFIX)
  other[31] = (other[31] ?? 0) ^ 0x80
  assert.deepEqual([...kernel.verifyRows(jobOf(signedRows(9), other))], Array(9).fill(0))
})

test('keys derived from seeds are those of noble, also for 300 at once', () => {
  const seeds = Array.from({ length: 300 }, (_, n) => (n % 2 === 0 ? seedOf(n) : randomBytes(32)))
  const keys = kernel.derivePublicKeys(Buffer.concat(seeds))
  const expected = Buffer.concat(seeds.map((seed) => ed25519.getPublicKey(seed)))
  assert.deepEqual(Buffer.from(keys), expected)
})
