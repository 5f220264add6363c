import {
  batchDigestOf,
  blockHashOf,
  importDigestOf,
  type Certificate,
  type Hash,
  type LogRecord,
  type Proposal,
} from '@shardnet/node/parts'
import type { Machine } from '../world/machine.ts'
import type { CommitteeFacts } from './committee-facts.ts'
import type { Verdict } from './verdict.ts'

/** What a log holds so far. */
class Shelf {
  count = 0
  highestView = 0
  readonly blocks = new Map<Hash, Proposal>()
  readonly names = new Set<Hash>()
  readonly prepared = new Map<number, Hash>()
  readonly committed = new Map<number, Hash>()
  readonly skipped = new Set<number>()
}

/**
 * I4 and I3 at the disk: whatever a validator's vote or proposal rests on lies before it in its log, so that after `kill -9` of all
 * everything that somebody once relied on can be shown again; and every certificate there proves what it says.
 */
export class LogOrder {
  readonly #verdict: Verdict
  readonly #facts: readonly CommitteeFacts[]
  readonly #accused: (machine: Machine, validator: number) => void
  readonly #shelves = new Map<string, Shelf>()

  constructor(
    verdict: Verdict,
    facts: readonly CommitteeFacts[],
    accused: (machine: Machine, validator: number) => void,
  ) {
    this.#verdict = verdict
    this.#facts = facts
    this.#accused = accused
  }

  /** All that a restarted machine read from its disk; records known before are not looked at again. */
  onRecovered(machine: Machine, records: readonly LogRecord[]): void {
    const { count } = this.#shelfOf(machine)
    this.#verdict.check(records.length >= count, 'I4 log', () => {
      return `${machine.name} finds ${records.length} records on its disk, ${count} were durable`
    })
    this.onDurable(machine, records.slice(count))
  }

  onDurable(machine: Machine, records: readonly LogRecord[]): void {
    const shelf = this.#shelfOf(machine)
    shelf.count += records.length
    for (const record of records) this.#take(machine, shelf, record)
  }

  #take(machine: Machine, shelf: Shelf, record: LogRecord): void {
    switch (record.kind) {
      case 'batch':
        return void shelf.names.add(batchDigestOf(record.signed.header))
      case 'import':
        return void shelf.names.add(importDigestOf(record.bundle))
      case 'proposal':
        return this.#takeProposal(machine, shelf, record.proposal)
      case 'certificate':
        return this.#takeCertificate(machine, shelf, record.certificate)
      case 'vote':
        return this.#takeVote(machine, shelf, record.vote)
      case 'evidence':
        return this.#accused(machine, record.validator)
      case 'birth':
        return
    }
  }

  #takeProposal(machine: Machine, shelf: Shelf, proposal: Proposal): void {
    shelf.blocks.set(blockHashOf(proposal.header), proposal)
    if (proposal.header.proposer === machine.seat.validator)
      this.#mustBeJustified(machine, shelf, proposal, 'proposal')
  }

  #takeCertificate(machine: Machine, shelf: Shelf, certificate: Certificate): void {
    const fault = this.#facts[machine.seat.shard]?.faultOf(certificate) ?? null
    const { kind, view, value } = certificate
    this.#verdict.check(fault === null, 'I3 certified', () => {
      return `${machine.name} takes a ${kind} certificate of view ${view} with ${fault}`
    })
    shelf.highestView = Math.max(shelf.highestView, view)
    if (kind === 'prepare') shelf.prepared.set(view, value)
    if (kind === 'commit') shelf.committed.set(view, value)
    if (kind === 'skip') shelf.skipped.add(view)
  }

  #takeVote(
    machine: Machine,
    shelf: Shelf,
    vote: Extract<LogRecord, { kind: 'vote' }>['vote'],
  ): void {
    const { kind, view, value } = vote
    if (kind === 'skip') {
      const isEntered = view <= shelf.highestView + 1
      return this.#verdict.check(isEntered, 'I4 what votes rest on', () => {
        return `${machine.name}: SKIP of view ${view} lies before any certificate that leads there`
      })
    }
    const proposal = shelf.blocks.get(value)
    if (proposal === undefined) {
      const message = `${machine.name}: ${kind} of view ${view} lies before its block`
      return this.#verdict.report('I4 what votes rest on', message)
    }
    this.#mustHoldBody(machine, shelf, proposal, kind)
    if (kind === 'prepare') return this.#mustBeJustified(machine, shelf, proposal, kind)
    const isPrepared = shelf.prepared.get(view) === value || shelf.committed.get(view) === value
    this.#verdict.check(isPrepared, 'I4 what votes rest on', () => {
      return `${machine.name}: COMMIT of view ${view} lies before its prepare certificate`
    })
  }

  #mustHoldBody(machine: Machine, shelf: Shelf, { header, body }: Proposal, kind: string): void {
    for (const { digest } of [...body.batches, ...body.imports]) {
      this.#verdict.check(shelf.names.has(digest), 'I4 what votes rest on', () => {
        return `${machine.name}: ${kind} of view ${header.view} lies before ${digest}, which its block names`
      })
    }
  }

  /** The parent is certified, and every view between is skipped. */
  #mustBeJustified(machine: Machine, shelf: Shelf, { header }: Proposal, what: string): void {
    const { parentView, parentHash, view } = header
    const isCertified =
      parentView === 0 ||
      shelf.prepared.get(parentView) === parentHash ||
      shelf.committed.get(parentView) === parentHash
    this.#verdict.check(isCertified, 'I4 what votes rest on', () => {
      return `${machine.name}: ${what} of view ${view} lies before the certificate of its parent (view ${parentView})`
    })
    for (let at = parentView + 1; at < view; at++) {
      this.#verdict.check(shelf.skipped.has(at), 'I4 what votes rest on', () => {
        return `${machine.name}: ${what} of view ${view} on view ${parentView} lies before a skip certificate of view ${at}`
      })
    }
  }

  #shelfOf(machine: Machine): Shelf {
    let shelf = this.#shelves.get(machine.name)
    if (shelf === undefined) this.#shelves.set(machine.name, (shelf = new Shelf()))
    return shelf
  }
}
