import type { CryptoPort } from '../../src/core/crypto-port.ts'
import { bytesOfHex, equalBytes, joinBytes } from '../../src/core/primitives/bytes.ts'
import { sha256 } from '../../src/core/primitives/hash.ts'

/** A keyed hash in place of signatures: whoever knows a public key can sign, so tests decide who signs what. Linear, like BLS. */
function toySignature(blsKey: string, preimage: Uint8Array): Uint8Array {
  const parts = [1, 2, 3].map((part) =>
    sha256(joinBytes([Uint8Array.of(part), bytesOfHex(blsKey), preimage])),
  )
  return joinBytes(parts)
}

function xor(signatures: readonly Uint8Array[]): Uint8Array {
  const sum = new Uint8Array(96)
  for (const signature of signatures)
    signature.forEach((byte, i) => (sum[i] = (sum[i] ?? 0) ^ byte))
  return sum
}

function peerSignature(peerKey: string, message: Uint8Array): Uint8Array {
  return joinBytes(
    [4, 5].map((part) => sha256(joinBytes([Uint8Array.of(part), bytesOfHex(peerKey), message]))),
  )
}

/** The port for one seat. */
export function createToyCrypto(blsKey: string, peerKey: string): CryptoPort {
  return {
    signVote: (preimage) => toySignature(blsKey, preimage),
    verifyAggregate: (keys, preimage, signature) =>
      equalBytes(xor(keys.map((key) => toySignature(key, preimage))), signature),
    aggregate: (signatures) => xor(signatures),
    signPeer: (message) => peerSignature(peerKey, message),
    verifyPeer: (key, message, signature) => equalBytes(peerSignature(key, message), signature),
  }
}
