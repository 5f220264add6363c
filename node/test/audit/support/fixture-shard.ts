import blst, { type SecretKey } from '@chainsafe/blst'
import { hash, sign, type KeyObject } from 'node:crypto'
import { must } from '../../../src/core/errors.ts'
import { hexOf, joinBytes } from '../../../src/core/primitives/bytes.ts'
import { bytesOfHash, ZERO_HASH, type Hash } from '../../../src/core/primitives/hash.ts'
import { Ledger } from '../../../src/core/ledger/ledger.ts'
import { batchDigestOf, type SignedBatchHeader } from '../../../src/core/wire/batch.ts'
import {
  blockHashOf,
  bodyRootOf,
  genesisBlockHashOf,
  type BlockBody,
  type BlockHeader,
  type Roots,
} from '../../../src/core/wire/block.ts'
import {
  bitmapOf,
  contextHashOf,
  votePreimage,
  type Certificate,
  type VoteKind,
} from '../../../src/core/wire/certificate.ts'
import { committeeHashOf, proposerOf, type Committee } from '../../../src/core/wire/committee.ts'
import { importDigestOf, type ImportBundle } from '../../../src/core/wire/import-bundle.ts'
import type { LogRecord } from '../../../src/core/wire/log-record.ts'
import type { Vote } from '../../../src/core/wire/peer-message.ts'
import type { Proposal } from '../../../src/core/wire/proposal.ts'

export interface FixtureShardOptions {
  readonly networkId: Hash
  readonly committee: Committee
  readonly shards: number
  readonly accounts: Uint8Array
  readonly balance: number
  readonly outboxWindow: number
  readonly blsKeys: readonly SecretKey[]
  readonly peerKeys: readonly KeyObject[]
}

/** A batch with its author's signature. */
export interface FixtureBatch {
  readonly signed: SignedBatchHeader
  readonly digest: Hash
  readonly body: Uint8Array
}

/** Ways to bend a block while it is made; everything after the bend is signed as if it were right. */
export interface Bend {
  readonly body?: (body: BlockBody) => BlockBody
  readonly header?: (header: BlockHeader) => BlockHeader
  readonly proposal?: (proposal: Proposal) => Proposal
  readonly certificate?: (certificate: Certificate) => Certificate
  /** What the committee's executors run in place of the bodies that the block names. */
  readonly execute?: (body: Uint8Array) => Uint8Array
}

export interface BlockPlan {
  readonly batches?: readonly FixtureBatch[]
  readonly imports?: readonly ImportBundle[]
  /** Views to skip before this block. */
  readonly skips?: number
  readonly bend?: Bend
}

interface Tip {
  readonly hash: Hash
  readonly header: BlockHeader | null
  readonly prepare: Certificate | null
  readonly commit: Certificate | null
}

/** Most tests tell the same story up to a point: what a key signed once need not be signed again. */
const SIGNATURES = new Map<string, Uint8Array>()

function remembered(name: string, make: () => Uint8Array): Uint8Array {
  const signature = SIGNATURES.get(name) ?? make()
  SIGNATURES.set(name, signature)
  return signature.slice()
}

/** One shard of a fixture: its ledger, the tip of its chain, and every validator's log as groups of records. */
export class FixtureShard {
  readonly index: number
  readonly size: number
  readonly context: Hash
  readonly ledger: Ledger
  readonly logs: LogRecord[][][]
  view = 0
  tip: Tip
  /** Blocks made, by height - 1. */
  readonly blocks: Proposal[] = []
  readonly #options: FixtureShardOptions
  readonly #sequences: number[]
  #roots: Roots

