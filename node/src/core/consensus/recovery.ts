import { batchDigestOf } from '../wire/batch.ts'
import { importDigestOf } from '../wire/import-bundle.ts'
import type { LogRecord } from '../wire/log-record.ts'
import { blockHashOf } from '../wire/block.ts'
import type { Roots } from '../wire/block.ts'
import { certificatesOf } from './certificate-maps.ts'
import { adoptCertificate } from './certificates.ts'
import { connectCommitted, deliverCommitted } from './chain.ts'
import type { Effect } from './effect.ts'
import { entryOf, Replica } from './replica.ts'
import type { ReplicaOptions } from './parameters.ts'

/** Roots that the ledger's checkpoint remembers, oldest first; the last one is the checkpoint's own height. */
export interface ExecutedRoots {
  readonly height: number
  readonly roots: Roots
}

/** Reads a log record by record into a replica that signed everything in it. */
export class Recovery {
  readonly replica: Replica

  constructor(options: ReplicaOptions, executed: readonly ExecutedRoots[]) {
    this.replica = new Replica(options)
    this.replica.recovering = true
    for (const { height, roots } of executed) this.replica.rootsAt.set(height, roots)
    this.replica.executedHeight = executed.at(-1)?.height ?? 0
  }

  /** Takes the next record; returns the blocks that it makes final, those that the checkpoint has executed too. */
  take(record: LogRecord): readonly Effect[] {
    const { replica } = this
    this.#apply(record)
    connectCommitted(replica)
    deliverCommitted(replica)
    const { effects } = replica
    replica.effects = []
    return effects
  }

  /** The ledger executed a block that `take` returned. */
  executed(height: number, roots: Roots): void {
    this.replica.executedHeight = height
    this.replica.rootsAt.set(height, roots)
  }

  /** Ends the reading: the view is above every vote and certificate of the log, so no vote can be repeated with another value. */
  finish(): Replica {
    const { replica } = this
    let view = Math.max(1, replica.committedView + 1)
    for (const at of replica.own.keys()) view = Math.max(view, at)
    for (const kind of ['prepare', 'skip', 'commit'] as const) {
      for (const at of certificatesOf(replica, kind).keys()) view = Math.max(view, at + 1)
    }
    replica.view = view
    replica.recovering = false
    replica.skipsInRow = 0
    replica.fetches.clear()
    replica.hints.clear()
    return replica
  }

  #apply(record: LogRecord): void {
    const { replica } = this
    const { parameters } = replica
    switch (record.kind) {
      case 'birth':
        replica.canVote =
          record.networkId === parameters.networkId &&
          record.shard === parameters.shard &&
          record.validator === parameters.self &&
          record.epoch === parameters.epoch
        return
      case 'batch': {
        const { header } = record.signed
        const digest = batchDigestOf(header)
        replica.batches.ensure(digest, record.signed).status = 'durable'
        replica.batchAcks.add(header.author, header.sequence, digest, parameters.self)
        if (header.author === parameters.self)
          replica.batches.ownNext = Math.max(replica.batches.ownNext, header.sequence + 1)
        return
      }
      case 'import': {
        const { bundle } = record
        const digest = importDigestOf(bundle)
        replica.imports.ensure(digest, bundle).status = 'durable'
        replica.importAcks.add(bundle.header.shard, bundle.first, digest, parameters.self)
        return
      }
      case 'proposal':
        return this.#proposal(record.proposal)
      case 'certificate':
        return this.#certificate(record.certificate)
      case 'vote':
        return this.#vote(record.vote)
      case 'evidence':
        replica.evidenceSeen.add(`${record.validator}/${record.first.kind}/${record.second.kind}`)
    }
  }

  #proposal(proposal: Extract<LogRecord, { kind: 'proposal' }>['proposal']): void {
    const { replica } = this
    const hash = blockHashOf(proposal.header)
    const { view, proposer } = proposal.header
    if (!replica.blocks.has(hash)) {
      const entry = entryOf(hash, proposal, 0)
      entry.logged = true
      entry.durable = true
      replica.blocks.set(hash, entry)
    }
    if (view <= replica.committedView) return
    if (!replica.proposalOfView.has(view)) replica.proposalOfView.set(view, hash)
    if (proposer === replica.parameters.self) replica.ownOf(view).proposed = hash
  }

  #certificate(certificate: Extract<LogRecord, { kind: 'certificate' }>['certificate']): void {
    const { replica } = this
    if (certificate.view > replica.committedView) return adoptCertificate(replica, certificate)
    const block = replica.blocks.get(certificate.value)
    if (certificate.kind === 'commit' && block !== undefined && block.height > replica.tip.height) {
      block.certificate = certificate
      connectCommitted(replica, certificate.value)
    }
  }

  #vote(vote: Extract<LogRecord, { kind: 'vote' }>['vote']): void {
    const { replica } = this
    if (vote.view <= replica.committedView) return
    const own = replica.ownOf(vote.view)
    if (vote.kind === 'prepare') own.prepare = vote.value
    if (vote.kind === 'commit') own.commit = vote.value
    if (vote.kind === 'skip') own.skip = true
    own.durable.set(vote.kind, vote)
  }
}
