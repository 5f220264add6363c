import blst from '@chainsafe/blst'
import { bytesOfHex } from '../../core/primitives/bytes.ts'
import { BLS_SIGNATURE_BYTES } from '../../core/wire/certificate.ts'
import { KEYS_CACHED_MAX } from './limits.ts'

/**
 * BLS12-381 with public keys in G1 (min-pk) over blst, ciphersuite BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_: plain sums
 * of keys are safe because the genesis takes a key only with its proof of possession.
 */
export class BlsVerifier {
  /** Decoding a key checks its subgroup, which costs a third of a verification: done once per key. */
  readonly #keys = new Map<string, blst.PublicKey | null>()

  /** True when `signature` is the sum of one signature on `preimage` by each of the keys. */
  verifyAggregate(
    blsKeys: readonly string[],
    preimage: Uint8Array,
    signature: Uint8Array,
  ): boolean {
    if (blsKeys.length === 0) return false
    const keys: blst.PublicKey[] = []
    for (const blsKey of blsKeys) {
      const key = this.#keyOf(blsKey)
      if (key === null) return false
      keys.push(key)
    }
    const point = signatureOf(signature)
    return point !== null && blst.fastAggregateVerify(preimage, keys, point)
  }

  #keyOf(blsKey: string): blst.PublicKey | null {
    const known = this.#keys.get(blsKey)
    if (known !== undefined) return known
    const key = publicKeyOf(blsKey)
    // Keys come from committees; the bound only guards against a caller that passes strangers' keys.
    if (this.#keys.size < KEYS_CACHED_MAX) this.#keys.set(blsKey, key)
    return key
  }
}

/** Sum of the signatures; null when there is none, or one is no point of the group or zero. */
export function aggregateSignatures(signatures: readonly Uint8Array[]): Uint8Array | null {
  if (signatures.length === 0) return null
  const points: blst.Signature[] = []
  for (const signature of signatures) {
    const point = signatureOf(signature)
    if (point === null) return null
    points.push(point)
  }
  return blst.aggregateSignatures(points).toBytes()
}

function publicKeyOf(blsKey: string): blst.PublicKey | null {
  try {
    return blst.PublicKey.fromBytes(bytesOfHex(blsKey), true)
  } catch {
    // The binding throws on zero, on points outside of the subgroup and on every other encoding.
    return null
  }
}

function signatureOf(bytes: Uint8Array): blst.Signature | null {
  // The binding would also take the uncompressed form: a second encoding of one value.
  if (bytes.length !== BLS_SIGNATURE_BYTES) return null
  try {
    return blst.Signature.fromBytes(bytes, true, true)
  } catch {
    // As for keys.
    return null
  }
}
