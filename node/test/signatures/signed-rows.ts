import { createPrivateKey, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import type { SignatureJob } from '../../src/host/signatures/signature-job.ts'

/** What the tests build jobs from: the three parts of one signature, each on its own. */
export type SignedRow = {
  readonly key: Uint8Array
  readonly signature: Uint8Array
  readonly message: Uint8Array
}

/** The common prefix of every job here, as long as a network id. */
export const PREFIX = new Uint8Array(32).fill(0x5a)

/** The head of a PKCS #8 document with an ed25519 seed (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The n-th test seed: 32 bytes that no other n has. */
export function seedOf(n: number): Uint8Array {
  const seed = new Uint8Array(32).fill(0x11)
  new DataView(seed.buffer).setUint32(0, n)
  return seed
}

/** Signs `PREFIX ‖ message` with node:crypto, which shares no code with the kernel. */
export function signedRow(n: number, message: Uint8Array): SignedRow {
  const privateKey = privateKeyOf(seedOf(n))
  const signature = sign(null, Buffer.concat([PREFIX, message]), privateKey)
  return { key: ed25519.getPublicKey(seedOf(n)), signature: new Uint8Array(signature), message }
}

/** Rows by `senders` senders, with messages of 0 to 199 bytes. */
export function signedRows(count: number, senders = count): SignedRow[] {
  return Array.from({ length: count }, (_, index) => {
    const message = new Uint8Array((index * 37) % 200).fill(index)
    return signedRow(index % senders, message)
  })
}

/** The row with one bit of one part turned over. */
export function tampered(row: SignedRow, part: keyof SignedRow, bit: number): SignedRow {
  const bytes = new Uint8Array(row[part])
  bytes[(bit >> 3) % bytes.length] = (bytes[(bit >> 3) % bytes.length] ?? 0) ^ (1 << (bit & 7))
  return { ...row, [part]: bytes }
}

/** The row with another part in the place of its own. */
export function replaced(row: SignedRow, part: keyof SignedRow, bytes: Uint8Array): SignedRow {
  return { ...row, [part]: bytes }
}

/** Lays rows out in one arena, parts in a changing order, so that nothing depends on where they lie. */
export function jobOf(rows: readonly SignedRow[], prefix: Uint8Array = PREFIX): SignatureJob {
  const byteLength = rows.reduce((sum, row) => sum + 96 + row.message.length, 0)
  const bytes = new Uint8Array(new SharedArrayBuffer(byteLength))
  const words = new Uint32Array(rows.length * 4)
  let at = 0
  const place = (part: Uint8Array): number => {
    bytes.set(part, at)
    at += part.length
    return at - part.length
  }
  rows.forEach((row, index) => {
    const early = index % 2 === 0 ? place(row.message) : -1
    const signature = place(row.signature)
    const key = place(row.key)
    const message = early >= 0 ? early : place(row.message)
    words.set([key, signature, message, row.message.length], index * 4)
  })
  return { prefix, bytes, rows: words }
}

/** What noble says under the ZIP-215 rule: the truth of these tests. */
export function nobleVerdict(row: SignedRow, prefix: Uint8Array = PREFIX): number {
  const message = Buffer.concat([prefix, row.message])
  return ed25519.verify(row.signature, message, row.key, { zip215: true }) ? 1 : 0
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, seed]),
    format: 'der',
    type: 'pkcs8',
  })
}
