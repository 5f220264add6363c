import { hexOf, resultNameOf, TAG_BYTES, type CommitEvent } from '@shardnet/node/core'
import type { RefusalName } from '@shardnet/node/client'
import { type LedgerEntry, isTraceless } from './client-ledger.ts'
import type { Draws } from './random.ts'
import { Payer, type SignedTransaction, type SigningNetwork } from './signer.ts'
import type { Seat } from './testnet-under-chaos.ts'
import { ValidatorLink } from './validator-link.ts'

/** One transaction on its way. */
interface Flight {
  readonly signed: SignedTransaction
  readonly payer: PayerState
  readonly entry: LedgerEntry
  /** Open: it has to be sent (again). */
  state: 'open' | 'sent' | 'acknowledged' | 'done'
  sentAtMs: number
  link: ValidatorLink | null
}

interface PayerState {
  readonly payer: Payer
  /** Oldest first; the window of nonces begins at the first that is not done. */
  flights: Flight[]
}

/** How the client works. */
export interface LedgerClientOptions {
  readonly network: SigningNetwork
  readonly shards: number
  readonly doors: readonly (Seat & { readonly httpAddress: string })[]
  /** Validators whose word is worth nothing: they may lose what they said is durable. */
  readonly forgetful: readonly Seat[]
  readonly draws: Draws
  /** Transactions per second over all shards. */
  readonly rate: number
  /** Share of transfers that go to another shard. */
  readonly crossShard: number
}

const PAYERS_PER_SHARD = 96
/** Of the 64 nonces of a window; the rest is for those that come back late. */
const IN_FLIGHT_PER_PAYER = 24
const VALID_FOR_HEIGHTS = 9_000
const TICK_MS = 25
/** Unanswered for so long, a transaction is sent to somebody else as well. */
const ANSWER_MS = 8_000
/** Acknowledged and not committed for so long, it is handed to somebody else as well: a copy is harmless. */
const COMMIT_MS = 30_000
const REFERENCES = 2 ** 32

/**
 * Sends transfers at a steady rate and keeps its own ledger of what it was told. Trusts acknowledgements only of validators that do
 * not lose durable data; sends the same bytes again, to others, until it hears of their commit.
 */
export class LedgerClient {
  readonly entries: LedgerEntry[] = []
  readonly #options: LedgerClientOptions
  readonly #payers: readonly PayerState[]
  readonly #links: readonly ValidatorLink[]
  readonly #byTag = new Map<string, Flight>()
  readonly #byReference = new Map<ValidatorLink, Map<number, Flight>>()
  readonly #heights: number[]
  /** Heights whose event was taken already, by shard. */
  readonly #seenHeights: readonly Set<number>[]
  readonly #refusals: string[] = []
  #open: Flight[] = []
  #nextReference = 0
  #timer: NodeJS.Timeout | null = null
  #lastTickMs = 0
  #credit = 0
  #isSending = true
  #acknowledged = 0
  #committed = 0

  constructor(options: LedgerClientOptions) {
    this.#options = options
    const { network, shards, doors } = options
    this.#payers = Array.from({ length: shards }, (_, shard) =>
      Array.from({ length: PAYERS_PER_SHARD }, (_payer, index) => ({
        payer: new Payer(network, shard, index),
        flights: [],
      })),
    ).flat()
    this.#heights = Array.from({ length: shards }, () => 0)
    this.#seenHeights = this.#heights.map(() => new Set())
    this.#links = doors.map((door) => this.#linkTo(door))
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

  /** Transactions that were refused for what an honest client's never are. */
  get refusals(): readonly string[] {
    return this.#refusals
  }

  /** Height of the newest event of a shard. */
  heightOf(shard: number): number {
    return this.#heights[shard] ?? 0
  }

