import { digest } from '@chainsafe/as-sha256'
import { bytesOfHex, hexOf } from './bytes.ts'

/** A SHA-256 digest as 64 lower-case hexadecimal characters: usable as a map key, printable, comparable. */
export type Hash = string & { readonly brand: 'Hash' }

export const HASH_BYTES = 32

/** The value of a SKIP vote and of every absent reference. */
export const ZERO_HASH = '00'.repeat(HASH_BYTES) as Hash

/** Takes 32 bytes from a trusted source (a decoder that read exactly 32, a digest) as a hash. */
export function hashOfBytes(bytes: Uint8Array): Hash {
  if (bytes.length !== HASH_BYTES) throw new RangeError(`a hash has 32 bytes, not ${bytes.length}`)
  return hexOf(bytes) as Hash
}

/** The 32 bytes of a hash. */
export function bytesOfHash(hash: Hash): Uint8Array {
  return bytesOfHex(hash)
}

/** SHA-256 as raw bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return digest(bytes)
}

/**
 * SHA-256 under a domain tag, so that bytes of one kind never stand for another.
 * Preimage: length of the tag (1 byte), tag (ASCII), parts in order; every part of one domain has a fixed or self-describing length.
 */
export function domainHash(domain: string, ...parts: readonly Uint8Array[]): Hash {
  const tag = tagOf(domain)
  let length = tag.length
  for (const part of parts) length += part.length
  const preimage =
    length <= PREIMAGE_BYTES ? sharedPreimage.subarray(0, length) : new Uint8Array(length)
  preimage.set(tag)
  let offset = tag.length
  for (const part of parts) {
    preimage.set(part, offset)
    offset += part.length
  }
  return hexOf(digest(preimage)) as Hash
}

/** Preimages are hashed at once and never kept, so the small ones are put together in one place. */
const PREIMAGE_BYTES = 4_096
const sharedPreimage = new Uint8Array(PREIMAGE_BYTES)
/** Domains are constants of the code, so they are few. */
const tags = new Map<string, Uint8Array>()

function tagOf(domain: string): Uint8Array {
  const known = tags.get(domain)
  if (known !== undefined) return known
  const tag = new Uint8Array(domain.length + 1)
  tag[0] = domain.length
  for (let i = 0; i < domain.length; i++) tag[i + 1] = domain.charCodeAt(i)
  tags.set(domain, tag)
  return tag
}
