import { hexOf, readAt, resultNameOf, TAG_BYTES, type CommitEvent } from '@shardnet/node/core'
import type { RefusalName } from '@shardnet/node/client'
import { type LedgerEntry, isTraceless } from './client-ledger.ts'
import type { Draws } from './random.ts'
import type { SignedTransaction } from './signer.ts'
import { nameOf, type Seat } from './testnet-under-chaos.ts'
import { ValidatorLink } from './validator-link.ts'

/** What a commit event said about a transaction. */
export interface Outcome {
  readonly result: string
  readonly height: number
  /** Hexadecimal; null when it is no read. */
  readonly read: string | null
}

/** One transaction on its way. */
interface Flight {
  readonly signed: SignedTransaction
  readonly entry: LedgerEntry
  readonly onOutcome: (outcome: Outcome) => void
  /** Open: it has to be sent (again). */
  state: 'open' | 'sent' | 'acknowledged' | 'done'
  sinceMs: number
}

/** How the client works. */
export interface LedgerClientOptions {
  readonly shards: number
  readonly doors: readonly (Seat & { readonly httpAddress: string })[]
  /** Validators whose word is worth nothing: they may lose what they said is durable. */
  readonly forgetful: readonly Seat[]
  readonly draws: Draws
}

const TICK_MS = 25
/** Share of the ticks in which a validator that may forget is drawn like any other. */
const FORGETFUL_SHARE = 0.3
/** Unanswered for so long, a transaction is sent to somebody else as well. */
const ANSWER_MS = 8_000
/** Taken and not committed for so long, it is handed to somebody else as well: a copy is harmless. */
const COMMIT_MS = 30_000
const REFERENCES = 2 ** 32

/**
 * Sends transactions and keeps its own ledger of what it was told. Trusts acknowledgements only of validators that do not lose
 * durable data; sends the same bytes again, to others, until it hears of their commit.
 */
export class LedgerClient {
  readonly entries: LedgerEntry[] = []
  /** Transactions that were refused for what an honest client's never are. */
  readonly refusals: string[] = []
  readonly #options: LedgerClientOptions
  readonly #links: readonly ValidatorLink[]
  readonly #byTag = new Map<string, Flight>()
  readonly #byReference = new Map<ValidatorLink, Map<number, Flight>>()
  readonly #heights: number[]
  /** Heights whose event was taken already, by shard. */
  readonly #seenHeights: readonly Set<number>[]
  readonly #forgetful: ReadonlySet<string>
  #open: Flight[] = []
  #nextReference = 0
  #timer: NodeJS.Timeout | null = null
  #overdueAtMs = 0
  #acknowledged = 0
  #committed = 0

  constructor(options: LedgerClientOptions) {
    this.#options = options
    this.#forgetful = new Set(options.forgetful.map(nameOf))
    this.#heights = Array.from({ length: options.shards }, () => 0)
    this.#seenHeights = this.#heights.map(() => new Set())
    this.#links = options.doors.map((door) => this.#linkTo(door))
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  get committed(): number {
    return this.#committed
  }

  /** Acknowledged, and not seen in a commit event yet. */
  get underWay(): number {
    let count = 0
    for (const flight of this.#byTag.values()) if (flight.entry.isAcknowledged) count++
    return count
  }

  /** Height of the newest event of a shard. */
  heightOf(shard: number): number {
    return this.#heights[shard] ?? 0
  }

  start(): void {
    for (const link of this.#links) link.start()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await Promise.all(this.#links.map((link) => link.close()))
  }

  /** Sends a transaction of a payer of that shard, for as long as it takes; `onOutcome` hears of its commit. */
  submit(shard: number, signed: SignedTransaction, onOutcome: (outcome: Outcome) => void): void {
    const entry: LedgerEntry = {
      id: signed.id,
      shard,
      isAcknowledged: false,
      result: null,
      height: null,
      read: null,
    }
    const flight: Flight = { signed, entry, onOutcome, state: 'open', sinceMs: 0 }
    this.entries.push(entry)
    this.#byTag.set(signed.tag, flight)
    this.#open.push(flight)
  }

  #linkTo({ shard, validator, httpAddress }: LedgerClientOptions['doors'][number]): ValidatorLink {
    const references = new Map<number, Flight>()
    const isForgetful = this.#forgetful.has(nameOf({ shard, validator }))
    const link = new ValidatorLink(
      { shard, validator },
      httpAddress,
      {
        onAcknowledged: (first, count) => {
          for (const flight of take(references, first, count)) this.#onTaken(flight, !isForgetful)
        },
        onRefused: (reference, code) => {
          for (const flight of take(references, reference, 1)) this.#onRefused(flight, code)
        },
        onBusy: (first, count) => this.#reopen(take(references, first, count)),
        onEvent: (event) => this.#onEvent(event),
        onDown: () => {
          this.#reopen([...references.values()])
          references.clear()
        },
      },
      () => this.heightOf(shard) + 1,
    )
    this.#byReference.set(link, references)
    return link
  }

  #tick(): void {
    const nowMs = performance.now()
    this.#reopenOverdue(nowMs)
    const byShard = Map.groupBy(this.#open, ({ entry }) => entry.shard)
    this.#open = []
    for (const [shard, flights] of byShard) {
      const link = this.#drawLink(shard)
      if (link === undefined) this.#open.push(...flights)
      else this.#sendTo(link, flights, nowMs)
    }
  }

  /** All of one tick goes to one validator, the next tick to another; seldom to one whose word is worth nothing. */
  #drawLink(shard: number): ValidatorLink | undefined {
    const { draws } = this.#options
    const open = this.#links.filter((link) => link.isOpen && link.seat.shard === shard)
    const trusted = open.filter(({ seat }) => !this.#forgetful.has(nameOf(seat)))
    const links = trusted.length === 0 || draws.fraction() < FORGETFUL_SHARE ? open : trusted
    return links[draws.whole(0, Math.max(0, links.length - 1))]
  }

  #sendTo(link: ValidatorLink, flights: readonly Flight[], nowMs: number): void {
    const first = this.#nextReference
    this.#nextReference = (this.#nextReference + flights.length) % REFERENCES
    const references = this.#byReference.get(link)
    flights.forEach((flight, index) => {
      flight.state = 'sent'
      flight.sinceMs = nowMs
      references?.set((first + index) % REFERENCES, flight)
    })
    link.submit(first, Buffer.concat(flights.map(({ signed }) => signed.bytes)))
  }

  /** Somebody has it; where that one never forgets, it is a promise. */
  #onTaken(flight: Flight, isPromise: boolean): void {
    if (isPromise && !flight.entry.isAcknowledged) {
      flight.entry.isAcknowledged = true
      this.#acknowledged++
    }
    if (flight.state === 'done') return
    flight.state = 'acknowledged'
    flight.sinceMs = performance.now()
  }

