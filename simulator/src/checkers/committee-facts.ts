import {
  deriveParameters,
  votePreimage,
  type Certificate,
  type CryptoPort,
  type Hash,
} from '@shardnet/node/parts'
import type { SimulatedGenesis } from '../world/genesis.ts'

/** What the checkers know of a committee. Quorum and bitmap are worked out here again, and not by the replica's code. */
export class CommitteeFacts {
  readonly size: number
  readonly faultyMax: number
  readonly quorum: number
  readonly context: Hash
  readonly genesisHash: Hash
  readonly #keys: readonly string[]
  /** One certificate is looked at when it is sent, when it is logged and when it commits. */
  readonly #faults = new WeakMap<Certificate, string | null>()
  readonly #crypto: CryptoPort

  constructor(genesis: SimulatedGenesis, shard: number) {
    const options = genesis.replicaOptionsOf({ shard, validator: 0 })
    const { context, genesisHash, committee } = deriveParameters(options)
    this.size = committee.members.length
    this.faultyMax = Math.trunc((this.size - 1) / 3)
    this.quorum = this.size - this.faultyMax
    this.context = context
    this.genesisHash = genesisHash
    this.#keys = committee.members.map(({ blsKey }) => blsKey)
    this.#crypto = options.crypto
  }

  /** Why a certificate proves nothing, or null. */
  faultOf(certificate: Certificate): string | null {
    const known = this.#faults.get(certificate)
    if (known !== undefined) return known
    const fault = this.#findFault(certificate)
    this.#faults.set(certificate, fault)
    return fault
  }

  #findFault(certificate: Certificate): string | null {
    const signers = membersOf(certificate.signers)
    const isInside = signers.every((signer) => signer < this.size)
    if (certificate.signers.length !== Math.ceil(this.size / 8) || !isInside)
      return 'signers outside of the committee'
    if (signers.length < this.quorum) return `${signers.length} signers of ${this.quorum}`
    const keys = signers.flatMap((signer) => this.#keys[signer] ?? [])
    const { kind, view, value, signature } = certificate
    const isSigned = this.#crypto.verifyAggregate(
      keys,
      votePreimage(this.context, kind, view, value),
      signature,
    )
    return isSigned ? null : 'the signature is not the sum of the signers'
  }
}

/** Members whose bit is set. */
export function membersOf(bitmap: Uint8Array): number[] {
  const members: number[] = []
  for (const [byte, bits] of bitmap.entries())
    for (let bit = 0; bit < 8; bit++) if ((bits >> bit) % 2 === 1) members.push(8 * byte + bit)
  return members
}
