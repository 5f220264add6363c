import { must, mustHold } from '../errors.ts'
import type { Hash } from '../primitives/hash.ts'
import type { BlockHeader } from '../wire/block.ts'
import type { Certificate } from '../wire/certificate.ts'
import { faultyMaxOf } from '../wire/committee.ts'
import { MESSAGES_PER_BUNDLE_MAX, type PairState } from '../wire/import-bundle.ts'

/** Destination validators that each sender pushes a bundle to; they pass it on inside their committee. */
const RECEIVERS_PER_SENDER = 2
/** The part of the window after which the other side is told what we took, though nothing else goes there. */
const WINDOW_PARTS = 8

/** Who we are, and the pace. Times in milliseconds. */
export interface RelayParameters {
  readonly shard: number
  readonly validator: number
  /** Validators per shard, by shard. */
  readonly committeeSizes: readonly number[]
  readonly outboxWindow: number
  /** Wait for an acknowledgement before the next senders send again; doubles up to the maximum. */
  readonly resendFirstMs: number
  readonly resendMaxMs: number
  /** Longest time before the other side is told what we took. */
  readonly acknowledgeMs: number
}

/** A bundle to make (`ledger.bundleRange(exposedHeight, destination, first, countMax)`) and to push to those validators. */
export interface RelayOrder {
  readonly destination: number
  readonly validators: readonly number[]
  readonly exposedHeight: number
  readonly first: number
  /** 0 makes a bundle that only acknowledges. */
  readonly countMax: number
  readonly header: BlockHeader
  readonly certificate: Certificate
}

/** A block of ours with its own commit certificate, and what our ledger says about the height that its header exposes. */
export interface RelayCommit {
  readonly header: BlockHeader
  readonly hash: Hash
  readonly certificate: Certificate
  /** `ledger.pairsAt(header.executed.height)`; null when we have not executed that far, and others must relay. */
  readonly pairs: readonly (PairState | null)[] | null
  readonly nowMs: number
}

/** What we know of one destination. Sequence numbers are of the outbox to it; `told` is of the other direction. */
interface Route {
  readonly destination: number
  acknowledged: number
  /** Everything below was sent once by those whose turn it was. */
  sent: number
  attempt: number
  timeoutMs: number
  deadlineMs: number
  told: number
  toldMs: number
  repeatedMs: number
}

interface Exposed {
  readonly header: BlockHeader
  readonly certificate: Certificate
  readonly pairs: readonly (PairState | null)[]
}

/**
 * Decides which bundles this validator pushes to other shards. Every validator of the shard runs the same rule: each bundle
 * is pushed by f + 1 of them, chosen by turns, so that one honest one is among them and the others stay quiet; without an
 * acknowledgement the next f + 1 send again from the acknowledged message on. Nothing is trusted and nothing is promised here:
 * the destination checks bundles, and orders each message once.
 */
export class Relay {
  readonly #parameters: RelayParameters
  readonly #size: number
  readonly #routes: readonly Route[]
  #exposed: Exposed | null = null
  #nowMs = 0

