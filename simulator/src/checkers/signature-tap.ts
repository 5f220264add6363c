import {
  batchDigestOf,
  blockHashOf,
  type Certificate,
  type Hash,
  type LogRecord,
  type PeerMessage,
  type VoteKind,
} from '@shardnet/node/parts'
import type { Machine } from '../world/machine.ts'
import { nameOfSeat, type Seat } from '../world/seat.ts'
import { membersOf, type CommitteeFacts } from './committee-facts.ts'
import type { Verdict } from './verdict.ts'

type Statement = VoteKind | 'proposal' | 'batch'

const STATEMENTS: readonly Statement[] = ['prepare', 'commit', 'skip', 'proposal', 'batch']

/** What one key said, to anybody, in all lives of its machine: one value for each kind and view. */
class Sayings {
  readonly shown = new Map<number, Hash>()
  readonly durable = new Map<number, Hash>()
}

/**
 * I9: no honest key signs two values of one kind in one view, nor COMMIT and SKIP in one view; and what a machine shows of its own, in
 * a vote or inside of a certificate, is on its disk already. Reads what leaves machines, so what was signed and died unseen is nothing.
 */
export class SignatureTap {
  readonly #verdict: Verdict
  readonly #facts: readonly CommitteeFacts[]
  readonly #isHonest: (seat: Seat) => boolean
  readonly #sayings = new Map<string, Sayings>()
  readonly #seen = new WeakSet<Certificate>()

  constructor(
    verdict: Verdict,
    facts: readonly CommitteeFacts[],
    isHonest: (seat: Seat) => boolean,
  ) {
    this.#verdict = verdict
    this.#facts = facts
    this.#isHonest = isHonest
  }

  /** Records of an honest machine's own that are on its disk. */
  onDurable({ seat }: Machine, records: readonly LogRecord[]): void {
    const { durable } = this.#sayingsOf(seat)
    for (const record of records) {
      if (record.kind === 'vote')
        durable.set(placeOf(record.vote.kind, record.vote.view), record.vote.value)
      if (record.kind === 'proposal' && record.proposal.header.proposer === seat.validator) {
        const { header } = record.proposal
        durable.set(placeOf('proposal', header.view), blockHashOf(header))
      }
      if (record.kind === 'batch' && record.signed.header.author === seat.validator) {
        const { header } = record.signed
        durable.set(placeOf('batch', header.sequence), batchDigestOf(header))
      }
    }
  }

  /** A message leaves an honest machine. */
  onSent({ seat }: Machine, message: PeerMessage): void {
    switch (message.kind) {
      case 'vote':
        return this.#say(seat, message.vote.kind, message.vote.view, message.vote.value)
      case 'proposal': {
        const { proposal } = message
        const { header } = proposal
        if (header.proposer === seat.validator)
          this.#say(seat, 'proposal', header.view, blockHashOf(header))
        for (const certificate of proposal.skipCertificates) this.#show(seat, certificate)
        if (proposal.parentCertificate) this.#show(seat, proposal.parentCertificate)
        if (proposal.commitCertificate) this.#show(seat, proposal.commitCertificate)
        return
      }
      case 'certificate':
        return this.#show(seat, message.certificate)
      case 'certificates':
        for (const certificate of message.certificates) this.#show(seat, certificate)
        return
      case 'batch':
        if (message.signed.header.author === seat.validator) {
          const { header } = message.signed
          this.#say(seat, 'batch', header.sequence, batchDigestOf(header))
        }
        return
      case 'batchAck':
      case 'import':
      case 'importAck':
      case 'fetchBatch':
      case 'fetchImport':
      case 'fetchProposal':
      case 'fetchCertificates':
      case 'fetchBlocks':
      case 'blocks':
        return
    }
  }

  /** Every signer of a certificate that holds said what it says. */
  #show({ shard, validator }: Seat, certificate: Certificate): void {
    if (this.#seen.has(certificate)) return
    this.#seen.add(certificate)
    const facts = this.#facts[shard]
    if (facts === undefined || facts.faultOf(certificate) !== null) return
    const { kind, view, value, signers } = certificate
    for (const signer of membersOf(signers)) {
      const seat = { shard, validator: signer }
      if (!this.#isHonest(seat)) continue
      // Who shows the own signature of another one relies on that one; who shows his own must have it on disk.
      if (signer === validator) this.#say(seat, kind, view, value)
      else this.#hear(seat, kind, view, value)
    }
  }

  #say(seat: Seat, statement: Statement, view: number, value: Hash): void {
    const { durable } = this.#sayingsOf(seat)
    this.#verdict.check(
      durable.get(placeOf(statement, view)) === value,
      'I9 durable before shown',
      () => {
        return `${nameOfSeat(seat)} shows its ${statement} of ${view}, which is not on its disk`
      },
    )
    this.#hear(seat, statement, view, value)
  }

  #hear(seat: Seat, statement: Statement, view: number, value: Hash): void {
    const { shown } = this.#sayingsOf(seat)
    const place = placeOf(statement, view)
    const known = shown.get(place)
    if (known === value) return
    this.#verdict.check(known === undefined, 'I9 one key, one value', () => {
      return `${nameOfSeat(seat)} signs two values: ${statement} of ${view} is ${known} and ${value}`
    })
    shown.set(place, value)
    const excluded = statement === 'commit' ? 'skip' : statement === 'skip' ? 'commit' : null
    if (excluded === null) return
    this.#verdict.check(!shown.has(placeOf(excluded, view)), 'I9 COMMIT or SKIP', () => {
      return `${nameOfSeat(seat)} signs COMMIT and SKIP in view ${view}`
    })
  }

  #sayingsOf(seat: Seat): Sayings {
    const name = nameOfSeat(seat)
    let sayings = this.#sayings.get(name)
    if (sayings === undefined) this.#sayings.set(name, (sayings = new Sayings()))
    return sayings
  }
}

function placeOf(statement: Statement, view: number): number {
  return view * STATEMENTS.length + STATEMENTS.indexOf(statement)
}
