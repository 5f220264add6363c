import { createStandInCrypto, signWith } from './stand-in-crypto.ts'

const verifier = createStandInCrypto({ blsKey: '0'.repeat(96), peerKey: '0'.repeat(64) })

/** Signature of a client under its account's key (hexadecimal text): always the stand-in, in worlds with real votes too. */
export function signTransfer(keyText: string, signed: Uint8Array): Uint8Array {
  return signWith(keyText, signed)
}

export function isSignedBy(keyText: string, signed: Uint8Array, signature: Uint8Array): boolean {
  return verifier.verifyPeer(keyText, signed, signature)
}