  constructor(options: FixtureShardOptions) {
    const { networkId, committee, shards, outboxWindow } = options
    this.#options = options
    this.index = committee.shard
    this.size = committee.members.length
    this.context = contextHashOf(networkId, committee.shard, 0, committeeHashOf(committee))
    this.ledger = Ledger.genesis(
      { networkId, shard: committee.shard, shards, outboxWindow },
      options.accounts,
      options.balance,
    )
    this.#roots = this.ledger.roots
    this.tip = {
      hash: genesisBlockHashOf(this.context, this.#roots),
      header: null,
      prepare: null,
      commit: null,
    }
    this.#sequences = Array.from({ length: this.size }, () => 0)
    this.logs = Array.from({ length: this.size }, (_, validator) => [
      [{ kind: 'birth', networkId, shard: this.index, validator, epoch: 0 }],
    ])
  }

  /** The author's next batch. `change` bends the header before it is signed. */
  batch(
    author: number,
    transactions: readonly Uint8Array[],
    change: Partial<SignedBatchHeader['header']> = {},
  ): FixtureBatch {
    const body = joinBytes(transactions)
    const sequence = (this.#sequences[author] ?? 0) + 1
    this.#sequences[author] = sequence
    const header = {
      networkId: this.#options.networkId,
      shard: this.index,
      epoch: 0,
      author,
      sequence,
      count: transactions.length,
      length: body.length,
      bodyHash: hash('sha256', body) as Hash,
      ...change,
    }
    const digest = batchDigestOf(header)
    return { signed: { header, signature: this.signPeer(author, digest) }, digest, body }
  }

  signPeer(validator: number, value: Hash): Uint8Array {
    return sign(null, bytesOfHash(value), must(this.#options.peerKeys[validator], 'a peer key'))
  }

  vote(validator: number, kind: VoteKind, view: number, value: Hash): Vote {
    const preimage = votePreimage(this.context, kind, view, value)
    const signature = remembered(`${validator} ${hexOf(preimage)}`, () => {
      return must(this.#options.blsKeys[validator], 'a BLS key').sign(preimage).toBytes()
    })
    return { kind, view, value, signature, executedHeight: this.ledger.height }
  }

  certificate(
    kind: VoteKind,
    view: number,
    value: Hash,
    signers: readonly number[] = this.quorumWithout(view),
  ): Certificate {
    const preimage = votePreimage(this.context, kind, view, value)
    const signature = remembered(`${signers.join(',')} of ${hexOf(preimage)}`, () => {
      const votes = signers.map((signer) => this.vote(signer, kind, view, value).signature)
      return blst.aggregateSignatures(votes.map((vote) => blst.Signature.fromBytes(vote))).toBytes()
    })
    return { kind, view, value, signers: bitmapOf(signers, this.size), signature }
  }

  /** All but one, another one each time: validators hold different certificates for one thing. */
  quorumWithout(turn: number): number[] {
    return Array.from({ length: this.size }, (_, index) => index).filter(
      (index) => index !== turn % this.size,
    )
  }

  log(validator: number, ...records: LogRecord[]): void {
    must(this.logs[validator], 'a log').push(records)
  }

  logAll(records: (validator: number) => LogRecord[]): void {
    for (let validator = 0; validator < this.size; validator++)
      this.log(validator, ...records(validator))
  }

  /** Makes, certifies, logs and executes the next block. */
  extend(plan: BlockPlan = {}): Proposal {
    const { batches = [], imports = [] } = plan
    const skipped: Certificate[] = []
    for (let turn = 0; turn < (plan.skips ?? 0); turn++) skipped.push(this.#skipView())
    this.view += 1
    const proposal = this.#propose(plan, skipped)
    const value = blockHashOf(proposal.header)
    const bend = plan.bend?.certificate ?? ((certificate: Certificate) => certificate)
    const prepare = bend(this.certificate('prepare', this.view, value))
    const commit = bend(this.certificate('commit', this.view, value))
    this.logAll((validator) => [
      ...batches.map(({ signed, body }) => ({ kind: 'batch', signed, body }) as const),
      ...imports.map((bundle) => ({ kind: 'import', bundle }) as const),
      { kind: 'proposal', proposal },
      { kind: 'vote', vote: this.vote(validator, 'prepare', this.view, value) },
    ])
    this.logAll((validator) => [
      {
        kind: 'certificate',
        certificate: this.#certificateOf(validator, 'prepare', value, prepare),
      },
      { kind: 'vote', vote: this.vote(validator, 'commit', this.view, value) },
    ])
    this.logAll((validator) => [
      { kind: 'certificate', certificate: this.#certificateOf(validator, 'commit', value, commit) },
    ])
    this.tip = { hash: value, header: proposal.header, prepare, commit }
    this.blocks.push(proposal)
    const { height, view, timeMs } = proposal.header
    const named = batches.map(({ signed, digest, body }) => {
      const executed = plan.bend?.execute?.(body) ?? body
      return {
        author: signed.header.author,
        sequence: signed.header.sequence,
        digest,
        body: executed,
      }
    })
    if (height === this.ledger.height + 1) {
      this.#roots = this.ledger.executeBlock({
        height,
        view,
        hash: value,
        timeMs,
        imports,
        batches: named,
      }).roots
    }
    return proposal
  }

  /** What the tip proves about messages to another shard, in all that its executed height shows. */
  bundle(destination: number, first: number, countMax = 4096): ImportBundle {
    const header = must(this.tip.header, 'a block')
    const certificate = must(this.tip.commit, 'a commit certificate')
    const range = must(
      this.ledger.bundleRange(header.executed.height, destination, first, countMax),
      'a provable range',
    )
    return { header, certificate, destination, ...range }
  }

  #certificateOf(validator: number, kind: VoteKind, value: Hash, bent: Certificate): Certificate {
    return validator === 0
      ? bent
      : this.certificate(kind, this.view, value, this.quorumWithout(validator))
  }

  #skipView(): Certificate {
    this.view += 1
    const certificate = this.certificate('skip', this.view, ZERO_HASH)
    this.logAll((validator) => [
      { kind: 'vote', vote: this.vote(validator, 'skip', this.view, ZERO_HASH) },
    ])
    this.logAll(() => [{ kind: 'certificate', certificate }])
    return certificate
  }

  #propose(
    { batches = [], imports = [], bend = {} }: BlockPlan,
    skipCertificates: readonly Certificate[],
  ): Proposal {
    const { tip, view } = this
    const straight: BlockBody = {
      imports: imports.map((bundle) => {
        return {
          source: bundle.header.shard,
          first: bundle.first,
          count: bundle.count,
          digest: importDigestOf(bundle),
        }
      }),
      batches: batches.map(({ signed, digest }) => {
        return { author: signed.header.author, sequence: signed.header.sequence, digest }
      }),
    }
    const body = bend.body?.(straight) ?? straight
    const plain: BlockHeader = {
      context: this.context,
      shard: this.index,
      epoch: 0,
      view,
      height: (tip.header?.height ?? 0) + 1,
      parentHash: tip.hash,
      parentView: tip.header?.view ?? 0,
      proposer: proposerOf(view, this.size),
      timeMs: 1_700_000_000_000 + 100 * view,
      executed: { height: this.ledger.height, roots: this.#roots },
      lastCommitted: { view: tip.header?.view ?? 0, hash: tip.hash },
      bodyRoot: bodyRootOf(body),
    }
    const header = bend.header?.(plain) ?? plain
    const proposal: Proposal = {
      header,
      body,
      parentCertificate: tip.prepare,
      skipCertificates,
      commitCertificate: tip.commit,
      signature: this.signPeer(proposerOf(view, this.size), blockHashOf(header)),
    }
    return bend.proposal?.(proposal) ?? proposal
  }
}
