import { must, type CommitEvent } from '@shardnet/node/core'
import { ClockWatch, type ClockJump } from './analysis/clock-watch.ts'
import { Dispatcher, type RetryPauses } from './dispatcher.ts'
import { FateCounter, type Fate } from './fates.ts'
import { Fleet } from './fleet.ts'
import { flightState, type FlightTable } from './flight-table.ts'
import { generatorReasons } from './generator-limit.ts'
import { ACCOUNT_ROW_BYTES, type LoadNetwork, type Target } from './network.ts'
import type { NonceBook } from './nonces.ts'
import { NOTHING_DUE, type Pace } from './pace.ts'
import type { SignedSupply } from './signed-supply.ts'
import type { OpenStream } from './stream.ts'
import type { Tally } from './tally.ts'

/** A tick's length is the lateness that is accepted for sending in frames. */
const TICK_MS = 2
const SWEEP_MS = 100
const PROGRESS_MS = 250
/** An interrupted run waits no longer than this for fates. */
const INTERRUPTED_DRAIN_MS = 10_000
/** A connection with f + 1 validators of each shard must be there by then. */
const CONNECT_MS = 15_000
const SENDS_PER_TICK_MAX = 8_192

/** How a run stands, for a live view. */
export interface LoadProgress {
  readonly elapsedMs: number
  readonly scheduled: number
  readonly sent: number
  readonly committed: number
  /** Over the last two seconds. */
  readonly committedPerSecond: number
  readonly failed: number
  readonly inFlight: number
  /** Durable at a validator, and in no block yet. */
  readonly acknowledgedInFlight: number
  /** Debited in their shard, the credit in another shard still on its way. */
  readonly receiptsInFlight: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** From the scheduled to the actual sending. */
  readonly latenessP99Ms: number | null
  /** The generator, not the testnet, limits the run so far. */
  readonly isLimited: boolean
  readonly heights: readonly number[]
}

/** What a run is made of. */
export interface LoadRunParts {
  readonly network: LoadNetwork
  readonly targets: readonly Target[]
  readonly openStream: OpenStream
  readonly flight: FlightTable
  readonly nonces: NonceBook
  readonly tally: Tally
  readonly pauses: RetryPauses
  /** Longest wait for fates after the last send. */
  readonly drainMsMax: number
  readonly onProgress: (progress: LoadProgress) => void
  readonly signal: AbortSignal
}

/** What a finished run knows beside its tally. */
export interface LoadRunEnd {
  readonly startedAt: Date
  readonly elapsedMs: number
  /** When the sending stopped. */
  readonly stoppedMs: number
  readonly interrupted: boolean
  readonly heightsFirst: readonly number[]
  readonly heightsLast: readonly number[]
  readonly connectionsLost: number
  readonly contradictions: number
  readonly clockJumps: readonly ClockJump[]
}

/** The host of one run: connections, clock and timer around the pure parts. Connect, sign ahead, then `drive` once. */
export class LoadRun {
  readonly #parts: LoadRunParts
  readonly #fleet: Fleet
  readonly #fates: FateCounter
  readonly #dispatcher: Dispatcher
  readonly #clock = new ClockWatch()
  #startMs = performance.now()
  readonly #leaving = new Int32Array(SENDS_PER_TICK_MAX)
  #isDriving = false
  #heightsFirst: readonly number[] = []
  #progressMs = Number.NEGATIVE_INFINITY
  #recent: { readonly atMs: number; readonly committed: number }[] = []

