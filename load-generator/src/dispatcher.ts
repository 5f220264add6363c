import { refusalNameOf, type RefusalName } from '@shardnet/node/client'
import { faultyMaxOf } from '@shardnet/node/core'
import type { FateCounter } from './fates.ts'
import type { DoorAnswer, Fleet } from './fleet.ts'
import { flightState, NO_ROW, type FlightTable } from './flight-table.ts'
import type { Tally } from './tally.ts'
import type { ValidatorLink } from './validator-link.ts'

/** Pauses before the same bytes are sent again, in milliseconds. */
export interface RetryPauses {
  /** No answer at all. */
  readonly unansweredMs: number
  /** Durable at a validator, in no block yet. */
  readonly acknowledgedMs: number
  /** The validator that had it went away. */
  readonly lostMs: number
  /** Refused for a reason that passes. */
  readonly refusedMs: number
}

export const DEFAULT_PAUSES: RetryPauses = {
  unansweredMs: 3_000,
  acknowledgedMs: 8_000,
  lostMs: 300,
  refusedMs: 250,
}

/** Refusals that the bytes alone deserve: they stay, so another validator is asked only to confirm them. */
const LASTING: ReadonlySet<RefusalName> = new Set([
  'MALFORMED',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_KIND',
  'WRONG_NETWORK',
  'WRONG_SHARD',
  'TOO_LARGE',
  'BAD_AMOUNT',
  'BAD_SIGNATURE',
] satisfies RefusalName[])

/** Part of a pause by which clients that were told the same spread out. */
const BUSY_SPREAD = 0.25

/** What the dispatcher works on. */
export interface DispatchParts {
  readonly flight: FlightTable
  readonly fleet: Fleet
  readonly fates: FateCounter
  readonly tally: Tally
  readonly validatorsPerShard: number
  /** Number of the validator that an account is at home at. */
  readonly homeOf: (account: number) => number
  readonly pauses: RetryPauses
  readonly nowMs: () => number
}

/**
 * Brings transactions to validators: first to the account's home, and without a fate the same bytes to the next one.
 * One refusal is one validator's word: only f + 1 equal ones end a transaction.
 */
export class Dispatcher {
  readonly #parts: DispatchParts
  readonly #lastingRefusals = new Map<number, Set<number>>()

  constructor(parts: DispatchParts) {
    this.#parts = parts
  }

  /** Queues a transaction for the validator whose turn it is; it leaves with the next flush. */
  dispatch(row: number): void {
    const { flight, fleet, tally, pauses, validatorsPerShard, homeOf, nowMs } = this.#parts
    const turn = flight.turn[row] ?? 0
    const preferred = (homeOf(flight.account[row] ?? 0) + turn) % validatorsPerShard
    const link = fleet.linkFor(flight.payerShard[row] ?? 0, preferred)
    if (link === null) {
      flight.retryMs[row] = nowMs() + pauses.lostMs
      return
    }
    flight.validator[row] = link.target.validator
    flight.sends[row] = (flight.sends[row] ?? 0) + 1
    flight.turn[row] = (turn + 1) % validatorsPerShard
    flight.retryMs[row] = nowMs() + pauses.unansweredMs
    const bytes = flight.bytesOf(row)
    tally.clientBytes += bytes.length
    link.enqueue(row, flight.generation[row] ?? 0, bytes)
  }

  /** Sends again what is due. */
  resendDue(heights: readonly number[]): void {
    const { flight, tally, nowMs } = this.#parts
    const now = nowMs()
    for (let row = 0; row < flight.rowsUsed; row++) {
      if (flight.state[row] !== flightState.pending || (flight.retryMs[row] ?? 0) > now) continue
      // Past its validity nobody takes it: the blocks will tell its fate.
      if ((heights[flight.payerShard[row] ?? 0] ?? 0) >= (flight.validUntil[row] ?? 0)) continue
      if ((flight.sends[row] ?? 0) > 0) tally.resent += 1
      this.dispatch(row)
    }
  }

