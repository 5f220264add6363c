import {
  blockHashOf,
  type Certificate,
  type CommitEffect,
  type Hash,
  type LogRecord,
  type PeerMessage,
  type VoteKind,
} from '@shardnet/node/parts'
import { CommitteeFacts } from '../checkers/committee-facts.ts'
import type { FaultCounts } from '../faults/fault-counts.ts'
import type { Verdict } from '../checkers/verdict.ts'
import type { SimulatedGenesis } from '../world/genesis.ts'

type Statement = VoteKind | 'proposal'

/** A kind and a view as one number, because every message that is sent and every record is looked up by it. */
const STATEMENTS: readonly Statement[] = ['prepare', 'commit', 'skip', 'proposal']
const placeOf = (kind: Statement, view: number) => 4 * view + STATEMENTS.indexOf(kind)

/** What one node signed: in the log, and so allowed to be shown. */
interface Sayings {
  readonly durable: Map<number, Hash>
}

/** The promises of consensus, held against the nodes whose validator is there once. I1, I3, I9 and I10 of docs/reliability.md. */
export class TwinsCheck {
  readonly #verdict: Verdict
  readonly #facts: CommitteeFacts
  readonly #isHonest: (seat: number) => boolean
  readonly #chain: Hash[] = []
  readonly #sayings: Sayings[] = []
  readonly #heights: number[] = []
  readonly #sound = new WeakSet<Certificate>()
  /** What either half of a validator that is there twice signed. */
  readonly #twinSayings: Map<number, Hash>[] = []
  equivocations = 0
  accused = 0

  readonly #counts: FaultCounts

  constructor(
    verdict: Verdict,
    genesis: SimulatedGenesis,
    {
      isHonest,
      counts,
    }: { readonly isHonest: (seat: number) => boolean; readonly counts: FaultCounts },
  ) {
    this.#verdict = verdict
    this.#facts = new CommitteeFacts(genesis, 0)
    this.#isHonest = isHonest
    this.#counts = counts
  }

  /** Height of the longest honest chain. */
  get height(): number {
    return this.#chain.length
  }

  heightOf(node: number): number {
    return this.#heights[node] ?? 0
  }

  /** A node begins anew: it commits again what its log holds. */
  onRestart(node: number): void {
    this.#heights[node] = 0
  }

  onDurable(node: number, seat: number, records: readonly LogRecord[]): void {
    const { durable } = (this.#sayings[node] ??= { durable: new Map() })
    for (const record of records) {
      if (record.kind === 'vote')
        this.#say(node, seat, durable, {
          kind: record.vote.kind,
          view: record.vote.view,
          value: record.vote.value,
        })
      if (record.kind === 'proposal' && record.proposal.header.proposer === seat) {
        const { header } = record.proposal
        this.#say(node, seat, durable, {
          kind: 'proposal',
          view: header.view,
          value: blockHashOf(header),
        })
      }
    }
  }

  onSent(node: number, seat: number, message: PeerMessage): void {
    if (!this.#isHonest(seat)) return
    const own = ownStatementOf(message, seat)
    if (own === null) return
    const isOnDisk = this.#sayings[node]?.durable.get(placeOf(own.kind, own.view)) === own.value
    this.#verdict.check(
      isOnDisk,
      'I9 durable before shown',
      () => `node ${node} shows its ${own.kind} of view ${own.view}, which is not on its disk`,
    )
  }

  onCommit(node: number, seat: number, { hash, proposal, certificate }: CommitEffect): void {
    if (!this.#isHonest(seat)) return
    const { height } = proposal.header
    const next = this.heightOf(node) + 1
    this.#heights[node] = height
    this.#verdict.check(
      height === next,
      'I1 agreement',
      () => `node ${node} commits height ${height} where ${next} is next`,
    )
    if (certificate !== null && !this.#sound.has(certificate)) {
      const fault = this.#facts.faultOf(certificate)
      this.#verdict.check(
        fault === null && certificate.kind === 'commit' && certificate.value === hash,
        'I3 certified',
        () => `node ${node} commits height ${height} without proof: ${fault}`,
      )
      this.#sound.add(certificate)
    }
    const known = this.#chain[height - 1]
    if (known === undefined) this.#chain[height - 1] = hash
    else
      this.#verdict.check(
        known === hash,
        'I1 agreement',
        () => `height ${height}: node ${node} commits ${hash}, another one ${known}`,
      )
  }

  onEvidence(node: number, accused: number): void {
    this.accused += 1
    this.#verdict.check(
      !this.#isHonest(accused),
      'I10 blame',
      () => `node ${node} has evidence against ${accused}, which is there once`,
    )
  }

  onHalt(node: number, seat: number, reason: string): void {
    if (!this.#isHonest(seat)) return
    this.#verdict.report('I10 halt', `node ${node} halts: ${reason}`)
  }

  onDefect(node: number, seat: number, error: Error): void {
    // A half may find that its own key said something else; what it then asserts is nobody's promise.
    if (!this.#isHonest(seat)) return
    this.#verdict.report('own assertion', `node ${node}: ${error.message}`)
  }

  #say(
    node: number,
    seat: number,
    durable: Map<number, Hash>,
    { kind, view, value }: { kind: Statement; view: number; value: Hash },
  ): void {
    const place = placeOf(kind, view)
    const earlier = durable.get(place)
    durable.set(place, value)
    const excluded = kind === 'commit' ? 'skip' : kind === 'skip' ? 'commit' : null
    if (!this.#isHonest(seat)) {
      const ofSeat = (this.#twinSayings[seat] ??= new Map())
      const other = ofSeat.get(place)
      if (kind === 'proposal' && earlier === undefined) this.#counts.add('twin: proposal of a half')
      if (other !== undefined && other !== value) {
        this.equivocations += 1
        this.#counts.add(`twin: two values, ${kind}`)
      }
      if (excluded !== null && other === undefined && ofSeat.has(placeOf(excluded, view)))
        this.#counts.add('twin: COMMIT and SKIP in one view')
      ofSeat.set(place, value)
      return
    }
    this.#verdict.check(
      earlier === undefined || earlier === value,
      'I9 one key, one value',
      () => `node ${node} signs two values: ${kind} ${view}`,
    )
    this.#verdict.check(
      excluded === null || !durable.has(placeOf(excluded, view)),
      'I9 COMMIT or SKIP',
      () => `node ${node} signs COMMIT and SKIP in view ${view}`,
    )
  }
}

function ownStatementOf(
  message: PeerMessage,
  seat: number,
): { readonly kind: Statement; readonly view: number; readonly value: Hash } | null {
  if (message.kind === 'vote') return message.vote
  if (message.kind !== 'proposal' || message.proposal.header.proposer !== seat) return null
  const { header } = message.proposal
  return { kind: 'proposal', view: header.view, value: blockHashOf(header) }
}
