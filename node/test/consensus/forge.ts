import assert from 'node:assert/strict'
import { Replica } from '../../src/core/consensus/replica.ts'
import { bytesOfHash, ZERO_HASH, type Hash } from '../../src/core/primitives/hash.ts'
import { blockHashOf, bodyRootOf, EMPTY_BODY, type BlockHeader } from '../../src/core/wire/block.ts'
import {
  bitmapOf,
  votePreimage,
  type Certificate,
  type VoteKind,
} from '../../src/core/wire/certificate.ts'
import type { PeerMessage } from '../../src/core/wire/peer-message.ts'
import type { Proposal } from '../../src/core/wire/proposal.ts'
import type { Cluster } from './cluster.ts'
import { createToyCrypto } from './toy-crypto.ts'

/** What an adversary can make who knows the keys of all members: tests say which of them it uses. */
export class Forge {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  vote(signer: number, kind: VoteKind, view: number, value: Hash = ZERO_HASH): PeerMessage {
    const { context, crypto } = this.#parameters(signer)
    const signature = crypto.signVote(votePreimage(context, kind, view, value))
    return { kind: 'vote', vote: { kind, view, value, signature, executedHeight: 0 } }
  }

  certificate(
    signers: readonly number[],
    kind: VoteKind,
    view: number,
    value: Hash = ZERO_HASH,
  ): Certificate {
    const { context, crypto, size } = this.#parameters(0)
    const preimage = votePreimage(context, kind, view, value)
    const signatures = signers.map((signer) => this.#parameters(signer).crypto.signVote(preimage))
    const signature = crypto.aggregate(signatures)
    assert(signature)
    return { kind, view, value, signers: bitmapOf(signers, size), signature }
  }

  /** An empty block on the genesis block, or on a certified parent. */
  proposal(
    view: number,
    change: Partial<BlockHeader> = {},
    carried: Partial<Proposal> = {},
  ): Proposal {
    const { context, genesisHash, genesisRoots, size } = this.#parameters(0)
    const header: BlockHeader = {
      context,
      shard: 0,
      epoch: 0,
      view,
      height: 1,
      parentHash: genesisHash,
      parentView: 0,
      proposer: view % size,
      timeMs: 1_800_000_000_000 + view,
      executed: { height: 0, roots: genesisRoots },
      lastCommitted: { view: 0, hash: genesisHash },
      bodyRoot: bodyRootOf(carried.body ?? EMPTY_BODY),
      ...change,
    }
    const signature = this.#parameters(header.proposer).crypto.signPeer(
      bytesOfHash(blockHashOf(header)),
    )
    return {
      header,
      body: EMPTY_BODY,
      parentCertificate: null,
      skipCertificates: [],
      commitCertificate: null,
      signature,
      ...carried,
    }
  }

  #parameters(index: number) {
    const options = this.#cluster.optionsOf(index)
    const member = options.committees[0]?.members[index]
    assert(member)
    return {
      ...new Replica(options).parameters,
      crypto: createToyCrypto(member.blsKey, member.peerKey),
    }
  }
}