  start(): void {
    for (const link of this.#links) link.start()
    this.#lastTickMs = performance.now()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  /** No new transactions; those under way are followed on. */
  stopSending(): void {
    this.#isSending = false
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await Promise.all(this.#links.map((link) => link.close()))
  }

  #linkTo({ shard, validator, httpAddress }: LedgerClientOptions['doors'][number]): ValidatorLink {
    const references = new Map<number, Flight>()
    const link: ValidatorLink = new ValidatorLink(
      { shard, validator },
      httpAddress,
      {
        onAcknowledged: (first, count) => this.#onAcknowledged(link, first, count),
        onRefused: (reference, code) => this.#onRefused(link, reference, code),
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
    const { rate } = this.#options
    this.#credit = Math.min(rate, this.#credit + ((nowMs - this.#lastTickMs) * rate) / 1_000)
    this.#lastTickMs = nowMs
    this.#reopenOverdue(nowMs)
    while (this.#isSending && this.#credit >= 1) {
      this.#credit--
      if (!this.#create()) break
    }
    this.#send(nowMs)
  }

  /** Signs one more transfer; false when no payer that was drawn has room in its window. */
  #create(): boolean {
    const { draws, shards, crossShard } = this.#options
    const state = this.#payers[draws.whole(0, this.#payers.length - 1)]
    if (state === undefined || state.flights.length >= IN_FLIGHT_PER_PAYER) return false
    const { payer } = state
    const isCrossShard = shards > 1 && draws.fraction() < crossShard
    const payeeShard = isCrossShard
      ? (payer.shard + draws.whole(1, shards - 1)) % shards
      : payer.shard
    const candidates = this.#payers.filter((each) => each.payer.shard === payeeShard)
    const payee = candidates[draws.whole(0, candidates.length - 1)]?.payer
    if (payee === undefined) return false
    const signed = payer.transfer(payee.address, this.heightOf(payer.shard) + VALID_FOR_HEIGHTS)
    const entry: LedgerEntry = {
      id: signed.id,
      shard: payer.shard,
      isCrossShard,
      isAcknowledged: false,
      result: null,
      height: null,
    }
    const flight: Flight = { signed, payer: state, entry, state: 'open', sentAtMs: 0, link: null }
    this.entries.push(entry)
    state.flights.push(flight)
    this.#byTag.set(signed.tag, flight)
    this.#open.push(flight)
    return true
  }

  #send(nowMs: number): void {
    const open = this.#open
    this.#open = []
    const byShard = Map.groupBy(open, ({ entry }) => entry.shard)
    for (const [shard, flights] of byShard) {
      const links = this.#links.filter((link) => link.isOpen && link.seat.shard === shard)
      // All of one tick to one validator, the next tick to another.
      const link = links[this.#options.draws.whole(0, Math.max(0, links.length - 1))]
      if (link === undefined) this.#open.push(...flights)
      else this.#sendTo(link, flights, nowMs)
    }
  }

  #sendTo(link: ValidatorLink, flights: readonly Flight[], nowMs: number): void {
    const first = this.#nextReference
    this.#nextReference = (this.#nextReference + flights.length) % REFERENCES
    const references = this.#byReference.get(link)
    flights.forEach((flight, index) => {
      flight.state = 'sent'
      flight.sentAtMs = nowMs
      flight.link = link
      references?.set((first + index) % REFERENCES, flight)
    })
    link.submit(first, Buffer.concat(flights.map(({ signed }) => signed.bytes)))
  }

  #onAcknowledged(link: ValidatorLink, first: number, count: number): void {
    const isForgetful = this.#options.forgetful.some(
      ({ shard, validator }) => shard === link.seat.shard && validator === link.seat.validator,
    )
    const references = this.#byReference.get(link)
    if (references === undefined) return
    for (const flight of take(references, first, count)) {
      if (flight.state === 'done') continue
      flight.state = 'acknowledged'
      flight.sentAtMs = performance.now()
      if (isForgetful || flight.entry.isAcknowledged) continue
      flight.entry.isAcknowledged = true
      this.#acknowledged++
    }
  }

  /** A copy of what was taken before is refused as used or taken; anything else is no way to treat our transactions. */
  #onRefused(link: ValidatorLink, reference: number, code: RefusalName | 'unknown'): void {
    const references = this.#byReference.get(link)
    const [flight] = references === undefined ? [] : take(references, reference, 1)
    if (flight === undefined || flight.state === 'done') return
    const isCopy = code === 'NONCE_USED' || code === 'NONCE_TAKEN'
    const isFull = code === 'NONCE_AHEAD' || code === 'OUTBOX_FULL'
    if (isCopy) {
      // Somebody has it: its commit event will tell, or it is sent again later.
      flight.state = 'acknowledged'
      flight.sentAtMs = performance.now()
    } else if (isFull) {
      flight.state = 'sent' // Answered, and asked again when it is overdue.
    } else {
      this.#refusals.push(`${code} for ${flight.signed.id.slice(0, 16)}`)
      flight.state = 'done'
    }
  }

  #onEvent(event: CommitEvent): void {
    const { shard, height } = event
    const seen = this.#seenHeights[shard]
    if (seen === undefined || seen.has(height)) return
    seen.add(height)
    this.#heights[shard] = Math.max(height, this.#heights[shard] ?? 0)
    for (const { count, tags, results } of event.batches) {
      for (let index = 0; index < count; index++) {
        const tag = hexOf(tags.subarray(index * TAG_BYTES, (index + 1) * TAG_BYTES))
        const code = results[index]
        if (code !== undefined) this.#onResult(tag, height, resultNameOf(code))
      }
    }
  }

  #onResult(tag: string, height: number, result: string): void {
    const flight = this.#byTag.get(tag)
    if (flight === undefined || isTraceless(result)) return
    flight.entry.result = result
    flight.entry.height = height
    flight.state = 'done'
    this.#committed++
    this.#byTag.delete(tag)
    flight.payer.flights = flight.payer.flights.filter((each) => each !== flight)
  }

  #reopen(flights: readonly Flight[]): void {
    for (const flight of flights) {
      if (flight.state !== 'sent') continue
      flight.state = 'open'
      this.#open.push(flight)
    }
  }

  #reopenOverdue(nowMs: number): void {
    for (const flight of this.#byTag.values()) {
      const patienceMs = flight.state === 'sent' ? ANSWER_MS : COMMIT_MS
      const isWaiting = flight.state === 'sent' || flight.state === 'acknowledged'
      if (!isWaiting || nowMs - flight.sentAtMs < patienceMs) continue
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