  constructor(parameters: RelayParameters) {
    const { shard, committeeSizes, resendFirstMs } = parameters
    this.#parameters = parameters
    this.#size = must(committeeSizes[shard], 'size of the own committee')
    mustHold(parameters.validator < this.#size, 'validator is of the committee')
    const destinations = committeeSizes.keys().filter((destination) => destination !== shard)
    const fresh = {
      acknowledged: 0,
      sent: 0,
      attempt: 0,
      timeoutMs: resendFirstMs,
      deadlineMs: 0,
      told: 0,
      toldMs: 0,
      repeatedMs: 0,
    }
    this.#routes = Array.from(destinations, (destination) => ({ destination, ...fresh }))
  }

  /** A block of ours is committed with its own certificate: what its header exposes can be proved from now on. */
  onCommitted(commit: RelayCommit): RelayOrder[] {
    const { header, certificate, pairs, nowMs } = commit
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    if (pairs === null || header.executed.height <= (this.#exposed?.header.executed.height ?? 0))
      return []
    this.#exposed = { header, certificate, pairs }
    return this.#routes.flatMap((route) => this.#sendNew(route))
  }

  /** The destination took our messages below `inNext`, as our own chain has executed. */
  onAcknowledged(destination: number, inNext: number): void {
    const route = this.#routes.find((each) => each.destination === destination)
    if (route === undefined || inNext <= route.acknowledged) return
    route.acknowledged = inNext
    route.sent = Math.max(route.sent, inNext)
    this.#restartTimer(route)
  }

  /**
   * The source pushed again to us what we took long ago, so it missed what we told. Its bundle says how much it took from us
   * (`pair.inNext`, a mere hint here), so the answer starts where it can be taken at once: two sides that both lost something
   * would else wait for each other for ever. Only who got the repetition knows of it, so it answers alone, whoever's turn it is,
   * at most once per `acknowledgeMs`.
   */
  onRepeated(source: number, nowMs: number, inNext = 0): RelayOrder[] {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    const route = this.#routes.find((each) => each.destination === source)
    const pair = route === undefined ? null : this.#pairOf(route)
    if (route === undefined || pair === null) return []
    if (this.#nowMs < route.repeatedMs + this.#parameters.acknowledgeMs) return []
    route.repeatedMs = this.#nowMs
    const from = Math.max(route.acknowledged, Math.min(inNext, pair.outSequence))
    const { validator } = this.#parameters
    return from < pair.outSequence
      ? this.#bundlesFrom(route, from, validator)
      : [this.#orderTo(route, from, 0, validator)]
  }

  /** Time passed. */
  onTick(nowMs: number): RelayOrder[] {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    return this.#routes.flatMap((route) => [...this.#resend(route), ...this.#acknowledge(route)])
  }

  #pairOf(route: Route): PairState | null {
    return this.#exposed?.pairs[route.destination] ?? null
  }

  #sendNew(route: Route): RelayOrder[] {
    const pair = this.#pairOf(route)
    if (pair === null) return []
    if (pair.outSequence <= route.sent) return this.#acknowledge(route)
    if (route.sent === route.acknowledged) this.#restartTimer(route)
    const from = route.sent
    route.sent = pair.outSequence
    return this.#sendFrom(route, pair, from)
  }

  #resend(route: Route): RelayOrder[] {
    const pair = this.#pairOf(route)
    if (pair === null || route.sent === route.acknowledged || this.#nowMs < route.deadlineMs)
      return []
    route.attempt += 1
    route.timeoutMs = Math.min(route.timeoutMs * 2, this.#parameters.resendMaxMs)
    route.deadlineMs = this.#nowMs + route.timeoutMs
    return this.#sendFrom(route, pair, route.acknowledged)
  }

  /** A bundle without messages, when the other side should know more about what we took. It starts behind all that was sent. */
  #acknowledge(route: Route): RelayOrder[] {
    const pair = this.#pairOf(route)
    if (pair === null || pair.inNext <= route.told) return []
    const isMuch = pair.inNext - route.told >= this.#parameters.outboxWindow / WINDOW_PARTS
    if (!isMuch && this.#nowMs < route.toldMs + this.#parameters.acknowledgeMs) return []
    this.#noteTold(route, pair)
    const place = this.#placeAt(route, pair.inNext)
    return place === null ? [] : [this.#orderTo(route, route.sent, 0, place)]
  }

  /** All that is exposed from `from` on, in bundles of the largest size; nothing when it is not our turn. */
  #sendFrom(route: Route, pair: PairState, from: number): RelayOrder[] {
    this.#noteTold(route, pair)
    const place = this.#placeAt(route, from)
    return place === null ? [] : this.#bundlesFrom(route, from, place)
  }

  #bundlesFrom(route: Route, from: number, place: number): RelayOrder[] {
    const end = this.#pairOf(route)?.outSequence ?? 0
    const orders: RelayOrder[] = []
    for (let first = from; first < end; first += MESSAGES_PER_BUNDLE_MAX) {
      orders.push(this.#orderTo(route, first, MESSAGES_PER_BUNDLE_MAX, place))
    }
    return orders
  }

  /**
   * Our place among the f + 1 senders, or null. The turn goes by message number, not by the header's height: validators see
   * certificates of different blocks, but agree on where the unsent messages start.
   */
  #placeAt(route: Route, sequence: number): number | null {
    const senders = faultyMaxOf(this.#size) + 1
    const turn = (sequence + route.destination + route.attempt * senders) % this.#size
    const place = (this.#parameters.validator - turn + this.#size) % this.#size
    return place < senders ? place : null
  }

  #orderTo(route: Route, first: number, countMax: number, place: number): RelayOrder {
    const { header, certificate } = must(this.#exposed, 'something is exposed')
    const { destination } = route
    const size = must(this.#parameters.committeeSizes[destination], 'size of a committee')
    const start = first + route.attempt + place * RECEIVERS_PER_SENDER
    const count = Math.min(RECEIVERS_PER_SENDER, size)
    const validators = Array.from({ length: count }, (_, i) => (start + i) % size)
    return {
      destination,
      validators,
      exposedHeight: header.executed.height,
      first,
      countMax,
      header,
      certificate,
    }
  }

  #noteTold(route: Route, pair: PairState): void {
    route.told = Math.max(route.told, pair.inNext)
    route.toldMs = this.#nowMs
  }

  #restartTimer(route: Route): void {
    route.attempt = 0
    route.timeoutMs = this.#parameters.resendFirstMs
    route.deadlineMs = this.#nowMs + route.timeoutMs
  }
}
