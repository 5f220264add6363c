import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { SignatureKernel } from '../../src/host/signatures/kernel.ts'
import { jobOf, tampered } from './signed-rows.ts'
import type { SignedRow } from './signed-rows.ts'

type Vector = Readonly<Record<'name' | 'seed' | 'publicKey' | 'message' | 'signature', string>>

const document = readFileSync(new URL('rfc-8032.json', import.meta.url), 'utf8')
const { vectors } = JSON.parse(document) as { readonly vectors: readonly Vector[] }
const kernel = SignatureKernel.load()
const NO_PREFIX = new Uint8Array(0)

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const rowOf = (vector: Vector): SignedRow => ({
  key: bytes(vector.publicKey),
  signature: bytes(vector.signature),
  message: bytes(vector.message),
})

for (const vector of vectors) {
  test(`RFC 8032 ${vector.name}: key and signature`, () => {
    const publicKey = kernel.derivePublicKeys(bytes(vector.seed))
    assert.equal(Buffer.from(publicKey).toString('hex'), vector.publicKey)
    assert.deepEqual([...kernel.verifyRows(jobOf([rowOf(vector)], NO_PREFIX))], [1])
  })
}

test('the published signatures hold in one batch, and with the message cut into prefix and rest', () => {
  const rows = vectors.map(rowOf)
  assert.deepEqual([...kernel.verifyRows(jobOf(rows, NO_PREFIX))], [1, 1, 1, 1, 1])
  for (const row of rows) {
    const cut = row.message.length >> 1
    const rest = { ...row, message: row.message.subarray(cut) }
    assert.deepEqual([...kernel.verifyRows(jobOf([rest], row.message.subarray(0, cut)))], [1])
  }
})

test('no published signature survives one turned bit of R or s', () => {
  for (const row of vectors.map(rowOf)) {
    const rows = Array.from({ length: 512 }, (_, bit) => tampered(row, 'signature', bit))
    assert.ok(kernel.verifyRows(jobOf(rows, NO_PREFIX)).every((verdict) => verdict === 0))
  }
})