  #onRefused(flight: Flight, code: RefusalName | 'unknown'): void {
    // A copy of what was taken before: its commit event will tell, or it is sent again later.
    if (code === 'NONCE_USED' || code === 'NONCE_TAKEN') return this.#onTaken(flight, false)
    // Answered, and asked again when it is overdue.
    if (code === 'NONCE_AHEAD' || code === 'OUTBOX_FULL' || flight.state === 'done') return
    this.refusals.push(`${code} for ${flight.signed.id.slice(0, 16)}`)
    flight.state = 'done'
  }

  #onEvent(event: CommitEvent): void {
    const { shard, height } = event
    const seen = this.#seenHeights[shard]
    if (seen === undefined || seen.has(height)) return
    seen.add(height)
    this.#heights[shard] = Math.max(height, this.#heights[shard] ?? 0)
    for (const { count, tags, results, reads } of event.batches) {
      for (let index = 0; index < count; index++) {
        const tag = hexOf(tags.subarray(index * TAG_BYTES, (index + 1) * TAG_BYTES))
        const code = results[index]
        const flight = this.#byTag.get(tag)
        if (flight === undefined || code === undefined) continue
        const read = readAt(reads, index)
        const result = resultNameOf(code)
        this.#onResult(flight, { height, result, read: read === null ? null : hexOf(read) })
      }
    }
  }

  #onResult(flight: Flight, outcome: Outcome): void {
    if (isTraceless(outcome.result)) return
    Object.assign(flight.entry, outcome)
    flight.state = 'done'
    this.#committed++
    this.#byTag.delete(flight.signed.tag)
    flight.onOutcome(outcome)
  }

  #reopen(flights: readonly Flight[]): void {
    for (const flight of flights) {
      if (flight.state !== 'sent') continue
      flight.state = 'open'
      this.#open.push(flight)
    }
  }

  #reopenOverdue(nowMs: number): void {
    if (nowMs < this.#overdueAtMs) return
    this.#overdueAtMs = nowMs + ANSWER_MS / 8
    for (const flight of this.#byTag.values()) {
      const patienceMs = flight.state === 'sent' ? ANSWER_MS : COMMIT_MS
      const isWaiting = flight.state === 'sent' || flight.state === 'acknowledged'
      if (!isWaiting || nowMs - flight.sinceMs < patienceMs) continue
      flight.state = 'open'
      this.#open.push(flight)
    }
  }
}

/** Takes a range of references out of those that wait for an answer. */
function take(references: Map<number, Flight>, first: number, count: number): Flight[] {
  return Array.from({ length: count }, (_, index) => (first + index) % REFERENCES).flatMap(
    (reference) => {
      const flight = references.get(reference)
      references.delete(reference)
      return flight ?? []
    },
  )
}