  constructor(parts: LoadRunParts) {
    this.#parts = parts
    const { network, targets, openStream, flight, tally, pauses } = parts
    this.#fates = new FateCounter(flight, {
      onNonce: (row, spent) => this.#onNonce(row, spent),
      onFate: (row, fate) => this.#onFate(row, fate),
      onTraceless: (row) => this.#dispatcher.retrySoon(row),
    })
    this.#fleet = new Fleet(network, targets, openStream, {
      onBelieved: (event) => this.#onBelieved(event),
      onAnswer: (link, answer) => this.#dispatcher.onAnswer(link, answer),
      onLost: (link) => this.#dispatcher.onLost(link),
    })
    this.#dispatcher = new Dispatcher({
      flight,
      fleet: this.#fleet,
      fates: this.#fates,
      tally,
      validatorsPerShard: network.validatorsPerShard,
      homeOf: (account) => homeOf(network, account),
      pauses,
      nowMs: () => this.#now(),
    })
  }

  async connect(): Promise<void> {
    await this.#fleet.connect(CONNECT_MS, this.#parts.signal)
    this.#heightsFirst = this.#fleet.heights()
  }

  /** Believed height of each shard. */
  heights(): readonly number[] {
    return this.#fleet.heights()
  }

  /** On the run's own clock; zero until the first scheduled moment. */
  get elapsedMs(): number {
    return this.#isDriving ? this.#now() : 0
  }

  close(): void {
    this.#fleet.close()
  }

  /** Sends by the pace, waits for the fates, and says what is lost. `onStopped` is told when the sending has ended. */
  async drive(
    pace: Pace,
    supply: SignedSupply,
    onStopped: () => void = () => undefined,
  ): Promise<LoadRunEnd> {
    const startedAt = new Date()
    this.#startMs = performance.now()
    this.#isDriving = true
    const { signal, flight, drainMsMax } = this.#parts
    await this.#loop(() => {
      this.#send(pace, supply)
      return pace.isOver(this.#now()) || signal.aborted || supply.isExhausted
    })
    const stoppedMs = this.#now()
    onStopped()
    for (const scheduledMs of pace.stop(stoppedMs)) this.#parts.tally.onScheduled(scheduledMs)
    this.#parts.tally.endWindow(stoppedMs)
    const interrupted = signal.aborted
    const drainMs = interrupted ? Math.min(drainMsMax, INTERRUPTED_DRAIN_MS) : drainMsMax
    await this.#loop(() => flight.count === 0 || this.#now() - stoppedMs > drainMs)
    this.#fates.close()
    return {
      startedAt,
      elapsedMs: this.#now(),
      stoppedMs,
      interrupted,
      heightsFirst: this.#heightsFirst,
      heightsLast: this.heights(),
      connectionsLost: this.#fleet.connectionsLost,
      contradictions: this.#fleet.contradictions,
      clockJumps: this.#clock.jumps,
    }
  }

  #now(): number {
    return performance.now() - this.#startMs
  }

  /** Ticks until `step` says that it is over; sweeps now and then. */
  async #loop(step: () => boolean): Promise<void> {
    let sweptMs = Number.NEGATIVE_INFINITY
    for (;;) {
      const tickMs = this.#now()
      const isOver = step()
      if (tickMs - sweptMs >= SWEEP_MS || isOver) {
        this.#sweep()
        sweptMs = tickMs
      }
      this.#fleet.flush()
      if (isOver) return
      await pauseUntil(tickMs + TICK_MS - this.#now())
    }
  }

  #send(pace: Pace, supply: SignedSupply): void {
    const { flight, tally } = this.#parts
    const left = supply.readyCount(SENDS_PER_TICK_MAX)
    let sent = 0
    for (; sent < left && flight.hasRoomFor(supply.nextBytes); sent++) {
      const scheduledMs = pace.take(this.#now())
      if (scheduledMs === NOTHING_DUE) break
      const transaction = must(supply.take(), 'what is ready can be taken')
      tally.onScheduled(scheduledMs)
      const row = flight.add(transaction, scheduledMs)
      this.#leaving[sent] = row
      this.#dispatcher.dispatch(row)
    }
    this.#fleet.flush()
    // They left with the flush and not before: lateness is not flattered.
    const now = this.#now()
    for (let i = 0; i < sent; i++) {
      const row = this.#leaving[i] ?? 0
      tally.onSent(flight.payerShard[row] ?? 0, flight.scheduledMs[row] ?? 0, now)
    }
    supply.fill()
  }

  #sweep(): void {
    const { tally, flight } = this.#parts
    const heights = this.#fleet.heights()
    const now = this.#now()
    this.#clock.look(now, Date.now())
    this.#fleet.tick(now)
    this.#fates.expire(heights)
    this.#dispatcher.resendDue(heights)
    tally.series.gauge(now, flight.count, heights)
    if (now - this.#progressMs < PROGRESS_MS) return
    this.#progressMs = now
    this.#parts.onProgress(this.#progress(now, heights))
  }

  #progress(now: number, heights: readonly number[]): LoadProgress {
    const { tally, flight } = this.#parts
    this.#recent.push({ atMs: now, committed: tally.committed })
    while (this.#recent.length > 1 && now - (this.#recent[0]?.atMs ?? now) > 2_000)
      this.#recent.shift()
    const oldest = this.#recent[0] ?? { atMs: now, committed: 0 }
    const spanMs = now - oldest.atMs
    return {
      elapsedMs: now,
      scheduled: tally.scheduled,
      sent: tally.sent,
      committed: tally.committed,
      committedPerSecond: spanMs > 0 ? ((tally.committed - oldest.committed) * 1_000) / spanMs : 0,
      failed: tally.sent - tally.committed - flight.count,
      inFlight: flight.count,
      acknowledgedInFlight: flight.countWhere(
        (row) => isPending(flight, row) && flight.acknowledged[row] === 1,
      ),
      receiptsInFlight: flight.countWhere((row) => flight.state[row] === flightState.debited),
      p50Ms: tally.latency.percentileMs(50),
      p99Ms: tally.latency.percentileMs(99),
      latenessP99Ms: tally.lateness.percentileMs(99),
      isLimited: generatorReasons(tally).length > 0,
      heights,
    }
  }

  #onBelieved(event: CommitEvent): void {
    this.#fates.onEvent(event)
    const entries =
      event.batches.reduce((sum, batch) => sum + batch.count, 0) +
      event.credits.reduce((sum, credit) => sum + credit.count, 0)
    // A block carries its proposer's clock; behind our own by less than nothing is an offset between two machines.
    const busyMs = Math.max(1, Date.now() - event.timeMs)
    const now = this.#now()
    if (this.#isDriving) this.#parts.tally.slices.block(now, event.shard, entries, busyMs)
  }

  #onNonce(row: number, spent: boolean): void {
    const { flight, nonces } = this.#parts
    const account = flight.account[row] ?? 0
    const nonce = flight.nonce[row] ?? 0
    if (spent) nonces.spend(account, nonce)
    else nonces.giveBack(account, nonce)
  }

  #onFate(row: number, fate: Fate): void {
    const { flight, tally } = this.#parts
    this.#dispatcher.forget(row)
    tally.onFate({
      fate,
      payerShard: flight.payerShard[row] ?? 0,
      crossShard: flight.crossShard[row] === 1,
      scheduledMs: flight.scheduledMs[row] ?? 0,
      nowMs: this.#now(),
    })
  }
}

function isPending(flight: FlightTable, row: number): boolean {
  return flight.state[row] === flightState.pending
}

/** The validator that an account sticks to: its address is a hash already, so four of its bytes spread evenly. */
function homeOf(network: LoadNetwork, account: number): number {
  const at = account * ACCOUNT_ROW_BYTES + 36
  const { accountTable } = network
  const spread =
    ((accountTable[at] ?? 0) << 16) |
    ((accountTable[at + 1] ?? 0) << 8) |
    (accountTable[at + 2] ?? 0)
  return spread % network.validatorsPerShard
}

function pauseUntil(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // Without a pause the sockets are still read: an immediate runs after their callbacks.
  if (ms <= 0) setImmediate(resolve)
  else setTimeout(resolve, ms)
  return promise
}
