import {
  mustHold,
  resultCode,
  resultNameOf,
  type CommitEvent,
  type ResultName,
} from '@shardnet/node/core'
import { flightState, NO_ROW, type FlightTable } from './flight-table.ts'

/** How a transaction ended. `refused`: f + 1 validators would not take it, with their code. */
export type Fate =
  | { readonly kind: 'committed' }
  | { readonly kind: 'failed'; readonly code: ResultName }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'lost' }

/** What the counter tells as fates become known; rows are still filled in when it calls. */
export interface FateListener {
  /** The payer's shard is done with it: its nonce is used up, or free again. */
  onNonce(row: number, spent: boolean): void
  onFate(row: number, fate: Fate): void
  /** A block ordered it with a result that left no trace and that may change: worth sending again. */
  onTraceless(row: number): void
}

const COMMITTED: Fate = { kind: 'committed' }
const EXPIRED: Fate = { kind: 'expired' }
const LOST: Fate = { kind: 'lost' }

/**
 * Gives every transaction in flight exactly one fate, from believed events alone:
 * *committed* when its debit and all of its credits were reported, *failed* when a block ordered it with another result,
 * *expired* when the believed blocks passed validUntil without it, *lost* when none of these came in time.
 */
export class FateCounter {
  readonly #flight: FlightTable
  readonly #listener: FateListener

  constructor(flight: FlightTable, listener: FateListener) {
    this.#flight = flight
    this.#listener = listener
  }

  /** A believed block. Tags that are not in flight (a duplicate, somebody else's) are passed over. */
  onEvent(event: CommitEvent): void {
    for (const batch of event.batches) {
      const tags = viewOf(batch.tags)
      for (let i = 0; i < batch.count; i++) {
        const row = this.#rowAt(tags, i)
        if (row !== NO_ROW) this.#onResult(row, event, batch.results[i] ?? 0)
      }
    }
    for (const credit of event.credits) {
      const tags = viewOf(credit.tags)
      for (let i = 0; i < credit.count; i++) {
        const row = this.#rowAt(tags, i)
        if (row !== NO_ROW) this.#onCredit(row, event, credit.source)
      }
    }
  }

  /** Ends what can no longer execute. `heights` are the believed heights by shard, gapless up to there. */
  expire(heights: readonly number[]): void {
    for (let row = 0; row < this.#flight.rowsUsed; row++) {
      if (this.#flight.state[row] !== flightState.pending) continue
      const height = heights[this.#flight.payerShard[row] ?? 0] ?? 0
      if (height > (this.#flight.validUntil[row] ?? 0)) this.#endWithoutTrace(row, EXPIRED)
    }
  }

  /** f + 1 validators refused it for a reason that stays. */
  refuse(row: number, code: string): void {
    if (this.#flight.state[row] !== flightState.pending) return
    this.#listener.onNonce(row, false)
    this.#end(row, { kind: 'refused', code })
  }

  /** The run is over: what has no fate is lost. */
  close(): void {
    for (let row = 0; row < this.#flight.rowsUsed; row++) {
      if (this.#flight.state[row] === flightState.pending) this.#endWithoutTrace(row, LOST)
      else if (this.#flight.state[row] === flightState.debited) this.#end(row, LOST)
    }
  }

  #rowAt(tags: DataView, index: number): number {
    return this.#flight.find(tags.getUint32(index * 8), tags.getUint32(index * 8 + 4))
  }

  #onResult(row: number, event: CommitEvent, code: number): void {
    const isOurs =
      this.#flight.payerShard[row] === event.shard &&
      this.#flight.state[row] === flightState.pending
    if (!isOurs) return
    switch (code) {
      case resultCode.ok:
        this.#flight.state[row] = flightState.debited
        this.#listener.onNonce(row, true)
        if (this.#flight.creditsLeft[row] === 0) this.#end(row, COMMITTED)
        return
      case resultCode.ahead:
      case resultCode.unknown:
        // These left no trace, so a later block may execute the same bytes: no fate yet.
        this.#flight.tracelessResult[row] = 1 + code
        this.#listener.onTraceless(row)
        return
      case resultCode.expired:
        this.#listener.onNonce(row, false)
        this.#end(row, { kind: 'failed', code: 'EXPIRED' })
        return
      default:
        // From here on the nonce is used up, by this transaction or (stale) by an earlier one.
        this.#listener.onNonce(row, true)
        this.#end(row, { kind: 'failed', code: resultNameOf(code) })
    }
  }

  #onCredit(row: number, event: CommitEvent, source: number): void {
    const left = this.#flight.creditsLeft[row] ?? 0
    if (this.#flight.payerShard[row] !== source || source === event.shard || left === 0) return
    this.#flight.creditsLeft[row] = left - 1
    if (left === 1 && this.#flight.state[row] === flightState.debited) this.#end(row, COMMITTED)
  }

  #endWithoutTrace(row: number, fate: Fate): void {
    const traceless = this.#flight.tracelessResult[row] ?? 0
    this.#listener.onNonce(row, false)
    this.#end(row, traceless === 0 ? fate : { kind: 'failed', code: resultNameOf(traceless - 1) })
  }

  #end(row: number, fate: Fate): void {
    mustHold(this.#flight.state[row] !== flightState.free, 'a transaction has one fate')
    this.#listener.onFate(row, fate)
    this.#flight.remove(row)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