  /** A block ordered it too early: worth another try soon. */
  retrySoon(row: number): void {
    this.#parts.flight.retryMs[row] = this.#parts.nowMs() + this.#parts.pauses.refusedMs
  }

  /** The row has its fate and will be reused. */
  forget(row: number): void {
    this.#lastingRefusals.delete(row)
  }

  /** A validator went away: what it had and no block ordered is sent elsewhere. */
  onLost(link: ValidatorLink): void {
    const { flight, pauses, nowMs } = this.#parts
    const soon = nowMs() + pauses.lostMs
    for (let row = 0; row < flight.rowsUsed; row++) {
      const isThere =
        flight.state[row] === flightState.pending &&
        flight.payerShard[row] === link.target.shard &&
        flight.validator[row] === link.target.validator
      if (isThere) flight.retryMs[row] = Math.min(flight.retryMs[row] ?? 0, soon)
    }
  }

  onAnswer(link: ValidatorLink, answer: DoorAnswer): void {
    switch (answer.kind) {
      case 'acknowledged':
        for (const range of answer.ranges)
          this.#eachRow(link, range, (row) => this.#onAcknowledged(row))
        return
      case 'busy':
        this.#parts.tally.busy += answer.count
        return this.#eachRow(link, answer, (row) => this.#onBusy(row, answer.retryAfterMs))
      case 'refused':
        for (const { reference, code } of answer.refusals) {
          const name = refusalNameOf(code) ?? 'MALFORMED'
          this.#parts.tally.onRefusal(name)
          this.#eachRow(link, { firstReference: reference, count: 1 }, (row) =>
            this.#onRefused(link, row, name),
          )
        }
    }
  }

  #onAcknowledged(row: number): void {
    const { flight, tally, pauses, nowMs } = this.#parts
    flight.retryMs[row] = nowMs() + pauses.acknowledgedMs
    if (flight.acknowledged[row] === 1) return
    flight.acknowledged[row] = 1
    tally.acknowledged += 1
  }

  /** The same validator again, not before it says so: its door knows how many it turned away and when their turn is. */
  #onBusy(row: number, retryAfterMs: number): void {
    const { flight, validatorsPerShard, nowMs } = this.#parts
    flight.turn[row] = ((flight.turn[row] ?? 0) + validatorsPerShard - 1) % validatorsPerShard
    const spread = 1 + (BUSY_SPREAD * ((row * 2_654_435_761) % 4_096)) / 4_096
    flight.retryMs[row] = nowMs() + retryAfterMs * spread
  }

  #onRefused(link: ValidatorLink, row: number, name: RefusalName): void {
    const { flight, fates, tally, pauses, validatorsPerShard, nowMs } = this.#parts
    if (LASTING.has(name)) {
      const refusers = this.#lastingRefusals.get(row) ?? new Set<number>()
      refusers.add(link.target.validator)
      this.#lastingRefusals.set(row, refusers)
      if (refusers.size > faultyMaxOf(validatorsPerShard)) return fates.refuse(row, name)
      flight.retryMs[row] = nowMs()
      return
    }
    if (name === 'OUTBOX_FULL') tally.busy += 1
    const isElsewhere = name === 'NONCE_TAKEN' || name === 'NONCE_USED'
    flight.retryMs[row] = nowMs() + (isElsewhere ? pauses.unansweredMs : pauses.refusedMs)
  }

  /** Rows of references that still belong to the transaction they were given to. */
  #eachRow(
    link: ValidatorLink,
    range: { readonly firstReference: number; readonly count: number },
    visit: (row: number) => void,
  ): void {
    const { flight } = this.#parts
    // No honest answer covers more than is in flight.
    const count = Math.min(range.count, flight.capacity)
    for (let i = 0; i < count; i++) {
      const row = link.rowOf((range.firstReference + i) >>> 0, flight.generation)
      if (row !== NO_ROW && flight.state[row] === flightState.pending) visit(row)
    }
  }
}
