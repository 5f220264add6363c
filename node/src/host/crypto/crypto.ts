import blst from '@chainsafe/blst'
import type { ValidatorKeys } from '../../config/validator-keys.ts'
import type { CryptoPort } from '../../core/crypto-port.ts'
import { aggregateSignatures, BlsVerifier } from './bls.ts'
import { createPeerSigner, PeerVerifier } from './peer-signatures.ts'

/** The half of the port that needs no key of our own: for observers, tools and the checks of foreign certificates. */
export type CryptoVerifier = Pick<CryptoPort, 'verifyAggregate' | 'aggregate' | 'verifyPeer'>

/** Verification over blst and node:crypto, with its own cache of decoded keys. */
function createCryptoVerifier(): CryptoVerifier {
  const votes = new BlsVerifier()
  const peers = new PeerVerifier()
  return {
    verifyAggregate: (blsKeys, preimage, signature) =>
      votes.verifyAggregate(blsKeys, preimage, signature),
    aggregate: aggregateSignatures,
    verifyPeer: (peerKey, message, signature) => peers.verifyPeer(peerKey, message, signature),
  }
}

/** Signatures as a validator makes and checks them. */
export function createCrypto(keys: ValidatorKeys): CryptoPort {
  const voteKey = blst.SecretKey.fromBytes(keys.blsSecret.reveal())
  return {
    ...createCryptoVerifier(),
    signVote: (preimage) => voteKey.sign(preimage).toBytes(),
    signPeer: createPeerSigner(keys.peerSeed.reveal()),
  }
}
