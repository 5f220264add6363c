import type { Connection, Stream } from '@libp2p/interface'
import { setTimeout as planTimeout, clearTimeout } from 'node:timers'
import { Backoff } from './backoff.ts'
import { describeError } from './network-error.ts'
import type { Member } from './committee-directory.ts'
import { OutboundChannel } from './outbound-channel.ts'
import { PURPOSES, protocolOf, purposeRules, type Purpose } from './purpose.ts'
import type { Traffic } from './traffic.ts'

const BACKOFF = { firstMs: 50, maxMs: 3000, settledMs: 2000 }
/** A lower seat dials at once and a higher one gives it this long, so that a pair rarely ends up with two connections. */
const YIELD_MS = 500
const STREAM_OPEN_MS = 10_000
/** An honest peer dials only when it holds no connection, so one older than its dial by this much is dead. */
const CROSSED_DIALS_MS = 5000

/** How the link reaches its peer. */
export interface PeerLinkContext {
  readonly member: Member
  readonly traffic: Traffic
  /** Connect without being asked, and keep all streams open. */
  readonly isEager: boolean
  /** We are the one who dials first. */
  readonly dialsFirst: boolean
  /** Null while the address book has no entry. */
  readonly dial: (signal: AbortSignal) => Promise<Connection> | null
}

/** Where a link stands, for people. */
export interface LinkStatus {
  readonly isConnected: boolean
  readonly direction: 'inbound' | 'outbound' | null
  readonly queuedBytes: number
  readonly lastError: string | null
}

/** Keeps one peer reachable: a connection in either direction, and one outbound stream per purpose on it. Tries for ever. */
export class PeerLink {
  readonly #context: PeerLinkContext
  readonly #backoff = new Backoff(BACKOFF)
  readonly #channels: ReadonlyMap<Purpose, OutboundChannel>
  #connections: Connection[] = []
  #isRunning = false
  #isBusy = false
  #dialing: AbortController | null = null
  #timer: NodeJS.Timeout | null = null
  #lastError: string | null = null
  /** Purposes whose stream could not be opened since the last pause: the others get their turn first. */
  readonly #failed = new Set<Purpose>()

  constructor(context: PeerLinkContext) {
    this.#context = context
    this.#channels = new Map(PURPOSES.map((purpose) => [purpose, this.#createChannel(purpose)]))
  }

  get status(): LinkStatus {
    const connection = this.#connection()
    let queuedBytes = 0
    for (const channel of this.#channels.values()) queuedBytes += channel.queuedBytes
    return {
      isConnected: connection !== null,
      direction: connection?.direction ?? null,
      queuedBytes,
      lastError: this.#lastError,
    }
  }

  start(): void {
    this.#isRunning = true
    if (!this.#context.isEager) return
    if (this.#context.dialsFirst) this.#advance()
    else this.#planAdvance(YIELD_MS)
  }

  stop(): void {
    this.#isRunning = false
    this.#dialing?.abort()
    this.#cancelTimer()
    for (const channel of this.#channels.values()) channel.close(new Error('the network stops'))
    for (const connection of this.#connections) connection.abort(new Error('the network stops'))
    this.#connections = []
  }

  send(purpose: Purpose, frame: Uint8Array): boolean {
    return this.#channels.get(purpose)?.send(frame) ?? false
  }

  /** The address book changed: a pause for the old address is pointless. */
  retryNow(): void {
    this.#cancelTimer()
    this.#advance()
  }

  onConnectionOpen(connection: Connection): void {
    if (!this.#isRunning) return
    const openedAtMs = connection.timeline.open
    for (const older of this.#connections) {
      const isDead =
        connection.direction === 'inbound' && openedAtMs - older.timeline.open > CROSSED_DIALS_MS
      const isSecondOfItsKind = older.direction === connection.direction
      if (isDead || isSecondOfItsKind) older.abort(new Error('the peer connected anew'))
    }
    this.#connections.push(connection)
    // The peer came to us while we were still trying an address of it.
    if (connection.direction === 'inbound') this.#dialing?.abort()
    this.#cancelTimer()
    this.#advance()
  }

  onConnectionClose(connection: Connection): void {
    this.#connections = this.#connections.filter((other) => other !== connection)
    if (this.#isRunning && this.#connections.length === 0) this.#planAdvance()
  }

  #createChannel(purpose: Purpose): OutboundChannel {
    return new OutboundChannel({
      purpose,
      rules: purposeRules[purpose],
      traffic: this.#context.traffic[purpose],
      onStreamWanted: () => this.#advance(),
      // After a pause: a peer that resets every stream must not keep us busy with new ones.
      onStreamClosed: () => this.#planAdvance(),
    })
  }

  /** Does the next thing that is missing, one at a time: a connection, then each wanted stream. */
  #advance(): void {
    if (!this.#isRunning || this.#isBusy || this.#timer !== null) return
    const connection = this.#connection()
    const wanted = this.#wantedChannel()
    if (wanted === null) {
      if (this.#failed.size > 0) this.#planAdvance()
      return
    }
    const work = connection === null ? this.#connect() : this.#openStream(connection, wanted)
    if (work === null) return
    this.#isBusy = true
    work.then(
      () => this.#onAdvanced(null),
      (error: unknown) => this.#onAdvanced(error),
    )
  }

  #onAdvanced(error: unknown): void {
    this.#isBusy = false
    if (error === null) {
      this.#advance()
      return
    }
    this.#lastError = describeError(error)
    if (this.#connection() === null) this.#planAdvance()
    else this.#advance()
  }

  async #openStream(connection: Connection, channel: OutboundChannel): Promise<void> {
    this.#failed.add(channel.purpose)
    const signal = AbortSignal.timeout(STREAM_OPEN_MS)
    const stream: Stream = await connection.newStream(protocolOf(channel.purpose), { signal })
    if (!this.#isRunning || stream.status !== 'open') {
      stream.abort(new Error('too late'))
      throw new Error('the stream closed while it was opened')
    }
    this.#failed.delete(channel.purpose)
    this.#backoff.succeeded(Date.now())
    this.#lastError = null
    channel.attach(stream)
  }

  #connect(): Promise<void> | null {
    this.#dialing = new AbortController()
    const dialing = this.#context.dial(this.#dialing.signal)
    if (dialing === null) this.#lastError = 'no address known'
    return dialing === null ? null : this.#adopt(dialing)
  }

  async #adopt(dialing: Promise<Connection>): Promise<void> {
    const connection = await dialing
    if (!this.#connections.includes(connection)) this.onConnectionOpen(connection)
  }

  #connection(): Connection | null {
    return this.#connections.findLast((connection) => connection.status === 'open') ?? null
  }

  #wantedChannel(): OutboundChannel | null {
    for (const channel of this.#channels.values()) {
      const isWanted = this.#context.isEager || channel.queuedBytes > 0
      if (isWanted && !channel.hasStream && !this.#failed.has(channel.purpose)) return channel
    }
    return null
  }

  #planAdvance(extraMs = 0): void {
    if (!this.#isRunning || this.#timer !== null) return
    const yieldMs = this.#context.dialsFirst ? 0 : YIELD_MS
    const delayMs =
      extraMs > 0 ? extraMs : yieldMs + this.#backoff.nextDelayMs(Date.now(), Math.random())
    this.#timer = planTimeout(() => {
      this.#timer = null
      this.#failed.clear()
      this.#advance()
    }, delayMs)
  }

  #cancelTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#failed.clear()
  }
}
