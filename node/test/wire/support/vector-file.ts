import { hexOf, joinBytes } from '../../../src/core/primitives/bytes.ts'
import { asciiBytes } from '../../../src/core/primitives/bytes.ts'
import { codecs, type FormatName, type FormatValues } from './codecs.ts'
import { jsonOf, type Json } from './json-form.ts'

/** Bytes of one format and what they stand for. */
export interface Vector {
  readonly name: string
  readonly format: FormatName
  readonly bytes: string
  readonly fields: Json
}

/** A SHA-256 and all that goes into it. */
export interface DigestVector {
  readonly name: string
  readonly preimage: string
  readonly digest: string
}

/** A signature, its key or keys, and the bytes that it is over. */
export interface SignatureVector {
  readonly name: string
  readonly scheme: 'ed25519' | 'bls12-381'
  readonly keys: readonly string[]
  readonly message: string
  readonly signature: string
}

/** Bytes that a reader must refuse. */
export interface RefusedVector {
  readonly name: string
  readonly format: FormatName
  readonly bytes: string
}

/** One file of docs/vectors. */
export interface VectorFile {
  readonly about: string
  readonly vectors: readonly Vector[]
  readonly digests: readonly DigestVector[]
  readonly signatures: readonly SignatureVector[]
  readonly refused: readonly RefusedVector[]
}

export function vectorOf<K extends FormatName>(
  name: string,
  format: K,
  value: FormatValues[K],
): Vector {
  return { name, format, bytes: hexOf(codecs[format].encode(value)), fields: jsonOf(value) }
}

/** `digest` comes from the code under test; the preimage is put together here, as the page says. */
export function digestOf(
  name: string,
  digest: string,
  preimage: readonly Uint8Array[],
): DigestVector {
  return { name, preimage: hexOf(joinBytes(preimage)), digest }
}

/** The front of every preimage under a domain: length of the tag, tag. */
export function domainOf(tag: string): Uint8Array {
  return joinBytes([Uint8Array.of(tag.length), asciiBytes(tag)])
}

export function refusedOf(name: string, format: FormatName, bytes: Uint8Array): RefusedVector {
  return { name, format, bytes: hexOf(bytes) }
}

/** A copy with one byte replaced. */
export function withByte(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const changed = bytes.slice()
  changed[offset < 0 ? bytes.length + offset : offset] = value
  return changed
}
