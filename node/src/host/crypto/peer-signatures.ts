import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { bytesOfHex } from '../../core/primitives/bytes.ts'
import { PEER_SIGNATURE_BYTES } from '../../core/wire/batch.ts'
import { KEYS_CACHED_MAX } from './limits.ts'

/** DER in front of a raw ed25519 seed or key (RFC 8410), which is how node:crypto takes them. */
const SEED_PREFIX = bytesOfHex('302e020100300506032b657004220420')
const KEY_PREFIX = bytesOfHex('302a300506032b6570032100')
const KEY_HEX = /^[0-9a-f]{64}$/

/** Signs with the peer key of the given 32-byte seed. */
export function createPeerSigner(seed: Uint8Array): (message: Uint8Array) => Uint8Array {
  const key = createPrivateKey({
    key: Buffer.concat([SEED_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  return (message) => new Uint8Array(sign(null, message, key))
}

/** ed25519 as node:crypto checks it. All validators run this code, so its rule for crafted points never splits them. */
export class PeerVerifier {
  readonly #keys = new Map<string, KeyObject>()

  verifyPeer(peerKey: string, message: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== PEER_SIGNATURE_BYTES) return false
    const key = this.#keyOf(peerKey)
    return key !== null && verify(null, message, key, signature)
  }

  #keyOf(peerKey: string): KeyObject | null {
    const known = this.#keys.get(peerKey)
    if (known !== undefined) return known
    if (!KEY_HEX.test(peerKey)) return null
    const der = Buffer.concat([KEY_PREFIX, bytesOfHex(peerKey)])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    if (this.#keys.size < KEYS_CACHED_MAX) this.#keys.set(peerKey, key)
    return key
  }
}
